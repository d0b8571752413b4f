"""HDF5 files that can fail to be written without failing HDF5.

After a refused write (full disk, quota) the HDF5 library can neither go on nor close the file: every object
that goes away reports a wrong reason, and the process may end with a segmentation fault. So HDF5 never hears
of it: what the disk refuses is kept here and raised at the next `NewFile.flush`, or at the end.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.files import describe_os_error, partial_name, written_beside

if sys.platform != "win32":
    import fcntl


def _lock(descriptor: int) -> None:
    """Refuse a file that another process is writing, where the file system can tell."""
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY)) from error
    except OSError:
        pass  # some network file systems have no locks


class _Disk:
    """A file as HDF5 wants it; from the first refused write on nothing is written any more."""

    def __init__(self, path: Path):
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
        self.error: OSError | None = None
        try:
            _lock(self._file.fileno())
            self._file.truncate()
        except OSError:
            self._file.close()
            raise

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: memoryview) -> int:
        return self._file.readinto(buffer) or 0

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size) or b""

    def write(self, data: memoryview) -> int:
        written = 0
        while written < len(data) and self.error is None:
            try:
                written += self._file.write(data[written:])
            except OSError as error:
                self.error = error
        return len(data)

    def truncate(self, size: int) -> int:
        if self.error is None:
            try:
                self._file.truncate(size)
            except OSError as error:
                self.error = error
        return size

    def flush(self) -> None:
        """Do nothing: there is no buffer."""

    def close(self) -> None:
        """Close, after everything has reached the disk."""
        with self._file:
            if self.error is None:
                try:
                    os.fsync(self._file)
                except OSError as error:
                    self.error = error

    def check(self) -> None:
        """Raise what the disk has refused."""
        if self.error is not None:
            raise self.error


class NewFile(h5py.File):  # type: ignore[misc]  # h5py has no types
    """An HDF5 file to write; `flush` raises OSError if anything before it could not be written."""

    def __init__(self, disk: _Disk):
        self._disk = disk
        super().__init__(disk, "w")

    def flush(self) -> None:
        """Bring everything to the disk."""
        super().flush()
        self.check()

    def check(self) -> None:
        """Raise OSError if anything could not be written, also after the file is closed."""
        self._disk.check()

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._disk.close()


@contextmanager
def created(path: Path, keep_on_error: bool = False) -> Iterator[NewFile]:
    """Open ``path``.partial for writing; renamed to ``path`` when the block ends well.

    Parameters
    ----------
    path : Path
        Final name.
    keep_on_error : bool
        Keep the partial file when the block fails (a run that got some way), unless it could not be written.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written (permission, full disk, missing directory).
    """
    try:
        disk = _Disk(partial_name(path))
    except OSError as error:
        # Here nothing is removed: it may be another process's.
        raise EnvironmentProblemError(f"{path}: cannot write: {describe_os_error(error)}") from error
    with written_beside(path, keep_on_error=keep_on_error):
        file = NewFile(disk)
        try:
            with file:
                yield file
        finally:
            # It may be why the block has failed: HDF5 stumbles over what it finds missing.
            file.check()
