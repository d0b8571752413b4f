"""Find the complete runs below some directories."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from eiassembly.analysis.runs.run import Run, open_run
from eiassembly.core.errors import EnvironmentProblemError, FileFormatError
from eiassembly.core.files import opened_hdf5
from eiassembly.core.schema import RUN_FORMAT


def found_runs(directories: Sequence[Path]) -> Iterator[Run]:
    """Yield the complete runs below some directories, in the order of their names; others with a warning.

    Raises
    ------
    EnvironmentProblemError
        There is no such directory or file.
    """
    for path in dict.fromkeys(path for directory in directories for path in _files(directory)):
        try:
            if _holds_run(path):
                yield open_run(path)
        except FileFormatError as error:
            click.echo(f"eiassembly: warning: {error}", err=True)


def _files(directory: Path) -> list[Path]:
    if not directory.exists():
        raise EnvironmentProblemError(f"{directory}: no such file or directory")
    return sorted(directory.rglob("*.h5")) if directory.is_dir() else [directory]


def _holds_run(path: Path) -> bool:
    """Whether an HDF5 file is a RUN.h5: networks and odors lie beside them."""
    with opened_hdf5(path, RUN_FORMAT) as h5:
        return bool(h5.attrs.get("format") == RUN_FORMAT)
