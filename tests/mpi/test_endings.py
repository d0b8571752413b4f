"""Runs that end early under a real mpirun: killed, asked to stop, one rank in trouble."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from command_line import run_command
from mpi_runs import PYTHON, is_alive, job, mpirun, needs_mpi, own_lines
from run_files import random_wiring
from simulations import poisson_odors

from eiassembly.connectivity import storage
from eiassembly.model import odor_storage
from eiassembly.model.errors import FileFormatError
from eiassembly.model.run_state import run_state

pytestmark = needs_mpi
RUN = ("simulate", "net.h5", "odors.h5", "--out", "run.h5", "--block", "20")
PARTIAL = "run.h5.partial"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A small network, and more to simulate than anybody waits for."""
    folder = tmp_path_factory.mktemp("endings")
    storage.save(random_wiring(4, sizes={"OB": 40, "E": 90, "I": 20}), folder / "net.h5")
    odors = poisson_odors(3, 20_000, rate=100.0)
    odor_storage.save(replace(odors, n_steps=10_000_000), folder / "odors.h5")
    done = run_command(*RUN, "--duration", "2000", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(inputs, tmp_path):
    for name in ("net.h5", "odors.h5"):
        (tmp_path / name).symlink_to(inputs / name)
    return tmp_path


def blocks_of(path: Path) -> float:
    """Simulated time in a file that may just be written, ms."""
    try:
        return run_state(path).simulated
    except FileFormatError:  # not begun yet
        return 0.0


def assert_holds_all_blocks(partial: Path, whole: Path) -> None:
    """Up to `simulated` the spikes are those of an undisturbed run."""
    with h5py.File(partial) as found, h5py.File(whole) as wanted:
        until = min(found["eiassembly"].attrs["simulated"], 2000.0)
        assert until > 0
        assert not found["eiassembly"].attrs["complete"]
        for name, group in wanted["spikes"].items():
            n = int(np.searchsorted(group["timestamps"][:], until + 0.05))
            for column in ("timestamps", "node_ids"):
                np.testing.assert_array_equal(found[f"spikes/{name}/{column}"][:n], group[column][:n])
            assert n > 0


@pytest.mark.parametrize("killed", [0, 1])
@pytest.mark.parametrize("after", [200.0, 700.0])
def test_a_killed_rank_costs_one_block(killed, after, folder, inputs):
    with job(folder, 2, *RUN) as running:
        running.wait_until(lambda: blocks_of(folder / PARTIAL) >= after)
        pids = [running.pid(rank) for rank in (0, 1)]
        os.kill(pids[killed], signal.SIGKILL)
        assert running.end() != 0
    assert not any(is_alive(pid) for pid in pids)
    assert not (folder / "run.h5").exists()
    said = run_command("doctor", PARTIAL, cwd=folder)
    assert said.returncode == 0, said.stderr
    state = run_state(folder / PARTIAL)
    assert state.simulated >= after
    assert not state.is_complete
    assert f"{state.simulated / 1000:g}" in said.stdout or f"{state.simulated:g}" in said.stdout
    assert_holds_all_blocks(folder / PARTIAL, inputs / "run.h5")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_all_ranks_close_the_file(number, folder, inputs):
    with job(folder, 2, *RUN) as running:
        running.wait_until(lambda: blocks_of(folder / PARTIAL) >= 100)
        for pid in [running.pid(rank) for rank in (0, 1)]:
            os.kill(pid, number)
        assert running.end() != 0
        assert len(own_lines(running.said())) == 1, running.said()
    assert not (folder / "run.h5").exists()
    assert_holds_all_blocks(folder / PARTIAL, inputs / "run.h5")


FAILS_ON_ONE = """
import sys
from eiassembly.cli import main
from eiassembly.model.network import Network
import nest
simulate, calls = Network.simulate, []
def failing(self, steps):
    calls.append(steps)
    if len(calls) == 3 and nest.Rank() == 1:
        raise ValueError("trouble on this rank")
    simulate(self, steps)
Network.simulate = failing
main(sys.argv[1:])
"""


def test_an_error_on_one_rank_ends_all_with_one_message(folder):
    done = run_command(*RUN, prefix=mpirun(3), command=(*PYTHON, FAILS_ON_ONE), cwd=folder, timeout=60)
    assert done.returncode != 0
    lines = own_lines(done.stderr)
    assert len(lines) == 1, done.stderr
    assert "trouble on this rank" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("simulate", "none.h5", "odors.h5", "--out", "run.h5"), "none.h5: no such file"),
        (("simulate", "net.h5", "odors.h5", "--out", "no/run.h5"), "no/run.h5: cannot write"),
        (("simulate", "net.h5", "net.h5", "--out", "run.h5"), "net.h5: attribute format: expected"),
    ],
)
def test_bad_files_are_named_once(arguments, message, folder):
    done = run_command(*arguments, prefix=mpirun(3), cwd=folder, timeout=60)
    assert done.returncode != 0
    lines = own_lines(done.stderr)
    assert len(lines) == 1, done.stderr
    assert message in lines[0]
    assert not list(folder.glob("run.h5*"))


def test_more_threads_than_processors_are_refused_once(folder):
    variables = {"EIASSEMBLY_OVERSUBSCRIBE": "0"}
    done = run_command(
        *RUN,
        "--threads",
        "64",
        "--duration",
        "10",
        prefix=mpirun(2),
        cwd=folder,
        variables=variables,
        timeout=60,
    )
    assert done.returncode != 0
    lines = own_lines(done.stderr)
    assert len(lines) == 1, done.stderr
    assert "processors may be used" in lines[0]
    done = run_command(
        *RUN, "--threads", "3", "--duration", "10", "--oversubscribe",
        prefix=mpirun(2), cwd=folder, variables=variables, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_doctor_speaks_once(folder):
    done = run_command("doctor", prefix=mpirun(2), cwd=folder, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("all is well") == 1
    assert "processes   2" in done.stdout
