"""Windows of runs, fitted formulas and what is said of larger networks."""

import numpy as np
import pytest

from benchmarks import figures
from benchmarks.extrapolation import bottlenecks, large_run
from benchmarks.plan import BenchmarkPlan, layouts
from benchmarks.scaling import fit, fit_model, start, steady_cost, windows


def test_windows_leave_the_first_block_out_and_split_at_the_odor(measured):
    row, plan = measured["scaling"][0], measured["plan"]
    row["marks_s"], row["block_spikes"] = [9.0, 9.1, 9.3, 9.6], {"E": [7, 10, 20, 40]}
    found = windows(row, plan)
    assert found["baseline"].seconds_per_second == pytest.approx(0.2)
    assert found["odor"].seconds_per_second == pytest.approx(0.5)
    assert (found["baseline"].spikes, found["odor"].spikes) == ({"E": 20.0}, {"E": 60.0})
    assert steady_cost(row, plan) == pytest.approx(0.4)


def test_what_is_done_once_is_not_in_the_cost(measured):
    row, plan = measured["scaling"][0], measured["plan"]
    row["marks_s"], row["simulate_s"] = [9.0, 9.1, 9.3, 9.6], 2.0
    assert start(row, plan) == pytest.approx(2.0 - 0.4 * 2)


def test_missing_lines_of_progress_are_an_error(measured):
    row = measured["scaling"][0]
    row["marks_s"] = row["marks_s"][1:]
    with pytest.raises(ValueError, match="found 3"):
        windows(row, measured["plan"])


def test_fit_finds_the_coefficients_of_an_exact_law():
    rng = np.random.default_rng(1)
    terms = {
        "large": rng.uniform(1e9, 1e11, 30),
        "small": rng.uniform(1, 3, 30),
        "none": rng.uniform(0, 1, 30),
    }
    found = fit(terms, 3e-9 * terms["large"] + 2 * terms["small"])
    assert found.coefficients == pytest.approx({"large": 3e-9, "small": 2.0, "none": 0.0}, abs=1e-12)
    assert found.worst == pytest.approx(0, abs=1e-9)
    assert found(large=1e9, small=1.0) == pytest.approx(5.0)


def test_fit_says_how_far_it_is_off():
    found = fit({"constant": [1, 1, 1, 1]}, [1, 1, 1, 2])
    value = found.coefficients["constant"]
    assert found.worst == pytest.approx(max(abs(value - 1), abs(value / 2 - 1)))
    assert 0 < found.typical < found.worst


def test_the_formulas_are_recovered_from_the_series(measured):
    model = fit_model(measured)
    simulate = {"neurons": 2e-5, "events": 1e-8, "spikes": 0.0, "constant": 0.01}
    assert model.simulate.coefficients == pytest.approx(simulate, rel=1e-6, abs=1e-9)
    memory = {"synapses": 80.0, "neurons": 300.0, "constant": 100e6}
    assert model.memory.coefficients == pytest.approx(memory, rel=1e-6)
    assert model.connect.coefficients["synapses"] == pytest.approx(4e-7)
    assert model.load(synapses=1e6, own_synapses=5e5) == pytest.approx(0.01, rel=0.01)


def test_lines_of_progress_that_came_at_once_are_no_measurement(measured):
    n_before = fit_model(measured).simulate.n
    row = measured["scaling"][0]
    row["marks_s"] = [*row["marks_s"][:-2], row["marks_s"][-1], row["marks_s"][-1]]
    row["marks_s"][1] = row["marks_s"][2]
    found = fit_model(measured).simulate
    assert found.n == n_before - 1
    assert all(np.isfinite(list(found.coefficients.values())))


def test_ten_million_neurons_follow_the_formulas(measured):
    large = large_run(measured, fit_model(measured))
    synapses = 1_350_000 * 2000
    arrivals = 8000 * 2000 * 240
    by_ranks = {line.ranks: line for line in large["layouts"]}
    assert large["load"].synapses == pytest.approx(synapses)
    memory = (100e6 + 300 * 1e7 + 80 * synapses / 64) / 2**30
    assert by_ranks[64].memory == pytest.approx(memory, rel=1e-4)
    assert by_ranks[64].total_memory == pytest.approx(64 * memory, rel=1e-4)
    assert by_ranks[16].simulate == pytest.approx((2e-5 * 1e7 + 1e-8 * arrivals) / 16 + 0.01, rel=1e-4)


def test_bottlenecks_come_in_the_order_in_which_they_are_met(measured):
    found = bottlenecks(measured, fit_model(measured))
    sizes = [b.neurons for b in found]
    assert sizes == sorted(sizes)
    nodes = next(b for b in found if b.per_neuron == pytest.approx(300))
    assert nodes.neurons == pytest.approx(4 * 2**30 / 300)


def test_efficiency_strong_and_weak(measured):
    """Strong: T(k, 1) / (2 T(k, 2)); weak: T(k, 1) / T(2k, 2)."""

    def cost(scale, cores):
        arrivals = 240 * (2000 * 0.5 + 8000) / 1.5 * scale
        return (2e-5 * 5000 * scale + 1e-8 * arrivals) / cores + 0.01

    strong = figures.efficiency(measured, 1, 2, weak=False)
    weak = figures.efficiency(measured, 1, 2, weak=True)
    assert strong == pytest.approx({k: cost(k, 1) / (2 * cost(k, 2)) for k in (1, 2, 20)})
    assert weak == pytest.approx({1: cost(1, 1) / cost(2, 2)})
    assert weak[1] == pytest.approx(1)


def test_layouts_fill_powers_of_two():
    assert layouts(1) == [(1, 1)]
    assert layouts(5) == [(1, 1), (1, 2), (2, 1), (1, 4), (2, 2), (4, 1)]


def test_a_single_processor_runs_no_case_that_needs_two():
    plan = BenchmarkPlan(1.0, 1.0, 1.0, 1, (1,), (1,))
    assert all(case.cores == 1 for case in plan.contest(1))
    assert {(case.ranks, case.threads) for case in plan.contest(2)} == {(1, 1), (1, 2), (2, 1)}
