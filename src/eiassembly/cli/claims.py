"""The command ``eiassembly claims``: how much of the paper holds in the runs at hand."""

from pathlib import Path

import click

from eiassembly.analysis.runs.find import found_runs
from eiassembly.cli.options import FILE
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.files import ensure_writable_target


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
    from eiassembly.analysis.report.claims_page import read_notes, write_claims

    ensure_writable_target(out)
    added = None if notes is None else read_notes(notes)
    runs = tuple(found_runs(directories))
    if not runs:
        raise EnvironmentProblemError(
            f"{', '.join(map(str, directories))}: expected at least one complete run (RUN.h5), found none"
        )
    write_claims(runs, out, added)
