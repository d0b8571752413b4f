"""Going on from the snapshot of another run."""

import json
import shutil
from dataclasses import replace

import h5py
import numpy as np
import pytest
from interruptions import different, interrupted
from run_comparison import differences
from simulations import poisson_odors, random_network, simulated, spikes_of

from eiassembly.config.interventions.displace import Displace
from eiassembly.config.interventions.perturb import Perturb
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import ConfigError

pytestmark = pytest.mark.nest

WIRING = random_network(1, drive=3.0)
ODORS = poisson_odors(1, 2000, rate=60.0)


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """By delay: 80 ms, and the snapshot at their end."""
    runs = {}
    for delay in (0.1, 1.7):
        folder = tmp_path_factory.mktemp("begun")
        run = simulated(folder, WIRING, ODORS, duration=80.0, delay=delay, checkpoint_every=80.0)
        runs[delay] = run.rename(folder / "begun.h5")
    return runs


def same_spikes(one, other):
    one, other = spikes_of(one), spikes_of(other)
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("delay", [0.1, 1.7])
def test_the_same_goes_on_as_if_nothing_had_been(delay, begun, tmp_path):
    whole = shutil.move(simulated(tmp_path, WIRING, ODORS, delay=delay), tmp_path / "whole.h5")
    for threads, block in ((1, 1000.0), (2, 7.7)):
        run = simulated(tmp_path, WIRING, ODORS, threads, block, delay=delay, before=begun[delay])
        assert differences(run, whole) == ["eiassembly/config"]
        with h5py.File(run) as h5:
            continues = json.loads(h5["eiassembly/config"].asstr()[()])["simulation"]["continues"]
            assert continues["step"] == 800
            assert continues["network_hash"] == h5["eiassembly"].attrs["network_hash"]


def test_it_can_be_interrupted_and_resumed(begun, tmp_path, monkeypatch):
    whole = shutil.move(simulated(tmp_path, WIRING, ODORS, before=begun[0.1]), tmp_path / "whole.h5")
    for after in (0, 3):
        settings = {"before": begun[0.1], "checkpoint_every": 20.0}
        interrupted(tmp_path, monkeypatch, after, WIRING, ODORS, block=20.0, **settings)
        resumed = simulated(tmp_path, WIRING, ODORS, resume=True, **settings)
        assert different(resumed, whole) == []
        resumed.unlink()


def test_twins_are_those_of_a_displacement_on_the_way(begun, tmp_path):
    displace = (Displace(population="E", number=20, at=80.0, V_m=5.0),)
    twin = shutil.move(simulated(tmp_path, WIRING, ODORS, displace=displace), tmp_path / "twin.h5")
    assert not same_spikes(twin, simulated(tmp_path, WIRING, ODORS))
    run = simulated(tmp_path, WIRING, ODORS, displace=displace, before=begun[0.1])
    assert differences(run, twin) == ["eiassembly/config"]


def test_other_connections_and_other_input(begun, tmp_path):
    """What was before stays; what comes is the new network's."""
    other, stronger = random_network(2, drive=3.0), poisson_odors(7, 2000, rate=90.0)
    run = simulated(tmp_path, other, stronger, before=begun[0.1])
    with h5py.File(run) as h5:
        assert h5["eiassembly"].attrs["network_hash"] == other.content_hash()
    before, now = spikes_of(begun[0.1]), spikes_of(run)
    for name, (steps, ids) in now.items():
        np.testing.assert_array_equal((steps[steps <= 800], ids[steps <= 800]), before[name], err_msg=name)
    new = stronger.steps > 800
    np.testing.assert_array_equal(now["OB"][0][now["OB"][0] > 800], stronger.steps[new])
    assert (now["E"][0] > 800).sum() > 100


def test_what_does_not_fit_is_named(begun, tmp_path):
    one_more = WIRING.populations[1].model_copy(update={"size": 61})
    changed = Wiring((WIRING.populations[0], one_more), (), (), {})
    with pytest.raises(ConfigError, match=r"begun\.h5: populations: expected .*'E': 61.*, found"):
        simulated(tmp_path, changed, ODORS, before=begun[0.1])
    fewer = replace(WIRING, projections=WIRING.projections[:-1])
    with pytest.raises(ConfigError, match=r"begun\.h5: projections: expected"):
        simulated(tmp_path, fewer, ODORS, before=begun[0.1])
    with pytest.raises(ConfigError, match=r"begun\.h5: delay: expected 0\.5, to go on from it, found 0\.1"):
        simulated(tmp_path, WIRING, ODORS, before=begun[0.1], delay=0.5)
    with pytest.raises(ConfigError, match="before the end, 80 ms, found 80 ms"):
        simulated(tmp_path, WIRING, ODORS, before=begun[0.1], duration=80.0)
    without = simulated(tmp_path, WIRING, ODORS, duration=1.0).rename(tmp_path / "without.h5")
    with pytest.raises(ConfigError, match=r"without\.h5: expected a run with a snapshot .*, found none"):
        simulated(tmp_path, WIRING, ODORS, before=without)


def test_the_stock_neurons_refuse(begun, tmp_path):
    with pytest.raises(ConfigError, match="--from-snapshot: expected the exact neuron"):
        simulated(tmp_path, WIRING, ODORS, before=begun[0.1], neuron="nest")


@pytest.mark.parametrize("past", [
    {"displace": (Displace(population="E", ids=(3,), at=79.9, V_m=5.0),)},
    {"perturb": (Perturb(population="E", id=3, at=80.0),)},
])  # fmt: skip
def test_the_past_cannot_be_changed(past, begun, tmp_path):
    with pytest.raises(ConfigError, match="displaced or perturbed before the snapshot at 80 ms"):
        simulated(tmp_path, WIRING, ODORS, before=begun[0.1], **past)
