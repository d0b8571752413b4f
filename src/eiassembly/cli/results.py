"""Commands that read runs: ``analyse`` and ``report``."""

from pathlib import Path
from typing import Any

import click

from eiassembly.analysis.report.export import WRITERS, write_results
from eiassembly.analysis.report.survey import Summary, survey
from eiassembly.analysis.report.tables import as_text
from eiassembly.analysis.runs.run import open_runs
from eiassembly.api import report as write_report
from eiassembly.cli.external import external_options, external_survey
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import ensure_writable_target

RUNS = click.argument("runs", nargs=-1, required=True, metavar="RUN.h5…", type=click.Path(path_type=Path))


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN.h5…", type=click.Path(path_type=Path))
@external_options
@click.option(
    "--out",
    "outs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="RESULTS.{json,h5,csv}",
    help="Write the numbers in the format of the suffix; repeatable.",
)
def analyse(runs: tuple[Path, ...], outs: tuple[Path, ...], **options: Any) -> None:
    """Measure rates, conductances, correlations and co-tuning of runs, and compare them with the paper.

    Other people's spikes are measured as far as that needs no wiring: give --spikes and --presentations.

    Example: eiassembly analyse results/*.h5 --out results.json --out results.csv

    Example: eiassembly analyse --spikes spikes.h5 --presentations presentations.csv
    """
    for out in outs:
        _ensure_known_format(out)
        ensure_writable_target(out)
    measured: Summary = external_survey(runs, outs, options) or survey(open_runs(runs))
    click.echo(as_text(measured))
    for out in outs:
        write_results(measured, out)
        click.echo(f"\nwritten: {out}")


def _ensure_known_format(out: Path) -> None:
    if out.suffix.lower() not in WRITERS:
        raise ConfigError(f"--out {out}: expected one of the suffixes {', '.join(WRITERS)}")


@click.command()
@RUNS
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="REPORT.html", required=True, help="Where to."
)
def report(runs: tuple[Path, ...], out: Path) -> None:
    """Write one self-contained HTML file: what was run, the table, the figures.

    Example: eiassembly report results/*.h5 --out report.html
    """
    click.echo(f"written: {write_report(runs, out)}")
