"""``eiassembly network``: build and import wirings; `memories`, `network_info` and `sonata` have the rest."""

from pathlib import Path

import click

from eiassembly.api import load_config
from eiassembly.cli.memories import forget, learn
from eiassembly.cli.network_info import info
from eiassembly.cli.options import FILE, NET_OUT, SET
from eiassembly.cli.sonata import export, import_sonata
from eiassembly.connectivity.build_parallel import build_network
from eiassembly.connectivity.files import matlab
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.files import ensure_writable_target
from eiassembly.core.launcher import expect_one_process
from eiassembly.core.processes import check_target, processes


@click.group()
@click.pass_context
def network(ctx: click.Context) -> None:
    """Build, import, export and describe networks, add and forget memories.

    Example: eiassembly network build CONFIG.toml --out NET.h5
    """
    if ctx.invoked_subcommand != "build":
        expect_one_process(f"network {ctx.invoked_subcommand}")


for command in (info, learn, forget, export, import_sonata):
    network.add_command(command)


def _strengths(ctx: click.Context, param: click.Parameter, value: str) -> tuple[float, ...]:
    """As many positive numbers as a network of two or three populations has, from a comma-separated list."""
    try:
        numbers = tuple(float(part) for part in value.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in matlab.N_STRENGTHS or not all(0 < x < float("inf") for x in numbers):
        raise click.BadParameter(
            f"expected six positive numbers {param.metavar} in nS, or seven "
            f"{','.join(matlab.THREE.strengths)} with two kinds of I neurons, found {value}",
            ctx,
            param,
        )
    return numbers


@network.command("build")
@click.argument("config", type=FILE, metavar="CONFIG.toml")
@NET_OUT
@SET
def build_(config: Path, out: Path, overrides: tuple[str, ...]) -> None:
    """Wire the configured network; under mpirun every process wires a part of it.

    Example: eiassembly network build CONFIG.toml --out NET.h5 --set network.seed=2
    """
    with processes() as communicator:
        with communicator.collective():
            loaded = load_config(config, overrides)
        check_target(communicator, out)
        contacts = build_network(loaded, out, communicator)
    if communicator.rank == 0:
        click.echo(f"{out}: network {loaded.network.preset} {loaded.network.structure}, {contacts} contacts")


@network.command("import")
@click.argument("connec", type=FILE, metavar="CONNEC.mat")
@click.option(
    "--strengths",
    callback=_strengths,
    metavar=",".join(matlab.TWO.strengths),
    required=True,
    help="Strengths [nS], source first: OE is OB to E. With feedback and feedforward inhibition: "
    f"{','.join(matlab.THREE.strengths)}.",
)
@click.option(
    "--inhibition-from", type=FILE, metavar="RAND.mat", help="Scaled I: take I to E from this file,"
)
@click.option("--chi", type=click.FloatRange(0, min_open=True), help="with its strength times this factor.")
@click.option("--simple", is_flag=True, help="Neurons of the simple model (Table 1), one kind for E and I.")
@NET_OUT
def import_(
    connec: Path,
    strengths: tuple[float, ...],
    inhibition_from: Path | None,
    chi: float | None,
    simple: bool,
    out: Path,
) -> None:
    """Import one of the authors' networks.

    Example: eiassembly network import connec_A_1.mat --strengths 0.128,0.48,0.128,0.068,0.068,0.25
    --out NET.h5
    """
    if (inhibition_from is None) != (chi is None):
        raise click.UsageError("--inhibition-from and --chi are only meaningful together")
    scaled = matlab.ScaledInhibition(inhibition_from, chi) if inhibition_from and chi else None
    ensure_writable_target(out)
    network_file.save(matlab.import_network(connec, strengths, scaled, simple), out)
    click.echo(f"{out}: network of {connec.name}")
