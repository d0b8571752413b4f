"""What became of a run is read from its files: results, broken ones, logs, locks."""

import json
import os
import signal
import stat
import subprocess
import sys

import h5py
import pytest
from command_line import environment

from eiassembly.campaign import locking
from eiassembly.campaign.folders import RunFolder, folder_of, stored_identity
from eiassembly.campaign.locking import LockedError, Owner, holder, locked
from eiassembly.campaign.plan import load_campaign
from eiassembly.campaign.states import counted, state_of, states_of, unfinished
from eiassembly.core import schema
from eiassembly.core.errors import FileFormatError


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("[vary.network]\nseed = [1, 2, 3]\n")
    return load_campaign(path, folder=tmp_path / "out")


@pytest.fixture
def folder(plan):
    folder = folder_of(plan, plan.runs[0])
    folder.path.mkdir(parents=True)
    return folder


def write_run(path, run, is_complete=True, simulated=1000.0):
    """What the state of a run is read from, and nothing else."""
    config = {
        "network": {"config": run.config.model_dump(mode="json"), "preset": "A"},
        "odors": {},
        "simulation": run.dynamics.model_dump(mode="json"),
    }
    with h5py.File(path, "w") as h5:
        h5.attrs["format"], h5.attrs["version_number"] = schema.RUN_FORMAT, schema.VERSION
        h5[schema.CONFIG] = json.dumps(config)
        h5[schema.ROOT].attrs.update({"complete": is_complete, "simulated": simulated, "duration": 30000.0})


def state(plan):
    found = state_of(plan, plan.runs[0])
    return found.kind, found.detail


def test_nothing_is_missing(plan):
    assert [found.kind for found in states_of(plan)] == ["missing"] * 3


def test_a_complete_run_of_this_configuration_is_done(plan, folder):
    write_run(folder.run, plan.runs[0])
    assert state(plan) == ("done", "")
    assert stored_identity(folder.run) == (plan.runs[0].identity, True)
    assert unfinished(states_of(plan)) == [1, 2]
    assert counted(states_of(plan)) == "3 runs: 1 done, 2 missing"


def test_no_other_file_is_taken_for_a_result(plan, folder):
    write_run(folder.run, plan.runs[1])
    assert state(plan) == ("failed", "run.h5: of another configuration")
    write_run(folder.run, plan.runs[0], is_complete=False)
    assert state(plan) == ("failed", "run.h5: not complete")
    with folder.run.open("r+b") as file:
        file.truncate(1000)
    kind, detail = state(plan)
    assert kind == "failed"
    assert detail.startswith("run.h5: not a readable HDF5 file")
    folder.run.unlink()
    write_run(folder.partial, plan.runs[0])
    assert state(plan)[0] == "missing"


def test_an_imported_network_has_no_configuration(plan, folder):
    write_run(folder.run, plan.runs[0])
    with h5py.File(folder.run, "r+") as h5:
        config = json.loads(h5[schema.CONFIG].asstr()[()])
        del h5[schema.CONFIG], config["network"]["config"]
        h5[schema.CONFIG] = json.dumps(config)
    assert stored_identity(folder.run) == ("", True)
    folder.run.write_text("no HDF5")
    with pytest.raises(FileFormatError):
        stored_identity(folder.run)


def test_what_the_log_says_last(plan, folder):
    folder.note_start(1, 1)
    assert state(plan) == (
        "stopped",
        "nothing simulated; killed without a word: out of memory or time, or the machine failed",
    )
    write_run(folder.partial, plan.runs[0], is_complete=False, simulated=2500.0)
    assert state(plan)[1].startswith("2.5 of 30 s simulated; killed without a word")
    folder.note("stopped", "terminated")
    assert state(plan) == ("stopped", "terminated; 2.5 of 30 s simulated")
    folder.note("failed", "run.h5: cannot write:\nno space left on the device")
    assert state(plan) == ("failed", "run.h5: cannot write: no space left on the device")
    with folder.log.open("a") as log:
        log.write("2026-01-01 don")  # killed in mid-line
    assert state(plan)[0] == "failed"


HOLD = """
import sys, time
from pathlib import Path
from eiassembly.campaign.locking import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(folder):
    """Another process that works on the run."""
    command = [sys.executable, "-c", HOLD, str(folder.lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_one_process_at_a_time(plan, folder, other, monkeypatch):
    monkeypatch.setattr(locking, "_PATIENCE", 0.2)
    kind, detail = state(plan)
    assert kind == "running"
    assert detail == f"process {other.pid} on {os.uname().nodename}"
    with (
        pytest.raises(LockedError, match=f"that nobody works on, found process {other.pid} on"),
        locked(folder.lock),
    ):
        pass
    assert unfinished(states_of(plan)) == [1, 2]


def test_a_killed_process_leaves_no_lock(plan, folder, other):
    folder.note_start(1, 1)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert state(plan)[0] == "stopped"
    with locked(folder.lock):
        assert holder(folder.lock) == Owner.this()
    assert holder(folder.lock) is None


def squeue(folder, monkeypatch, text, status=0):
    """A Slurm that says this of every job."""
    program = folder / "squeue"
    program.write_text(f"#!/bin/sh\n{text}\nexit {status}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@pytest.mark.parametrize(
    ("says", "status", "is_held"),
    [
        ("echo RUNNING", 0, True),
        ("echo PENDING", 0, False),
        ("true", 0, False),
        ("echo 'slurm_load_jobs error: Invalid job id specified' >&2", 1, False),
        ("echo 'Unable to contact slurm controller' >&2", 1, False),
    ],
)
def test_another_machine_whose_locks_are_not_seen(says, status, is_held, folder, tmp_path, monkeypatch):
    """Its job is asked for: a lock that could be had says nothing of other machines on some file systems."""
    squeue(tmp_path, monkeypatch, says, status)
    folder.lock.write_text(json.dumps({"host": "node17", "pid": 1, "job": "4711"}))
    assert (holder(folder.lock) is not None) == is_held


def test_a_requeued_job_is_not_kept_out_by_itself(folder, tmp_path, monkeypatch):
    squeue(tmp_path, monkeypatch, "echo RUNNING")
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    folder.lock.write_text(json.dumps({"host": "node17", "pid": 1, "job": "4711"}))
    with locked(folder.lock):
        assert holder(folder.lock) == Owner.this()


def test_without_locks_the_owner_on_this_machine_is_looked_for(folder, monkeypatch):
    monkeypatch.setattr(locking, "_flock", lambda descriptor: None)
    host = Owner.this().host
    folder.lock.write_text(json.dumps({"host": host, "pid": os.getppid(), "job": ""}))
    assert holder(folder.lock) == Owner(host, os.getppid(), "")
    folder.lock.write_text(json.dumps({"host": host, "pid": 2**22 + 1, "job": ""}))
    assert holder(folder.lock) is None


def test_set_aside(folder):
    folder.run.write_text("x")
    folder.set_aside(folder.run)
    assert not folder.run.exists()
    assert (folder.path / "run.h5.broken").read_text() == "x"
    assert RunFolder(folder.path) == folder
