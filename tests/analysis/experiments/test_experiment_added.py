"""Added memories and their number: pairs of runs with known rates, and what is left without a partner."""

from dataclasses import replace

import numpy as np
import pytest
from run_files import presentations, random_spikes, random_wiring, write_run
from subspace_runs import subspace_run

from eiassembly.analysis.experiments import capacity
from eiassembly.analysis.experiments.added import EXPERIMENT, ratios
from eiassembly.analysis.figures.all import experiment_figures
from eiassembly.analysis.runs.run import open_run

FAMILY = {"family": "square", "share": 0.5}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Before, all odors drive their cells to 16 Hz; after, the first two drive theirs to 44 Hz."""
    folder = tmp_path_factory.mktemp("added")
    return [
        subspace_run(folder / "after.h5", stored=(0, 1), boost=40.0, network={"added": 2}, odors=FAMILY),
        subspace_run(folder / "before.h5", stored=(), network={"added": 0}, odors=FAMILY),
    ]


def values_of(measured):
    return {(s.measure, s.condition): s.value for s in measured.samples()}


def test_a_pair_is_compared(pair):
    assert all(EXPERIMENT.recognises(run) for run in pair)
    measured = EXPERIMENT.measure(pair, [])
    assert len(experiment_figures(EXPERIMENT, measured)) == 1
    values = values_of(measured)
    assert {name for name, _ in values} == set(EXPERIMENT.measures)
    assert values["assembly_rate", "before, stored"] == pytest.approx(16, rel=0.05)
    assert values["assembly_rate", "after, stored"] == pytest.approx(44, rel=0.05)
    assert values["rate_ratio", "stored"] == pytest.approx((4 + 10) / (4 + 3), rel=0.05)
    assert values["rate_ratio", "unstored"] == pytest.approx(1, abs=0.05)
    assert values["correlation", "input"] == pytest.approx(-1 / 3)  # 20 of 80 cells each, none shared
    assert values["shared_members", ""] == 0


def test_without_a_partner_there_is_less(pair):
    after = values_of(EXPERIMENT.measure(pair[:1], []))
    assert ("rate", "after, stored") in after
    assert not any(condition.startswith("before") for _, condition in after)
    assert values_of(EXPERIMENT.measure(pair[1:], [])) == {}


def test_ratios_are_those_of_the_same_condition():
    numbers = {("rate", "before, a"): 2.0, ("rate", "after, a"): 3.0, ("rate", "before, b"): 1.0}
    assert ratios(numbers, "rate") == {("rate_ratio", "a"): 1.5}


def sequence(path, structure, n_memories, rate):
    """Two learned and two novel odors; all E cells fire at so many Hz; dummies make up the memories."""
    rng = np.random.default_rng(n_memories)
    wiring = random_wiring(1, structure)
    more = tuple(replace(wiring.assemblies[0], odor=number) for number in range(10, 8 + n_memories))
    config = {"preset": "A", "structure": structure, "seed": 1, "scale": 1, "assemblies": n_memories}
    description = {"structure": structure, "config": {"network": config, "odors": {"seed": 1}}}
    wiring = replace(wiring, assemblies=wiring.assemblies + more, description=description)
    spikes = {
        name: random_spikes(rng, wiring.population(name).size, 130_000, hz)
        for name, hz in (("OB", 6.0), ("E", rate), ("I", 5.0))
    }
    return open_run(write_run(path, wiring, spikes, presentations(), 13_000.0))


def test_rates_against_the_number_of_memories(tmp_path):
    """Tuned E+I stays near the 20 Hz of rand up to 10 memories and is at 30 Hz with 20."""
    rates = {("rand", 5): 20.0, ("tuned_ei", 5): 20.0, ("tuned_ei", 10): 20.0, ("tuned_ei", 20): 30.0}
    runs = [sequence(tmp_path / f"{s}{n}.h5", s, n, rate) for (s, n), rate in rates.items()]
    assert all(capacity.EXPERIMENT.recognises(run) for run in runs)
    assert not capacity.EXPERIMENT.recognises(sequence(tmp_path / "usual.h5", "rand", 15, 5.0))
    measured = capacity.EXPERIMENT.measure(runs, [])
    assert len(experiment_figures(capacity.EXPERIMENT, measured)) == 1
    values = {(s.structure, s.measure, s.condition): s.value for s in measured.samples()}
    assert values["tuned_ei", "relative_rate", "20 memories, independent"] == pytest.approx(1.5, rel=0.1)
    assert values["tuned_ei", "capacity", "independent"] == 10
    assert 10 < values["tuned_ei", "crossing", "independent"] < 20
    assert values["rand", "capacity", "independent"] == 5
