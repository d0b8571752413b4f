"""One process works on a run: a lock that ends with its owner, on one machine or on a cluster.

The file system's lock decides where there is one, else a mark beside the file (see `process_marks`). Some
network file systems have none, or one that other machines do not see: therefore the owner says in the file
who it is, and another machine asks Slurm about it.
"""

import errno
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.files import describe_os_error
from eiassembly.core.process_marks import mark

if sys.platform != "win32":
    import fcntl

_PATIENCE = 2.0
"""Seconds: whoever looks whether a run is being worked on holds the lock for a moment, too."""
_PATIENCE_WITH_ITSELF = 120.0
"""Seconds that a requeued job waits: a file server gives up the lock of a machine that died late."""


@dataclass(frozen=True)
class Owner:
    """Who works on a run.

    Parameters
    ----------
    host : str
        Name of the machine.
    pid : int
        Process.
    job : str
        Number of the Slurm job; empty without.
    """

    host: str
    pid: int
    job: str

    @classmethod
    def this(cls) -> "Owner":
        """Return the own process."""
        return cls(socket.gethostname(), os.getpid(), os.environ.get("SLURM_JOB_ID", ""))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}" + (f", job {self.job}" if self.job else "")


class LockedError(EnvironmentProblemError):
    """Another process works on the run."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only one during the block.

    Parameters
    ----------
    path : Path
        File to lock; it is made, and stays.

    Raises
    ------
    LockedError
        Another process is.
    EnvironmentProblemError
        The file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise EnvironmentProblemError(f"{path}: cannot lock: {describe_os_error(error)}") from error
    own = None
    try:
        own = _acquire(descriptor, path)
        _write(descriptor, json.dumps(asdict(Owner.this())))
        try:
            yield
        finally:
            _write(descriptor, "")
    finally:
        os.close(descriptor)
        if own is not None:
            own.unlink(missing_ok=True)


def holder(path: Path) -> Owner | None:
    """Return who holds the lock now; None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return _other_owner(descriptor)
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> Path | None:
    """Wait for the lock; the mark that stands for it where there are no locks."""
    started = time.monotonic()
    while True:
        owner, own = _other_owner(descriptor), None
        if owner is None and _flock(descriptor) is None:
            owner, own = _marked(descriptor, path)
        if owner is None:
            return own
        is_own_job = bool(owner.job) and owner.job == Owner.this().job
        patience = _PATIENCE_WITH_ITSELF if is_own_job and owner.host != Owner.this().host else _PATIENCE
        if time.monotonic() - started > patience:
            raise LockedError(f"{path.parent}: expected a run that nobody works on, found {owner}")
        time.sleep(0.1)


def _marked(descriptor: int, path: Path) -> tuple[Owner | None, Path | None]:
    """Another process of this machine that was quicker, else the own mark."""
    try:
        return None, mark(path)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise EnvironmentProblemError(f"{path}: cannot lock: {describe_os_error(error)}") from error
        return _read(descriptor) or Owner(Owner.this().host, 0, ""), None


def _other_owner(descriptor: int) -> Owner | None:
    """Take the lock; None if that is enough to be alone, else the one who has it."""
    owner = _read(descriptor)
    has_lock = _flock(descriptor)
    if has_lock is False:
        return _read(descriptor) or Owner("a machine", 0, "")
    this = Owner.this()
    if owner is None or owner == this:
        return None
    if owner.host == this.host:
        return None if has_lock or not _is_alive(owner.pid) else owner
    is_own_job = bool(owner.job) and owner.job == this.job
    return owner if not is_own_job and _is_running(owner.job, otherwise=has_lock is None) else None


def _flock(descriptor: int) -> bool | None:
    """Whether the lock could be had; None where there are no locks."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        is_taken = error.errno in (errno.EWOULDBLOCK, errno.EACCES)
        return False if is_taken else None
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's
    return True


def _is_running(job: str, otherwise: bool) -> bool:
    """Whether Slurm knows a job to be running; ``otherwise`` if nobody can say."""
    if not job:
        return otherwise
    try:
        asked = subprocess.run(
            ["squeue", "--noheader", "--jobs", job, "--format", "%T"],
            capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=30,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return otherwise
    if asked.returncode != 0:
        return otherwise and "invalid job id" not in asked.stderr.lower()
    return bool({"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED"} & set(asked.stdout.split()))


def _read(descriptor: int) -> Owner | None:
    with suppress(ValueError, TypeError, OSError):
        return Owner(**json.loads(os.pread(descriptor, 4096, 0)))
    return None


def _write(descriptor: int, text: str) -> None:
    """Say who has the lock; a full disk is no reason not to go on."""
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)
