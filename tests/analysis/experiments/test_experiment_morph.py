"""Morphs: directions, completion and hysteresis where they are known; partial stimulation of an assembly."""

from dataclasses import replace

import numpy as np
import pytest
from run_files import random_wiring, write_run

from eiassembly.analysis.experiments import partial
from eiassembly.analysis.experiments.morph import EXPERIMENT, MorphResult, sweeps_of
from eiassembly.analysis.figures.all import experiment_figures
from eiassembly.analysis.measures.memory.morph import Morph, directions, read_morph
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.odors import MIXTURES
from eiassembly.core.errors import EiassemblyError
from eiassembly.odors.odors import Presentation

PLACES = np.array([0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0])


@pytest.mark.parametrize(
    ("positions", "ups"),
    [
        ([0, 0.5, 1, 0.5, 0], "11100"),
        ([0, 0.5, 1, 0, 0.5, 1], "111111"),
        ([1, 0.5, 0, 1, 0.5, 0], "000000"),
        ([0, 0.5, 1, 0.5, 0, 0, 0.5, 1], "11100111"),
    ],
)
def test_directions(positions, ups):
    assert "".join(str(int(up)) for up in directions(np.array(positions))) == ups


def a_morph(switch_up, switch_down):
    """Inputs change gradually; the output is the learned pattern from a place on, else that of the other."""
    rng = np.random.default_rng(4)
    ends = rng.random((2, 400))
    is_up = directions(PLACES)
    recalled = np.where(is_up, switch_up, switch_down) <= PLACES
    currents = {"excitatory": 10 * PLACES, "inhibitory": -4 * PLACES}
    return Morph(
        15, 0, PLACES, is_up, True,
        inputs=(1 - PLACES[:, None]) * ends[0] + PLACES[:, None] * ends[1],
        outputs=ends[recalled.astype(int)],
        members=np.arange(10),
        currents=currents,
    )  # fmt: skip


def values_of(morph):
    result = MorphResult("A seed 1", "scaled_i", structure_look("scaled_i"), morph, sweeps_of(morph))
    return {(quantity, condition): value for quantity, condition, value in result.numbers()}


def test_an_attractor_completes_and_remembers_the_way():
    values = values_of(a_morph(0.6, 0.4))
    assert values["completion_above", "15 to 0"] == 1  # the place at 0.75
    assert values["completion_above", "15 to 0, back"] == 2
    assert values["completion_slope", "15 to 0"] > 2.5
    assert values["hysteresis", "15 to 0"] == pytest.approx(1 / 3, abs=0.05)  # of 0 … 0.75 one place
    assert values["net_current", "15 to 0, near"] == pytest.approx(6 * (0.75 + 1 + 0.75) / 3)
    assert values["current_change", "15 to 0"] == pytest.approx(6 * (2.5 / 3 - 0.125))


def test_without_memory_both_ways_are_the_same():
    values = values_of(a_morph(0.6, 0.6))
    assert values["hysteresis", "15 to 0"] == 0
    assert values["completion_index", "15 to 0"] == values["completion_index", "15 to 0, back"]


def a_run(path, spikes, shown, duration):
    wiring = random_wiring()
    nothing = np.empty(0, np.int64), np.empty(0, np.int64)
    run = open_run(write_run(path, wiring, {"OB": nothing, "I": nothing} | spikes, shown, duration))
    description = {"config": {"odors": {"kind": "morph"}}}
    vars(run)["odors"] = replace(run.odors, description=description)
    return run


def test_a_run_is_read_and_drawn(tmp_path):
    """Odor 3 becomes the learned odor 0, whose six members fire twice in the last presentation."""
    shown = tuple(
        Presentation(1000.0 + 3000 * k, 3000.0 + 3000 * k, number, kind, (k / 2, 0.0))
        for k, (number, kind) in enumerate([(3, "novel"), (MIXTURES, "mixture"), (0, "learned")])
    )
    spikes = np.repeat([70_100, 71_000], 6), np.tile(np.arange(6), 2)
    run = a_run(tmp_path / "run.h5", {"E": spikes}, shown, 10_000.0)
    assert EXPERIMENT.recognises(run)
    morph = read_morph(run)
    assert (morph.name, morph.is_to_learned) == ("3 to 0", True)
    np.testing.assert_allclose(morph.assembly_rates, [0, 0, 2 / 1.5])
    assert morph.currents["excitatory"][2] > 0 == morph.currents["excitatory"][0]
    measured = EXPERIMENT.measure([run], [])
    assert {s.measure for s in measured.samples()} <= set(EXPERIMENT.measures)
    assert [len(figure.panels) for figure in experiment_figures(EXPERIMENT, measured)] == [4]
    vars(run)["presentations"] = shown[:2]
    with pytest.raises(EiassemblyError, match="expected a presentation of the odor at x = 1"):
        read_morph(run)


def test_the_rest_of_an_assembly_is_counted_apart(tmp_path):
    """Half of the assembly gets current from 500 to 1000 ms; two of the others fire once then."""
    shown = (Presentation(1500.0, 2500.0, 0, "learned"),)
    table = {"population": "E", "assembly": 0, "fraction": 0.5, "pA": 28.0, "windows": [[500.0, 1000.0]]}
    run = a_run(tmp_path / "run.h5", {"E": (np.empty(0, np.int64),) * 2}, shown, 3000.0)
    assert not partial.EXPERIMENT.recognises(run)
    from eiassembly.config.interventions.selection import Selection
    from eiassembly.model.protocol.selection import chosen_ids

    half = Selection(population="E", assembly=0, fraction=0.5)
    rest = np.setdiff1d(np.arange(6), chosen_ids(half, run.wiring, "current"))
    run = a_run(tmp_path / "two.h5", {"E": (np.array([6000, 7000]), rest[:2])}, shown, 3000.0)
    vars(run)["config"] = {"simulation": {"dt": 0.1, "current": [table]}}
    assert partial.EXPERIMENT.recognises(run)
    measured = partial.EXPERIMENT.measure([run], [])
    values = {(s.measure, s.condition): s.value for s in measured.samples()}
    assert values["rate", "rest"] == values["rate_change", "rest"] == pytest.approx(2 / 3 / 0.5)
    assert values["rate", "injected"] == values["rate", "others"] == 0
    assert values["recruited_share", ""] == 1
    assert len(experiment_figures(partial.EXPERIMENT, measured)) == 1
