"""Where the file system has no locks everything works, and still only one process of a machine at a time."""

import errno
import fcntl
import itertools
import os
import socket
import subprocess
import sys

import h5py
import numpy as np
import pytest
from command_line import environment, run_command
from no_locks import REFUSALS, refusing_flock
from run_files import write_random_run

from eiassembly.campaign import locking
from eiassembly.campaign.locking import LockedError, holder, locked
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.hdf5 import created
from eiassembly.core.journal import recover
from eiassembly.core.process_marks import mark

ONE_AT_A_TIME = "in-use-by"


@pytest.fixture(scope="module")
def preloaded(tmp_path_factory):
    return refusing_flock(tmp_path_factory.mktemp("no_locks"))


@pytest.fixture(params=REFUSALS)
def no_locks(request, monkeypatch):
    """This process's own locks are refused."""

    def refuse(descriptor, operation):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)


HOLD = """
import sys
from pathlib import Path
from eiassembly.core.process_marks import mark
mark(Path(sys.argv[1]))
print("marked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def another(tmp_path):
    """Another process that has marked run.h5.partial, and is there until its input ends."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run.h5.partial")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout.readline() == "marked\n"
        yield process
        process.kill()


READ = """
import sys
from pathlib import Path
from eiassembly.core.files import opened_hdf5
print(list(opened_hdf5(Path(sys.argv[1]), "run")))
"""


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("wanted", [None, "FALSE"])
def test_a_run_is_read(refusal, wanted, preloaded, tmp_path):
    run = write_random_run(tmp_path / "run.h5")
    variables = preloaded | {"REFUSED_WITH": str(refusal)}
    if wanted:
        variables["HDF5_USE_FILE_LOCKING"] = wanted
    done = run_command("doctor", run, variables=variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert "complete" in done.stdout
    done = run_command("-c", READ, run, command=(sys.executable,), variables=variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert "spikes" in done.stdout


def test_a_file_is_written_and_nothing_is_left_beside_it(no_locks, tmp_path):
    with created(tmp_path / "run.h5") as h5:
        h5["data"] = np.arange(5)
        assert len(list(tmp_path.glob(f"*{ONE_AT_A_TIME}*"))) == 1
        with pytest.raises(OSError, match=os.strerror(errno.EBUSY)):
            recover(tmp_path / "run.h5.partial")
        with (
            pytest.raises(EnvironmentProblemError, match="another process is writing it"),
            created(tmp_path / "run.h5"),
        ):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["run.h5"]
    with h5py.File(tmp_path / "run.h5") as h5:
        assert h5["data"][:].tolist() == [0, 1, 2, 3, 4]


def test_a_failure_leaves_no_mark(no_locks, tmp_path):
    with pytest.raises(ZeroDivisionError), created(tmp_path / "run.h5"):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_another_process_of_this_machine_is_seen(no_locks, another, tmp_path):
    with (
        pytest.raises(EnvironmentProblemError, match="another process is writing it"),
        created(tmp_path / "run.h5"),
    ):
        pass
    another.kill()
    another.wait()
    with created(tmp_path / "run.h5"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["run.h5"]


def test_marks_of_the_past_and_of_other_machines_keep_nobody_out(tmp_path):
    name = f"run.h5.{ONE_AT_A_TIME}-{socket.gethostname()}"
    later = tmp_path / f"{name}-{os.getppid()}-12345"  # a number that another process has had
    gone = tmp_path / f"{name}-{2**22 + 1}-12345"
    elsewhere = tmp_path / f"run.h5.{ONE_AT_A_TIME}-node17-1-12345"
    for path in (later, gone, elsewhere):
        path.touch()
    own = mark(tmp_path / "run.h5")
    assert set(tmp_path.iterdir()) == {own, elsewhere}


def test_of_several_processes_at_once_never_two_have_it(tmp_path):
    """Each tries for a while, and says when it had the file and when it gave it back."""
    code = """
import sys, time
from pathlib import Path
from eiassembly.core.process_marks import mark
print("ready", flush=True)
sys.stdin.readline()
for _ in range(300):
    try:
        own = mark(Path(sys.argv[1]))
    except OSError:
        continue
    begin = time.monotonic()
    time.sleep(0.0005)
    print(begin, time.monotonic(), flush=True)
    own.unlink()
"""
    command = [sys.executable, "-c", code, str(tmp_path / "run.h5")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment()}
    several = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for process in several:
        assert process.stdout.readline() == "ready\n"
    for process in several:
        process.stdin.write("\n")
        process.stdin.flush()
    lines = [line for process in several for line in process.communicate()[0].splitlines()]
    spans = sorted(tuple(map(float, line.split())) for line in lines)
    assert len(spans) > 10
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_runs_of_a_campaign_are_locked_without_locks(no_locks, tmp_path, monkeypatch):
    monkeypatch.setattr(locking, "_PATIENCE", 0.2)
    path = tmp_path / "lock"
    wanted = "that nobody works on, found process"
    with locked(path), pytest.raises(LockedError, match=wanted), locked(path):
        pass
    assert holder(path) is None
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
