"""HDF5 files that can fail to be written without failing HDF5, and that survive their process.

After a refused write (full disk, quota) the HDF5 library can neither go on nor close the file: every object
that goes away reports a wrong reason, and the process may end with a segmentation fault. So HDF5 never hears
of it: what the disk refuses is kept in `JournaledFile` and raised at the next `NewFile.flush`, or at the end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.files import describe_os_error, partial_name, written_beside
from eiassembly.core.journal import JournaledFile


class NewFile(h5py.File):  # type: ignore[misc]  # h5py has no types
    """An HDF5 file to write; after a kill it is what it was after the last `flush` (see `journal`)."""

    def __init__(self, disk: JournaledFile, mode: str = "w"):
        self._disk = disk
        super().__init__(disk, mode)

    def flush(self) -> None:
        """Commit everything so far; raises OSError if anything before it could not be written."""
        super().flush()
        self._disk.commit()
        self.check()

    def check(self) -> None:
        """Raise OSError if anything could not be written, also after the file is closed."""
        self._disk.check()

    def abandon(self) -> None:
        """Forget everything since the last `flush` when the file is closed."""
        self._disk.abandon()

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._disk.close()


@contextmanager
def created(path: Path, keep_on_error: bool = False, go_on: bool = False) -> Iterator[NewFile]:
    """Open ``path``.partial for writing; renamed to ``path`` when the block ends well.

    Parameters
    ----------
    path : Path
        Final name.
    keep_on_error : bool
        Keep the partial file, as of its last `flush`, when the block fails (a run that got some way), unless
        it could not be written.
    go_on : bool
        The partial file is there, and what is in it is kept.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written (permission, full disk, missing directory).
    """
    try:
        disk = JournaledFile(partial_name(path), keep=go_on)
    except OSError as error:
        # Here nothing is removed: it may be another process's.
        raise EnvironmentProblemError(f"{path}: cannot write: {describe_os_error(error)}") from error
    with written_beside(path, keep_on_error=keep_on_error):
        file = NewFile(disk, "r+" if go_on else "w")
        try:
            with file:
                try:
                    file.flush()  # from here on there is an HDF5 file, if an empty one
                    yield file
                except BaseException:
                    file.abandon()
                    raise
        finally:
            # It may be why the block has failed: HDF5 stumbles over what it finds missing.
            file.check()
