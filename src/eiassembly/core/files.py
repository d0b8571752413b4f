"""Files and directories that are whole or not there: made beside, renamed at the end, errors in one line."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import h5py
from pydantic import ValidationError

from eiassembly.core.errors import EnvironmentProblemError, FileFormatError

_REASONS = {
    errno.ENOSPC: "no space left on the device",
    errno.EDQUOT: "disk quota exceeded",
    errno.EACCES: "permission denied",
    errno.EBUSY: "another process is writing it",
    errno.EFBIG: "the file is larger than allowed",
    errno.EROFS: "the file system is read-only",
    errno.ENOENT: "the directory does not exist",
    errno.ENOTDIR: "a part of the path is not a directory",
    errno.EISDIR: "it is a directory",
    errno.ENOLCK: "the file system has no locks; set HDF5_USE_FILE_LOCKING=FALSE",
    errno.EIO: "input/output error",
}

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What a file system says that has none."""

# What reading objects of the wrong kind, size or name leads to.
_DAMAGE = (KeyError, IndexError, OSError, RuntimeError, ValueError, TypeError, AttributeError, MemoryError)


def describe_os_error(error: OSError) -> str:
    """Reason of a failed file operation in words, also when HDF5 hides the error number in its message."""
    if error.errno in _REASONS:
        return _REASONS[error.errno]
    for code, words in _REASONS.items():
        if f"errno = {code}," in str(error):
            return words
    return str(error).splitlines()[0]


def partial_name(path: Path, suffix: str = ".partial") -> Path:
    """Name of a file while it is being written."""
    return path.with_name(path.name + suffix)


@contextmanager
def written_beside(path: Path, suffix: str = ".partial", keep_on_error: bool = False) -> Iterator[Path]:
    """Yield ``path`` + suffix to write to; renamed to ``path`` when the block ends well.

    Parameters
    ----------
    path : Path
        Final name.
    suffix : str
        Appended to the name while writing.
    keep_on_error : bool
        Keep the partial file when the block fails (a run that got some way), unless it could not be written.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written (permission, full disk, missing directory).
    """
    partial = partial_name(path, suffix)
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        # What a refused write has left cannot be read, and takes space.
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise EnvironmentProblemError(f"{path}: cannot write: {describe_os_error(error)}") from error
    except BaseException:
        if not keep_on_error:
            partial.unlink(missing_ok=True)
        raise


