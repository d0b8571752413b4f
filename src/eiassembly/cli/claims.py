"""The command ``eiassembly claims``: how much of the paper holds in the runs at hand."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eiassembly.analysis.results import Run, open_run
from eiassembly.cli.options import FILE
from eiassembly.model.errors import EnvironmentProblemError, FileFormatError
from eiassembly.model.files import ensure_writable_target, opened_hdf5
from eiassembly.model.schema import RUN_FORMAT

if TYPE_CHECKING:
    from eiassembly.analysis.claims_page import Notes


@click.command()
@click.argument("directories", nargs=-1, required=True, metavar="DIR…", type=FILE)
@click.option("--out", type=FILE, metavar="CLAIMS.md", required=True, help="Page to write.")
@click.option("--notes", type=FILE, metavar="NOTES.toml", help="Introduction and explanations of claims.")
def claims(directories: tuple[Path, ...], out: Path, notes: Path | None) -> None:
    """Judge the claims of the paper by all runs in some directories; one run is a directory, too.

    Writes the page, its figures into a folder beside it, and all numbers as a table, CLAIMS.csv.

    Example: eiassembly claims results/claims --out CLAIMS.md
    """
    # Figures need matplotlib: imported here to keep the other commands quick.
    from eiassembly.analysis.claims_page import read_notes

    ensure_writable_target(out)
    added = None if notes is None else read_notes(notes)
    runs = tuple(found_runs(directories))
    if not runs:
        raise EnvironmentProblemError(
            f"{', '.join(map(str, directories))}: expected at least one complete run (RUN.h5), found none"
        )
    write_claims(runs, out, added)


def write_claims(runs: Sequence[Run], out: Path, notes: "Notes | None" = None) -> None:
    """Judge the claims by some runs; write CLAIMS.md, its figures and CLAIMS.csv.

    Parameters
    ----------
    runs : sequence of Run
        Of any protocols.
    out : Path
        CLAIMS.md.
    notes : Notes, optional
        Introduction and explanations.

    Raises
    ------
    EiassemblyError
        A run that cannot be measured, files that cannot be written.
    """
    # Figures need matplotlib: imported here to keep the other commands quick.
    from eiassembly.analysis import claims_page
    from eiassembly.analysis.experiment_sequence import is_sequence
    from eiassembly.analysis.survey import survey

    samples = survey(runs, ordinary=is_sequence, told=click.echo).samples
    rows = claims_page.rows_of(samples)
    claims_page.write_samples(samples, out.with_suffix(".csv"))
    claims_page.write_page(rows, runs, out, notes)
    click.echo("\n".join(f"{row.claim.name:<4}{row.verdict:<26}{row.claim.text}" for row in rows))
    click.echo(f"{out}, {out.with_suffix('.csv')}: written")


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
    """Whether an HDF5 file is a RUN.h5: networks and odours lie beside them."""
    with opened_hdf5(path, RUN_FORMAT) as h5:
        return bool(h5.attrs.get("format") == RUN_FORMAT)
