"""Observables of constructed runs with known answers, and their ranges."""

import math
from dataclasses import fields

import numpy as np
import pytest
from run_files import presentations, random_wiring, write_random_run, write_run

from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.measures.observables import MEASURES, Observables, observables
from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import open_run
from eiassembly.core.errors import EiassemblyError

NO_SPIKES = (np.empty(0, np.int64), np.empty(0, np.int64))


def regular(cells, start, stop, period):
    """Spikes of all cells every ``period`` steps in start < s < stop: (steps, ids)."""
    steps = np.arange(start + 1, stop, period)
    return np.repeat(steps, len(cells)), np.tile(cells, len(steps))


def joined(*trains):
    steps, ids = (np.concatenate(parts) for parts in zip(*trains, strict=True))
    order = np.lexsort((ids, steps))
    return steps[order], ids[order]


def run_of(tmp_path, **spikes):
    trains = {name: spikes.get(name, NO_SPIKES) for name in ("OB", "E", "I")}
    return open_run(write_run(tmp_path / "run.h5", random_wiring(), trains, presentations("ln"), 7000.0))


def of_kind(run, kind):
    return observables(measure(run).of_kind(kind), run.wiring)


def test_rates_inside_and_outside_the_assembly(tmp_path):
    members = np.arange(6)  # of the assembly of odor 0
    during = regular(members, 10_000, 25_000, 500)
    run = run_of(tmp_path, E=during, I=regular(np.arange(12), 10_000, 25_000, 1500))
    learned = of_kind(run, "learned")
    assert learned.assembly_rate == pytest.approx(20)
    assert learned.outside_rate == 0
    assert learned.odor_rate == pytest.approx(20 * 6 / 40)
    assert learned.inhibitory_rate == pytest.approx(10 / 1.5)
    assert learned.baseline_rate == 0


def test_baseline_is_the_second_before_the_odor(tmp_path):
    run = run_of(tmp_path, E=regular(np.arange(40), 30_000, 40_000, 2000))
    novel = of_kind(run, "novel")
    assert novel.baseline_rate == pytest.approx(
        4
    )  # the spike in the first step is left out, as in the reference
    assert novel.odor_rate == 0


def test_novel_odors_have_no_assembly(tmp_path):
    path = write_run(
        tmp_path / "run.h5", random_wiring(), {"OB": NO_SPIKES, "E": NO_SPIKES, "I": NO_SPIKES},
        presentations("lln"), 10_000.0,
    )  # fmt: skip
    run = open_run(path)
    assert math.isnan(of_kind(run, "novel").assembly_rate)
    assert of_kind(run, "learned").assembly_rate == 0


def test_evoked_conductances_of_constant_input(tmp_path):
    """Input that lasts the whole run is not evoked; input during the odor has the mean of its filter."""
    constant = regular(np.arange(30), 0, 70_000, 100)
    during = regular(np.arange(12), 10_000, 30_000, 100)
    found = of_kind(run_of(tmp_path, OB=constant, I=during), "learned")
    assert found.g_oe == pytest.approx(0, abs=1e-5)
    projection = random_wiring().projection("I", "E")
    # 100 Hz, tau 10 ms: a mean of 1 contact strength per contact, less the rise and the sampling at 1 ms
    expected = projection.strength * projection.n_contacts / projection.n_targets
    assert found.g_syn == pytest.approx(expected, rel=0.06)


def test_recurrent_share(tmp_path):
    wiring = random_wiring()
    one, other = (wiring.projection(source, "E") for source in ("OB", "E"))
    run = run_of(
        tmp_path,
        OB=regular(np.arange(30), 10_000, 25_000, 100),
        E=regular(np.arange(40), 10_000, 25_000, 100),
    )
    g_oe, g_ee = one.strength * one.n_contacts, other.strength * other.n_contacts
    assert of_kind(run, "learned").recurrent_share == pytest.approx(100 * g_ee / (g_oe + g_ee))


def test_silence_is_undefined_not_an_error(tmp_path):
    silent = of_kind(run_of(tmp_path), "learned")
    assert (silent.odor_rate, silent.g_syn) == (0, 0)
    for name in ("recurrent_share", "correlation", "cotuning_correlation", "cotuning_ratio", "balance_slope"):
        assert math.isnan(getattr(silent, name)), name


def test_presentations_outside_the_run_are_left_out(tmp_path):
    run = open_run(write_random_run(tmp_path / "run.h5", duration=8000.0))
    assert [p.odor for p in measure(run).presentations] == [0, 1]


def test_a_run_without_any_whole_presentation(tmp_path):
    run = open_run(write_random_run(tmp_path / "run.h5", duration=2400.0))
    with pytest.raises(EiassemblyError, match=r"run\.h5: eiassembly/presentations: .* 2400 ms"):
        measure(run)


def test_roles_follow_sign_and_neuron():
    assert PopulationNames.of(random_wiring()) == PopulationNames(("OB",), "E", ("I",))


def test_every_observable_says_what_it_is():
    assert [f.name for f in fields(Observables)] == [measure.name for measure in MEASURES]
    for one in MEASURES:
        assert one.title, one.name
        assert one.unit in ("Hz", "nS", "%", "1"), one.name
        assert one.source, one.name


RANGE = Measure("x", "X", "1", "Fig. 1", low=0.9, high=1.1, only="rand")
BOUND = Measure("x", "X", "1", "Fig. 1", high=0.1)


@pytest.mark.parametrize(
    ("quantity", "value", "structure", "verdict"),
    [
        (RANGE, 1.0, "rand", "in range"),
        (RANGE, 1.1, "rand", "in range"),
        (RANGE, 1.11, "rand", "above"),
        (RANGE, 0.89, "rand", "below"),
        (RANGE, 0.5, "scaled_i", ""),
        (RANGE, math.nan, "rand", "undefined"),
        (BOUND, 0.05, "scaled_i", "in range"),
        (BOUND, 0.1, "rand", "above"),
        (Measure("x", "X", "1", "Fig. 1"), 3.0, "rand", ""),
    ],
)
def test_verdicts(quantity, value, structure, verdict):
    assert quantity.verdict(value, structure) == verdict


def test_ranges_in_words():
    assert RANGE.range_text == "0.9 to 1.1 (rand)"
    assert BOUND.range_text == "below 0.1"
    assert Measure("x", "X", "1", "Fig. 1", low=-0.15, high=0.15).range_text == "−0.15 to 0.15"
    assert Measure("x", "X", "1", "Fig. 1").range_text == ""
