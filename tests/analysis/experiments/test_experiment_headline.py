"""The headline measures every run as what it is."""

import dataclasses

import numpy as np
import pytest
from run_files import presentations, random_spikes, random_wiring, write_run

from eiassembly.analysis.experiments.experiment import Sample
from eiassembly.analysis.experiments.headline import measure_headline
from eiassembly.analysis.runs.run import open_run

WIRING, DURATION = random_wiring(), 7000.0
"""Odors from 1 to 3 and from 4 to 6 s."""


@pytest.fixture
def spikes():
    rng = np.random.default_rng(3)
    return {
        name: random_spikes(rng, WIRING.population(name).size, 70_000, rate)
        for name, rate in (("OB", 6.0), ("E", 8.0), ("I", 5.0))
    }


def test_the_headline_takes_what_each_run_is_for(tmp_path, spikes):
    """A pair of twins, one of which is a sequence of odors as published; shuffled inhibition."""
    changes = {
        "other": {"perturb": [{"population": "E", "id": 3, "at": 1150.0, "change": "add"}]},
        "one": {},
        "shuffled": {"replay": [{"population": "I", "run": "r.h5", "shuffle": "ids"}]},
    }
    runs = [
        open_run(write_run(tmp_path / f"{name}.h5", WIRING, spikes, presentations("ll"), DURATION, protocol))
        for name, protocol in changes.items()
    ]
    found = measure_headline(runs, [], [Sample("morph", "A", "rand", "hysteresis", 0.5)])
    assert len(found.twins.results) == len(found.shuffled.results) == len(found.sequences) == 1
    assert found.trials.results == ()
    assert found.twins.results[0].values()["saturation"] == 0
    assert found.shuffled.results[0].outcome.runaway == 0
    others = dict(dataclasses.astuple(sample)[3:5] for sample in found.others)
    assert others["hysteresis"] == 0.5
    assert others["cv_members"] == found.sequences[0][1].measures.cv_members
