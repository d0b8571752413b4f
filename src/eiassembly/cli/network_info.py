"""``eiassembly network info``: a network in numbers, as text, JSON and figure."""

import json
from pathlib import Path

import click

from eiassembly.cli.options import FILE
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.statistics.description import as_text
from eiassembly.connectivity.statistics.profile import profile_of
from eiassembly.core.files import ensure_writable_target

_SUFFIXES = (".png", ".svg", ".pdf")


def _figure(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Check that a file name says in which format to draw."""
    if value is not None and value.suffix.lower() not in _SUFFIXES:
        raise click.BadParameter(f"expected a name with {', '.join(_SUFFIXES)}, found {value}", ctx, param)
    return value


@click.command("info")
@click.argument("net", type=FILE, metavar="NET.h5")
@click.option("--figure", type=FILE, callback=_figure, metavar="FIGURE.png|.svg|.pdf", help="Draw it, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def info(net: Path, figure: Path | None, as_json: bool) -> None:
    """Describe a network: sizes, degrees, α β γ, densities, overlaps, spectrum.

    Example: eiassembly network info NET.h5 --figure NET.png
    """
    if figure is not None:
        ensure_writable_target(figure)
    profile = profile_of(network_file.load(net))
    click.echo(json.dumps(profile.as_json(), ensure_ascii=False) if as_json else as_text(profile))
    if figure is not None:
        # Imported here: matplotlib is slow to load.
        from eiassembly.analysis.figures.network import write_figure

        write_figure(profile, figure)
        click.echo(f"written: {figure}", err=as_json)
