"""The command ``eiassembly headline``: from chaos to stability, in one figure and one table."""

from pathlib import Path

import click

from eiassembly.analysis.runs.find import found_runs
from eiassembly.cli.options import FILE
from eiassembly.core.errors import EnvironmentProblemError, FileFormatError
from eiassembly.core.files import make_directory, opened_hdf5, written_beside
from eiassembly.core.schema import LYAPUNOV_FORMAT


@click.command()
@click.argument("directories", nargs=-1, required=True, metavar="DIR…", type=FILE)
@click.option("--out", type=FILE, metavar="DIR", required=True, help="Directory for figure and table.")
def headline(directories: tuple[Path, ...], out: Path) -> None:
    """Compare the structures from single spikes to patterns, in one figure and one table.

    Looks for sequences, twins, trials, shuffled inhibition (RUN.h5) and growth (LYAPUNOV.h5) in directories.
    Writes headline.png, headline.svg and headline.md.

    Example: eiassembly headline results/chaos --out results/headline
    """
    # Figures need matplotlib: imported here to keep the other commands quick.
    from eiassembly.analysis.experiments.headline import measure_headline, table
    from eiassembly.analysis.figures.headline import write_headline_figure

    runs, growth = tuple(found_runs(directories)), _growth_files(directories)
    if not runs and not growth:
        names = ", ".join(map(str, directories))
        raise EnvironmentProblemError(f"{names}: expected at least one RUN.h5 or LYAPUNOV.h5, found none")
    make_directory(out)
    found = measure_headline(runs, growth)
    text = table(found.samples)
    for suffix in ("png", "svg"):
        write_headline_figure(found, out / f"headline.{suffix}")
    with written_beside(out / "headline.md") as partial:
        partial.write_text(text, encoding="utf-8", errors="surrogateescape")
    click.echo(text)
    click.echo(f"{out}: headline.png, headline.svg, headline.md written")


def _growth_files(directories: tuple[Path, ...]) -> list[Path]:
    paths = [p for d in directories for p in (sorted(d.rglob("*.h5")) if d.is_dir() else [d])]
    return [path for path in dict.fromkeys(paths) if _is_growth(path)]


def _is_growth(path: Path) -> bool:
    try:
        with opened_hdf5(path, LYAPUNOV_FORMAT) as h5:
            return bool(h5.attrs.get("format") == LYAPUNOV_FORMAT)
    except FileFormatError:
        return False
