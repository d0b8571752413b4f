"""A real Slurm for the tests of this folder, of two nodes on this machine; see sandbox.sh."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from command_line import run_command

SANDBOX = Path(__file__).with_name("sandbox.sh")
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "munged")
SBIN = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
MISSING = [name for name in PROGRAMS if not shutil.which(name, path=SBIN)]
WHY_NOT = f"no Slurm here ({', '.join(MISSING)}): tests/slurm/sandbox.sh install, as root on Debian"
INHERITED = re.compile(r"(SLURM|SBATCH|PMI|PMIX|OMPI)_")


def free_port():
    """The first of three neighbouring ports that nobody listens on."""
    for port in range(26900, 28900, 5):
        try:
            for one in range(port, port + 3):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
        except OSError:
            continue
        return port
    raise OSError("no free ports")


class Slurm:
    """Commands of Slurm, and of ours, as a user of the sandbox gives them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        changes = {
            "SLURM_CONF": f"{folder}/slurm.conf",
            "PATH": f"{Path(sys.executable).parent}:{SBIN}",
            "OMPI_MCA_oob_tcp_if_include": "lo",
            "OMPI_MCA_btl_tcp_if_include": "lo",
            "OMPI_ALLOW_RUN_AS_ROOT": "1",
            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        }
        if (self.folder / "same_host").exists():
            changes["OMPI_MCA_btl"] = "self,tcp"
        self.variables = changes
        self.kept = set()  # jobs that last longer than a test
        self.environment = {k: v for k, v in os.environ.items() if not INHERITED.match(k)} | changes

    def __call__(self, *command, check=True):
        """Output of a command."""
        done = subprocess.run(
            [str(part) for part in command],
            env=self.environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def campaign(self, *arguments):
        """One of our commands."""
        done = run_command("campaign", *arguments, variables=self.variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def job(self, number):
        """What Slurm knows of a job: one dictionary per task."""
        lines = self("scontrol", "show", "job", "-o", number).splitlines()
        return [dict(part.split("=", 1) for part in line.split() if "=" in part) for line in lines]

    def wait(self, number, condition, patience=180):
        """Wait until a condition on the tasks of a job is met; return them."""
        started = time.monotonic()
        while time.monotonic() - started < patience:
            tasks = self.job(number)
            if condition(tasks):
                return tasks
            time.sleep(0.15)
        raise TimeoutError(f"{tasks}\n{self.logs()}")

    def wait_for_end(self, number, patience=180):
        """Wait until all tasks of a job are over; return their states."""
        over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        tasks = self.wait(number, lambda found: all(t["JobState"] in over for t in found), patience)
        return sorted(t["JobState"] for t in tasks)

    def logs(self):
        """The ends of the daemons' logs."""
        return "\n".join(path.read_text()[-1500:] for path in self.folder.glob("log/slurm*.log"))

    def processes_on(self, node):
        """Everything that runs on a node: its slurmd, and what belongs to jobs there."""
        found = [int((self.folder / f"run/slurmd.{node}.pid").read_text())]
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                variables = path.read_bytes().split(b"\0")
                command = path.with_name("cmdline").read_bytes()
            except OSError:
                continue
            is_ours = f"SLURM_CONF={self.folder}/slurm.conf".encode() in variables
            if is_ours and (
                f"SLURMD_NODENAME={node}".encode() in variables or command.startswith(b"slurmstepd")
            ):
                found.append(int(path.parent.name))
        return found

    def python_of(self, number):
        """The process of ours that a job runs."""
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                is_ours = b"\0task\0" in path.read_bytes()
                variables = path.with_name("environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if is_ours and f"SLURM_ARRAY_JOB_ID={number}".encode() in variables:
                return int(path.parent.name)
        raise LookupError(number)

    def start_node(self, node):
        """Start the slurmd of a node that has been ended."""
        subprocess.run([SANDBOX, "node", self.folder, node], check=True)

    def clean(self):
        """Cancel everything, but what is to be kept, and wait until it is gone."""
        started = time.monotonic()
        while left := set(self("squeue", "--noheader", "--format=%F").split()) - self.kept:
            assert time.monotonic() - started < 20, left
            self("scancel", *left)
            time.sleep(0.1)


@pytest.fixture(scope="session")
def sandbox():
    """Slurm, started once; ended whatever happens."""
    if MISSING:
        pytest.skip(WHY_NOT)
    folder = tempfile.mkdtemp(dir="/tmp", prefix="sl")
    started = subprocess.run(
        [SANDBOX, "start", folder, str(free_port())], capture_output=True, text=True, check=False
    )
    try:
        if started.returncode != 0:
            pytest.skip(f"Slurm does not start here: {started.stderr.strip().splitlines()[-1:]}")
        yield Slurm(folder)
    finally:
        subprocess.run([SANDBOX, "stop", folder], check=False)


@pytest.fixture
def slurm(sandbox):
    """Slurm without any jobs, before and after."""
    yield sandbox
    sandbox.clean()
