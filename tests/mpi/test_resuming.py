"""Real runs that are killed, and go on with other numbers of ranks and threads."""

import os
import signal
import time
from dataclasses import replace

import h5py
import numpy as np
import pytest
from command_line import run_command
from mpi_runs import job, mpirun, needs_mpi, own_lines
from run_comparison import differences
from simulations import poisson_odors, random_network, saved

from eiassembly.model.state.progress import run_state
from eiassembly.odors import file as odor_file

pytestmark = [needs_mpi, pytest.mark.nest]
FILES = ("net.h5", "odors.h5", "protocol.toml")
RUN = ("simulate", "net.h5", "odors.h5", "--out", "run.h5", "--record", "V_m,g_I", "--delay", "1")
RUN += ("--protocol", "protocol.toml")
PROTOCOL = """
[[current]]
population = "E"
fraction = 0.5
windows = [[100, 2000.3], [2500, 5900]]
pA = 28.0
[[perturb]]
population = "E"
id = 3
at = 1000.0
[[perturb]]
population = "I"
id = 4
at = 3000.0
change = "add"
[[displace]]
population = "E"
fraction = 1.0
at = 4000.0
V_m = 3.0
[[excitability]]
population = "E"
number = 20
windows = [[500, 4500]]
lowered_by = 0.2
"""
RESUME = ("--checkpoint-every", "50", "--resume")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """6 s of input, and the run of one process."""
    folder = tmp_path_factory.mktemp("whole")
    short = poisson_odors(1, 2000, rate=60.0)
    shifted = [(short.steps + k * short.n_steps, short.ids) for k in range(30)]
    steps, ids = (np.concatenate(columns) for columns in zip(*shifted, strict=True))
    saved(folder, random_network(1, drive=3.0), replace(short, n_steps=60_000, steps=steps, ids=ids))
    (folder / "protocol.toml").write_text(PROTOCOL)
    assert odor_file.load(folder / "odors.h5").n_steps == 60_000
    done = run_command(*RUN, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def snapshot_step(path):
    try:
        with h5py.File(path, locking=False) as h5:
            return int(h5["eiassembly/checkpoint"].attrs["step"])
    except (OSError, KeyError):
        return -1


def killed(folder, ranks, block, number):
    """Kill a rank, or end all of them by a signal, some time after a new snapshot; the step of the latest."""
    path = folder / "run.h5.partial"
    before = max(snapshot_step(path), 0)
    with job(folder, ranks, *RUN, *RESUME, "--block", block) as running:
        running.wait_until(lambda: snapshot_step(path) > max(before, 0))
        time.sleep(np.random.default_rng(time.time_ns()).uniform(0, 0.1))
        os.kill(running.pid(ranks - 1), number)
        assert running.end() != 0
    assert not run_state(path).is_complete
    return snapshot_step(path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGUSR1])
def test_killed_and_resumed(number, undisturbed, tmp_path):
    for name in FILES:
        os.link(undisturbed / name, tmp_path / name)
    steps = [killed(tmp_path, ranks, block, number) for ranks, block in ((3, "20"), (2, "7.3"), (1, "50"))]
    assert 0 < steps[0] < steps[1] < steps[2] < 60_000
    done = run_command(*RUN, *RESUME, "--threads", "2", prefix=mpirun(2), cwd=tmp_path, timeout=120)
    assert (done.returncode, done.stdout) == (0, "run.h5: written\n"), done.stderr
    differing = differences(tmp_path / "run.h5", undisturbed / "run.h5")
    assert [name for name in differing if not name.startswith("eiassembly/checkpoint")] == []
    again = run_command(*RUN, *RESUME, prefix=mpirun(2), cwd=tmp_path, timeout=120)
    assert again.stdout == "run.h5: complete already\n"


def test_a_snapshot_is_made_when_a_signal_ends_the_run(undisturbed, tmp_path):
    for name in FILES:
        os.link(undisturbed / name, tmp_path / name)
    path = tmp_path / "run.h5.partial"
    with job(tmp_path, 2, *RUN, "--checkpoint-every", "1e6", "--block", "10") as running:
        running.wait_until(lambda: path.is_file() and snapshot_step(path) == 0)
        running.wait_until(lambda: run_state(path).simulated > 0)
        os.kill(running.pid(0), signal.SIGUSR1)
        assert running.end() == 143
        assert own_lines(running.said()) == ["eiassembly: terminated"]
    assert snapshot_step(path) == round(run_state(path).simulated / 0.1) > 0


def test_two_runs_do_not_go_on_from_one_file(undisturbed, tmp_path):
    for name in FILES:
        os.link(undisturbed / name, tmp_path / name)
    path = tmp_path / "run.h5.partial"
    with job(tmp_path, 2, *RUN, *RESUME, "--block", "10") as running:
        running.wait_until(lambda: snapshot_step(path) > 0)
        done = run_command(*RUN, *RESUME, cwd=tmp_path)
        assert done.returncode == 1
        assert own_lines(done.stderr) == [
            "eiassembly: error: run.h5.partial: cannot go on from it: another run is writing it"
        ]
        assert running.process.poll() is None
