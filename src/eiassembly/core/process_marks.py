"""One process of a machine works on a file, where the file system has no locks: each marks it beside.

Lustre without its option flock and NFS without a lock daemon have none. There every process that wants a
file for itself makes one of its own beside it, named after the machine, the process and when that began, and
only then looks for those of others: of two, one at least sees the other, so never do two go on. Marks of
processes that are gone are removed. What runs on other machines cannot be seen; campaigns ask Slurm.
"""

import errno
import os
import socket
from contextlib import suppress
from pathlib import Path

import psutil

_MARK = ".in-use-by-"
_CLOCK = 2
"""Seconds by which the start of a process may be told differently."""


def mark(path: Path) -> Path:
    """Mark a file as this process's own.

    Parameters
    ----------
    path : Path
        What nobody else is to work on.

    Returns
    -------
    Path
        The mark: to be removed when the work is done.

    Raises
    ------
    OSError
        With the errno EBUSY: a process of this machine works on it. Any other: the mark cannot be made.
    """
    pid, host = os.getpid(), socket.gethostname()
    prefix = f"{path.name}{_MARK}{host}-"
    own = path.with_name(f"{prefix}{pid}-{_start(pid)}")
    try:
        os.close(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError as error:
        raise _busy() from error
    others = [file for file in path.parent.iterdir() if file.name.startswith(prefix) and file != own]
    if any(_is_alive(file.name.removeprefix(prefix)) for file in others):
        own.unlink()
        raise _busy()
    for file in others:
        with suppress(OSError):
            file.unlink()
    return own


def _busy() -> OSError:
    return OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def _start(pid: int) -> int:
    """Seconds since 1970: a number is given to another process later."""
    return int(psutil.Process(pid).create_time())


def _is_alive(name: str) -> bool:
    try:
        pid, start = map(int, name.split("-"))
        return abs(_start(pid) - start) <= _CLOCK
    except (ValueError, psutil.NoSuchProcess):
        return False
    except psutil.Error:
        return True  # somebody else's, of whom nothing more is told
