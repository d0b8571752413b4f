"""Critical density of assemblies without more inhibition: written runs whose rates are known."""

import dataclasses
import math

import numpy as np
import pytest
from run_files import presentations, random_spikes, random_wiring, write_run

from eiassembly.analysis.experiments.critical import EXPERIMENT
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.config import parse_config

TABLE = presentations("ln")


def run_at(path, rate, **network):
    """E fires at so many Hz throughout."""
    config = parse_config({"network": {"preset": "A", **network}}, "x").model_dump()
    wiring = random_wiring(structure=network["structure"])
    wiring = wiring.replacing((), description={"structure": network["structure"], "config": config})
    rng = np.random.default_rng(round(10 * rate))
    spikes = {name: random_spikes(rng, wiring.population(name).size, 70_000, 5.0) for name in ("OB", "I")}
    spikes["E"] = random_spikes(rng, wiring.population("E").size, 70_000, rate)
    return open_run(write_run(path, wiring, spikes, TABLE, 7000.0))


def without_inhibition(path, alpha, rate):
    return run_at(path, rate, structure="scaled_i", chi=1.0, alpha=alpha)


@pytest.fixture(scope="module")
def rand(tmp_path_factory):
    return run_at(tmp_path_factory.mktemp("rand") / "rand.h5", 2.0, structure="rand")


def values_of(measured):
    samples = [dataclasses.astuple(sample)[3:6] for sample in measured.samples()]
    return {(name, condition): value for name, value, condition in samples}


def test_activity_runs_away_between_two_densities(tmp_path, rand):
    """At 2 Hz in rand, 4 Hz with α = 3 and 200 Hz with α = 5."""
    runs = [without_inhibition(tmp_path / f"{a}.h5", a, rate) for a, rate in ((5.0, 200.0), (3.0, 4.0))]
    assert all(EXPERIMENT.recognises(run) for run in runs)
    assert not EXPERIMENT.recognises(rand)
    values = values_of(EXPERIMENT.measure(runs, [rand]))
    assert {name for name, _ in values} == {"odor_rate", "ratio", "critical_alpha"}
    assert values["odor_rate", "alpha 3"] == pytest.approx(4, rel=0.15)
    assert values["ratio", "alpha 3"] == pytest.approx(2, rel=0.2)
    assert values["ratio", "alpha 5"] == pytest.approx(100, rel=0.15)
    assert 3 < values["critical_alpha", ""] < 5


def test_without_a_runaway_there_is_no_critical_density(tmp_path, rand):
    runs = [without_inhibition(tmp_path / f"{a}.h5", a, rate) for a, rate in ((5.0, 4.0), (3.0, 3.0))]
    assert math.isnan(values_of(EXPERIMENT.measure(runs, [rand]))["critical_alpha", ""])


def test_one_density_or_no_rand_network_is_nothing_to_compare(tmp_path, rand):
    runs = [without_inhibition(tmp_path / f"{a}.h5", a, 4.0) for a in (3.0, 5.0)]
    assert values_of(EXPERIMENT.measure(runs, [])) == {}
    assert values_of(EXPERIMENT.measure(runs[:1], [rand])) == {}
