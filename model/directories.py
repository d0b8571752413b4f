"""Directories that are whole or not there: filled beside, renamed at the end."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.files import describe_os_error, partial_name


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
