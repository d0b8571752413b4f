"""Ratios are taken within rounds, and a verdict is what the measurement deserves."""

import pytest

from benchmarks import results
from benchmarks.rows import REQUIREMENTS, Requirement, judge
from eiassembly.model.simulation.stock_cost import SLOWDOWN, cost_of_stock_neurons


def requirement(must, aim, strict=False):
    return Requirement("key", "title", "s", must, aim, lambda found: [], strict)


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.9, "aim"), (1.0, "aim"), (1.01, "must"), (1.4, "must"), (1.41, "missed")]
)
def test_upper_bounds_hold_at_the_bound(value, verdict):
    assert requirement(1.4, 1.0).verdict(value) == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [(41, "aim"), (40, "aim"), (39.9, "must"), (18, "must"), (17.9, "missed")]
)
def test_lower_bounds_hold_at_the_bound(value, verdict):
    assert requirement(18, 40).verdict(value) == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.29, "aim"), (0.3, "must"), (0.99, "must"), (1.0, "missed")]
)
def test_strict_bounds_do_not_hold_at_the_bound(value, verdict):
    assert requirement(1, 0.3, strict=True).verdict(value) == verdict


def test_the_sign_is_that_of_the_requirement():
    signs = [requirement(*bounds).sign for bounds in ((1, 0.5), (1, 2), (1, 0.5, True), (1, 2, True))]
    assert signs == ["≤", "≥", "<", ">"]


def test_a_slow_round_changes_no_ratio(measured):
    """One round is three times slower, for all simulators alike."""
    of_round = [
        results.cost(row) for row in results.select(measured["contest"], contestant="loop", delay=1.0)
    ]
    assert max(of_round) == pytest.approx(3 * min(of_round))
    ratio = next(r for r in judge(measured) if r.requirement.key == "sliced-loop").summary
    assert (ratio.low, ratio.high, ratio.n) == (pytest.approx(1.25), pytest.approx(1.25), 3)


def test_ratios_skip_rounds_in_which_one_side_is_missing(measured):
    rows = [r for r in measured["contest"] if (r["contestant"], r["round"]) != ("brian2", 1)]
    over, under = {"contestant": "ours", "delay": 0.1}, {"contestant": "brian2", "delay": 0.1}
    assert results.ratios(rows, over, under) == pytest.approx([2.0, 2.0])


def test_every_row_of_the_table_is_measured_and_judged(measured):
    judged = {row.requirement.key: row for row in judge(measured)}
    values = {key: row.summary.median for key, row in judged.items()}
    bytes_per_synapse = 80 + (100e6 + 300 * 100_000) / 27e6
    assert values == pytest.approx(
        {
            "stock": 40.0,
            "exact-loop": 4.0,
            "sliced-loop": 1.25,
            "brian2": 0.8,
            "threads": 0.1 / 0.055,
            "ranks": 2.0,
            "wiring": 0.4,
            "connecting": 1.0,
            "memory": bytes_per_synapse,
            "cost-per-neuron": values["cost-per-neuron"],
            "analysis": 3.5,
        }
    )
    assert {key: row.verdict for key, row in judged.items()} == {
        "stock": "aim",
        "exact-loop": "missed",
        "sliced-loop": "must",
        "brian2": "aim",
        "threads": "must",
        "ranks": "aim",
        "wiring": "must",
        "connecting": "missed",
        "memory": "must",
        "cost-per-neuron": "aim",
        "analysis": "missed",
    }


def test_cost_per_neuron_is_relative_to_scale_1(measured):
    """All but the constant is in proportion to the size: (proportional + c/20) / (proportional + c)."""
    neurons, arrivals = 2e-5 * 5000, 1e-8 * 240 * (2 * 1000 * 0.5 + 2 * 4000 * 1.0) / 1.5
    want = (neurons + arrivals + 0.01 / 20) / (neurons + arrivals + 0.01)
    row = next(r for r in judge(measured) if r.requirement.key == "cost-per-neuron")
    assert row.summary.median == pytest.approx(want)


def test_what_was_not_measured_has_no_verdict(measured):
    measured["contest"] = [row for row in measured["contest"] if row["contestant"] != "brian2"]
    measured["scaling"] = [row for row in measured["scaling"] if row["scale"] < 20]
    empty = {row.requirement.key for row in judge(measured) if row.summary is None and row.verdict is None}
    assert empty == {"brian2", "memory", "cost-per-neuron"}


def test_the_requirements_are_those_of_the_issue():
    assert {r.key: (r.must, r.aim) for r in REQUIREMENTS} == {
        "stock": (18, 40),
        "exact-loop": (3.5, 1.5),
        "sliced-loop": (1.4, 1.0),
        "brian2": (1.2, 0.8),
        "threads": (1.6, 1.85),
        "ranks": (1.6, 1.85),
        "wiring": (1, 0.3),
        "connecting": (1, 0.5),
        "memory": (90, 50),
        "cost-per-neuron": (3, 1.5),
        "analysis": (3, 1),
    }


def test_what_stock_neurons_are_said_to_cost_is_what_was_measured(repository):
    judged = judge(results.load(repository / "benchmarks" / "results.json"))
    (summary,) = [row.summary for row in judged if row.requirement.key == "stock"]
    assert round(summary.median) == SLOWDOWN
    assert f"about {SLOWDOWN} times as long" in cost_of_stock_neurons()
    assert len(cost_of_stock_neurons().splitlines()) == 1
