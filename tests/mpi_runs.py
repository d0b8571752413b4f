"""Commands under a real mpirun, and what they say."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from command_line import COMMAND, environment

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.nest_installation import find_nest

PYTHON = (sys.executable, "-c")


def mpirun(ranks: int) -> tuple[str, ...]:
    """Command prefix for so many ranks, on few processors that others use, too."""
    return ("mpirun", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1", "-n", str(ranks))


def _why_not() -> str:
    if not shutil.which("mpirun"):
        return "no mpirun on the PATH"
    try:
        return "" if find_nest().has_mpi else "this NEST is built without MPI"
    except EnvironmentProblemError as error:
        return str(error)


needs_mpi = pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "all is there")


def own_lines(text: str) -> list[str]:
    """What the ranks said, without progress and without what mpirun says of its own."""
    return [line for line in text.splitlines() if line.startswith(("eiassembly", "Traceback", "Error"))]


class Job:
    """A command under mpirun that is running."""

    def __init__(self, folder: Path, ranks: int, *arguments: str, command: tuple[str, ...] = COMMAND):
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*mpirun(ranks), *command, *arguments], cwd=folder, stderr=log, stdout=log, env=environment()
            )

    def said(self) -> str:
        """Everything so far, of all ranks and of mpirun."""
        return self.log.read_text()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that happens while the job runs."""
        while not condition():
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)

    def pid(self, rank: int) -> int:
        """Process id of a rank."""
        children = (
            Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
            .read_text(encoding="utf-8")
            .split()
        )
        wanted = f"OMPI_COMM_WORLD_RANK={rank}".encode()
        return next(
            int(pid) for pid in children if wanted in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        )

    def end(self) -> int:
        """Exit status, after its end."""
        return self.process.wait(timeout=60)


@contextmanager
def job(folder: Path, ranks: int, *arguments: str, command: tuple[str, ...] = COMMAND) -> Iterator[Job]:
    """Run a command in the background; what is left of it is ended at the end."""
    running = Job(folder, ranks, *arguments, command=command)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            if running.process.poll() is None:
                running.process.send_signal(signal.SIGTERM)
                running.process.wait(timeout=60)


def is_alive(pid: int) -> bool:
    """Whether a process is still running."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