@contextmanager
def csv_beside(path: Path) -> Iterator[TextIO]:
    """Yield a text file for the module csv; as `written_beside`.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with (
        written_beside(path) as partial,
        partial.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        yield file


@contextmanager
def opened(path: Path, kind: str, version: int) -> Iterator[h5py.File]:
    """Open one of our HDF5 files for reading; ``kind`` is its root attribute ``format``.

    Raises
    ------
    FileFormatError
        Missing, not HDF5, truncated, of another kind or of a newer version; also when a dataset that
        is read inside the block is missing or damaged.
    """
    with opened_hdf5(path, kind) as h5, damage_named(path, kind):
        check_format(path, h5, kind, version)
        yield h5


def opened_hdf5(path: Path, kind: str, locking: bool | None = None) -> h5py.File:
    """Open an HDF5 file for reading that ought to be of this kind.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        What is expected, for messages.
    locking : bool, optional
        False to look at a file that is being written; by default HDF5 decides.

    Raises
    ------
    FileFormatError
        Missing, not HDF5, or truncated.
    """
    if not path.is_file():
        raise FileFormatError(f"{path}: no such file; expected an {kind} file")
    try:
        return h5py.File(path, "r", locking=locking)
    except OSError as error:
        if locking is not False and any(f"lock file, errno = {code}," in str(error) for code in _NO_LOCKS):
            return opened_hdf5(path, kind, locking=False)
        raise FileFormatError(
            f"{path}: not a readable HDF5 file (damaged or truncated?): {describe_os_error(error)}"
        ) from error


@contextmanager
def damage_named(path: Path, kind: str) -> Iterator[None]:
    """Read from an open file; what is missing or damaged becomes one line.

    Raises
    ------
    FileFormatError
        Names the file, and the object where that is known.
    """
    try:
        yield
    except _DAMAGE as error:
        raise FileFormatError(f"{path}: damaged or incomplete {kind} file: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}, found {first['input']}"
    return next(iter(str(error.args[0] if error.args else error).splitlines()), type(error).__name__)


def check_format(path: Path, h5: h5py.File, kind: str, version: int) -> None:
    """Check that an open file is of a kind, and of this version of its layout.

    Raises
    ------
    FileFormatError
        It is not.
    """
    found = h5.attrs.get("format", "nothing")
    if found != kind:
        raise FileFormatError(f"{path}: attribute format: expected {kind}, found {found}")
    number = int(h5.attrs.get("version_number", 0))
    if number != version:
        writer = "a newer eiassembly wrote it" if number > version else "made by an older one: make it again"
        raise FileFormatError(
            f"{path}: attribute version_number: expected {version}, found {number}; {writer}"
        )


def ensure_writable_target(path: Path) -> None:
    """Fail early, before hours of work, when ``path`` cannot be created.

    Raises
    ------
    EnvironmentProblemError
        The directory is missing or not writable, or ``path`` is something else than a file.
    """
    if path.is_dir():
        raise EnvironmentProblemError(f"{path}: cannot write: it is a directory")
    if not path.parent.is_dir():
        raise EnvironmentProblemError(f"{path}: cannot write: the directory {path.parent} does not exist")
    if path.exists() and not path.is_file():
        # Renaming the result would replace a device such as /dev/null.
        raise EnvironmentProblemError(f"{path}: cannot write: it is a device or a pipe, expected a file")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise EnvironmentProblemError(
            f"{path}: cannot write: no file can be made in {path.parent}: {describe_os_error(error)}"
        ) from error


def make_directory(path: Path) -> None:
    """Make a directory, and those above it, where there is none.

    Raises
    ------
    EnvironmentProblemError
        It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblemError(
            f"{path}: cannot make the directory: {describe_os_error(error)}"
        ) from error


def ensure_new_directory(path: Path) -> None:
    """Fail early when ``path`` cannot become a directory of ours.

    Raises
    ------
    EnvironmentProblemError
        There is something else than an empty directory, or nothing to make it in.
    """
    place = path.resolve()
    if place.is_dir() and any(place.iterdir()):
        raise EnvironmentProblemError(f"{path}: cannot write: expected a new directory, found one with files")
    if place.exists() and not place.is_dir():
        raise EnvironmentProblemError(f"{path}: cannot write: expected a new directory, found a file")
    if not place.parent.is_dir():
        raise EnvironmentProblemError(f"{path}: cannot write: the directory {path.parent} does not exist")


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """Yield ``path``.partial, an empty directory; renamed to ``path`` when the block ends well.

    Parameters
    ----------
    path : Path
        Final name; nothing or an empty directory may be there.

    Raises
    ------
    EnvironmentProblemError
        There are files already, or something cannot be written.
    """
    ensure_new_directory(path)
    place = path.resolve()
    partial = partial_name(place)
    try:
        partial.mkdir()
    except FileExistsError as error:
        # Not removed: another process may be filling it.
        raise EnvironmentProblemError(
            f"{path}: cannot write: {partial} is there: somebody is writing it now, "
            "or did not finish; then remove it"
        ) from error
    except OSError as error:
        raise _refused(path, error) from error
    try:
        yield partial
        partial.replace(place)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise _refused(path, error) from error
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _refused(path: Path, error: OSError) -> EnvironmentProblemError:
    return EnvironmentProblemError(f"{path}: cannot write: {describe_os_error(error)}")
