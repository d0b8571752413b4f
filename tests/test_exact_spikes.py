"""What installations are checked by: its recorded hash is the reference integrator's, and it can fail."""

import tomllib

import h5py
import numpy as np
import pytest
from reference_integrator import simulate_reference

from eiassembly.config.config import parse_config
from eiassembly.connectivity.build import build
from eiassembly.jobs import exact_spikes
from eiassembly.odors.schedules import draw_odor_set


@pytest.fixture(scope="module")
def trains():
    """Spikes of E and I by the reference integrator, for what installations simulate."""
    config = parse_config(tomllib.loads(exact_spikes.CONFIG), "test")
    odors = draw_odor_set(config)
    found = simulate_reference(build(config), odors.steps, odors.ids, odors.n_steps)
    return [found.spikes[name] for name in "EI"]


def test_the_recorded_hash_is_the_reference_integrators(trains):
    assert min(len(steps) for steps, _ in trains) > 1000
    assert exact_spikes.digest(*trains) == exact_spikes.SHA256


@pytest.mark.parametrize("late", [0, 1])
def test_one_spike_a_step_late_is_found(trains, late, monkeypatch, capsys):
    """The simulation is replaced by the trains of the integrator, in the file's own format."""

    def eiassembly(*arguments):
        if arguments[0] == "simulate":
            write(arguments[arguments.index("--out") + 1], trains, late)

    monkeypatch.setattr(exact_spikes, "_eiassembly", eiassembly)
    assert exact_spikes.main([]) == late
    line = capsys.readouterr().out
    assert ("NOT exact" in line) == bool(late)


def write(path, trains, late):
    with h5py.File(path, "w") as h5:
        for name, (steps, ids) in zip("EI", trains, strict=True):
            moved = steps.copy()
            moved[-1] += late
            shuffled = np.random.default_rng(1).permutation(len(ids))
            h5[f"spikes/{name}/timestamps"] = moved[shuffled] * 0.1
            h5[f"spikes/{name}/node_ids"] = ids[shuffled]
