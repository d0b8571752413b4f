"""Snapshots: a run that is interrupted and resumed is the run that was not, to the last bit."""

import shutil

import h5py
import numpy as np
import pytest
from interruptions import different, interrupted
from run_comparison import differences
from simulations import poisson_odors, random_network, simulated, spikes_of

from eiassembly.config.interventions.silence import Silence
from eiassembly.config.parameters import EXCITATORY, Population
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import ConfigError
from eiassembly.model.state.progress import run_state

pytestmark = pytest.mark.nest

WIRING = random_network(1, drive=3.0)
ODORS = poisson_odors(1, 2000, rate=60.0)
"""200 ms."""
SILENCE = (Silence(population="I", fraction=0.5, windows=((25.0, 90.0), (120.3, 160.0))),)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """By delay."""
    runs = {}
    for delay in (0.1, 1.0, 2.3):
        folder = tmp_path_factory.mktemp("whole")
        runs[delay] = simulated(
            folder, WIRING, ODORS, delay=delay, silence=SILENCE, record=("V_m", "z", "g_I", "g_OB"), every=0.3
        )
        assert all(len(steps) > 100 for steps, _ in spikes_of(runs[delay]).values())
    return runs


@pytest.mark.parametrize("delay", [0.1, 1.0, 2.3])
@pytest.mark.parametrize(("block", "every", "after", "threads", "new_block"), [
    (10.0, 10.0, 7, 1, 1000.0),
    (33.3, 0.1, 4, 2, 7.0),  # ends in the middle of a slice
    (0.7, 20.0, 101, 2, 0.7),
    (25.0, 60.0, 5, 1, 25.0),  # some blocks after the last snapshot
], ids=str)  # fmt: skip
def test_resumed(block, every, after, threads, new_block, delay, undisturbed, tmp_path, monkeypatch):
    settings = {
        "delay": delay, "silence": SILENCE, "record": ("V_m", "z", "g_I", "g_OB"), "every": 0.3,
        "checkpoint_every": every,
    }  # fmt: skip
    partial = interrupted(tmp_path, monkeypatch, after, WIRING, ODORS, block=block, **settings)
    with h5py.File(partial) as h5:
        step = int(h5["eiassembly/checkpoint"].attrs["step"])
        assert 0 < step * 0.1 <= h5["eiassembly"].attrs["simulated"] + 1e-9
    partial.rename(tmp_path / f"run_{threads}.h5.partial")
    run = simulated(tmp_path, WIRING, ODORS, threads=threads, block=new_block, resume=True, **settings)
    assert different(run, undisturbed[delay]) == []
    assert not list(tmp_path.glob("*.partial"))


def test_a_population_without_inputs_is_in_the_snapshots(tmp_path, monkeypatch):
    lone = Population(name="L", size=5, sign="excitatory", neuron=EXCITATORY)
    wiring = Wiring((*WIRING.populations, lone), WIRING.projections, (), WIRING.description)
    partial = interrupted(tmp_path, monkeypatch, 4, wiring, ODORS, block=10.0, checkpoint_every=20.0)
    with h5py.File(partial) as h5:
        states = h5["eiassembly/checkpoint/L"][:]
    np.testing.assert_array_equal(states, [[EXCITATORY.E_rest, 0.0, 0.0]] * 5)
    partial.rename(tmp_path / "run_1.h5.partial")
    run = simulated(tmp_path, wiring, ODORS, resume=True, checkpoint_every=20.0)
    assert len(spikes_of(run)["L"][0]) == 0


def test_resumed_again_and_again(undisturbed, tmp_path, monkeypatch):
    settings = {"delay": 1.0, "silence": SILENCE, "record": ("V_m", "z", "g_I", "g_OB"), "every": 0.3}
    for block in (9.0, 11.0, 13.0, 17.0):
        interrupted(
            tmp_path,
            monkeypatch,
            3,
            WIRING,
            ODORS,
            block=block,
            checkpoint_every=block,
            resume=True,
            **settings,
        )
    assert run_state(tmp_path / "run_1.h5.partial").simulated == pytest.approx(3 * (9 + 11 + 13 + 17))
    run = simulated(tmp_path, WIRING, ODORS, resume=True, **settings)
    assert different(run, undisturbed[1.0]) == []


def test_nothing_to_go_on_from(tmp_path, monkeypatch):
    """Without a snapshot, or a file, it begins anew; what is complete is left alone."""
    whole = simulated(tmp_path, WIRING, ODORS, resume=True)
    kept = shutil.copy(whole, tmp_path / "kept.h5")
    before = whole.stat().st_mtime_ns
    simulated(tmp_path, WIRING, ODORS, resume=True)
    assert whole.stat().st_mtime_ns == before
    whole.unlink()
    interrupted(tmp_path, monkeypatch, 2, WIRING, ODORS, block=20.0)
    assert differences(simulated(tmp_path, WIRING, ODORS, resume=True), kept) == []


@pytest.mark.parametrize(("changed", "named"), [
    ({"delay": 1.0}, "delay"), ({"duration": 150.0}, "duration"), ({"silence": SILENCE}, "silence"),
    ({"record": ("z",)}, "record"),
])  # fmt: skip
def test_another_run_is_not_resumed(changed, named, tmp_path, monkeypatch):
    partial = interrupted(
        tmp_path, monkeypatch, 3, WIRING, ODORS, block=20.0, checkpoint_every=20.0, record=("V_m",)
    )
    before = partial.read_bytes()
    with pytest.raises(ConfigError, match=f"run_1.h5.partial: expected the run .* different {named};"):
        simulated(tmp_path, WIRING, ODORS, **{"record": ("V_m",), "resume": True, **changed})
    assert partial.read_bytes() == before


def test_another_network_is_not_resumed(tmp_path, monkeypatch):
    interrupted(tmp_path, monkeypatch, 3, WIRING, ODORS, block=20.0, checkpoint_every=20.0)
    with pytest.raises(ConfigError, match="different network;"):
        simulated(tmp_path, random_network(2, drive=3.0), ODORS, resume=True)
    with pytest.raises(ConfigError, match="different odors;"):
        simulated(tmp_path, WIRING, poisson_odors(2, 2000, rate=60.0), resume=True)


def test_stock_neurons_have_no_snapshots(tmp_path):
    with pytest.raises(ConfigError, match="--checkpoint-every: expected the exact neuron"):
        simulated(tmp_path, WIRING, ODORS, neuron="nest", checkpoint_every=10.0)


def test_a_snapshot_is_what_a_recorder_saw(tmp_path):
    run = simulated(
        tmp_path, WIRING, ODORS, duration=50.0, record=("V_m", "z"), every=50.0, cells=10**6,
        checkpoint_every=50.0,
    )  # fmt: skip
    with h5py.File(run) as h5:
        for name in ("E", "I"):
            states = h5[f"eiassembly/checkpoint/{name}"][:]
            records = h5[f"eiassembly/records/{name}"]
            np.testing.assert_array_equal(states[:, 0], records["V_m"][0])
            np.testing.assert_array_equal(states[:, 1], records["z"][0])
        assert len(np.unique(h5["eiassembly/checkpoint/E"][:, 0])) > 5
