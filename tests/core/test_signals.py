"""Signals in a single process; for several ranks see tests/mpi/test_endings.py."""

import os
import signal
import subprocess
import threading

import h5py
import numpy as np
import pytest
from command_line import COMMAND, environment
from simulations import poisson_odors, random_network, saved

from eiassembly.core.communicator import SerialCommunicator
from eiassembly.core.signals import Interrupted, Signals
from eiassembly.odors import file as odor_file
from eiassembly.odors.odors import OdorSet


@pytest.mark.parametrize(
    ("sent", "meaning", "word", "status"),
    [
        (signal.SIGINT, signal.SIGINT, "interrupted", 130),
        (signal.SIGTERM, signal.SIGTERM, "terminated", 143),
        (signal.SIGUSR1, signal.SIGTERM, "terminated", 143),
    ],
)
def test_at_once(sent, meaning, word, status):
    with Signals(), pytest.raises(Interrupted) as raised:
        os.kill(os.getpid(), sent)
    assert (raised.value.number, str(raised.value), raised.value.status) == (meaning, word, status)


def test_deferred_to_the_end_of_what_all_do_together():
    before = signal.getsignal(signal.SIGTERM)
    communicator, done = SerialCommunicator(), []
    with Signals() as communicator.signals:
        with communicator.signals.deferring():
            os.kill(os.getpid(), signal.SIGTERM)
            with communicator.collective(heeding_signals=False):
                done.append("finished")
            with pytest.raises(Interrupted, match="terminated"), communicator.collective():
                done.append("block")
        assert communicator.has_ended
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGTERM)
    assert done == ["finished", "block"]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_interrupt_is_not_waited_for():
    """The file needs no care: Python's own handling would have to wait for the end of the block as well."""
    with Signals(deferred=True) as signals:
        os.kill(os.getpid(), signal.SIGINT)
        assert signals.received == signal.SIGINT
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_DFL


def test_only_the_main_thread_may_have_handlers():
    seen = []

    def enter():
        with Signals() as signals:
            seen.append(signals.received)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [0]


def test_an_error_counts_more_than_a_signal():
    communicator = SerialCommunicator()
    with Signals(deferred=True) as communicator.signals:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(ArithmeticError), communicator.collective():
            raise ArithmeticError


@pytest.mark.parametrize("number", ["SIGTERM", "SIGUSR1"])
@pytest.mark.nest
def test_a_simulation(number, tmp_path):
    """SIGINT: see test_failures.py."""
    saved(tmp_path, random_network(1, drive=3.0), poisson_odors(1, 10))
    rng = np.random.default_rng(1)
    steps = np.sort(rng.integers(1, 10_000, 5000))
    odor_file.save(OdorSet(40, 0.1, 10_000_000, (), (), steps, np.zeros_like(steps)), tmp_path / "odors.h5")
    command = [*COMMAND, "simulate", "net.h5", "odors.h5", "--out", "run.h5", "--block", "100"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment(), cwd=tmp_path)
    with process:
        while not simulated(tmp_path / "run.h5.partial"):
            assert process.poll() is None
        process.send_signal(getattr(signal, number))
        error = process.stderr.read()
    assert process.returncode == 143
    said = [line for line in error.splitlines() if "simulated" not in line]
    assert said == ["eiassembly: terminated"]
    blocks = simulated(tmp_path / "run.h5.partial") / 100
    assert blocks == pytest.approx(round(blocks))
    assert not (tmp_path / "run.h5").exists()


def simulated(path):
    try:
        with h5py.File(path, locking=False) as h5:
            return h5["eiassembly"].attrs["simulated"]
    except (OSError, KeyError):
        return 0.0
