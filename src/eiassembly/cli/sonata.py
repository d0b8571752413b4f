"""``eiassembly network export`` and ``import-sonata``: networks as other tools read and write them."""

from pathlib import Path

import click

from eiassembly.cli.options import FILE, NET_OUT
from eiassembly.config.parameters import DT
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files.sonata import export as sonata_export
from eiassembly.connectivity.files.sonata import load
from eiassembly.core.files import ensure_writable_target

_LONGEST_DELAY = 1000.0
"""ms."""


@click.command("export")
@click.argument("net", type=FILE, metavar="NET.h5")
@click.option("--out", type=FILE, metavar="DIR", required=True, help="Directory to make.")
@click.option(
    "--delay",
    type=click.FloatRange(0, _LONGEST_DELAY, min_open=True),
    metavar="MS",
    default=DT,
    show_default=True,
    help="Transmission delay of the edges: a network itself has none.",
)
def export(net: Path, out: Path, delay: float) -> None:
    """Write a network as SONATA files: nodes, edges, node sets, configuration.

    Example: eiassembly network export NET.h5 --out sonata
    """
    sonata_export.export(net, out, delay)
    click.echo(f"{out}: SONATA network of {net.name}")


@click.command("import-sonata")
@click.argument("circuit", type=FILE, metavar="DIR")
@NET_OUT
def import_sonata(circuit: Path, out: Path) -> None:
    """Import a SONATA network: a directory that `export` made, or anybody's circuit_config.json.

    Example: eiassembly network import-sonata sonata --out NET.h5
    """
    ensure_writable_target(out)
    network_file.save(load.import_network(circuit), out)
    click.echo(f"{out}: network of {circuit}")
