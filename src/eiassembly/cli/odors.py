"""``eiassembly odors``: draw and import odor sets."""

from pathlib import Path

import click

from eiassembly.api import draw_odors, load_config
from eiassembly.core.files import ensure_writable_target
from eiassembly.odors import file as odor_file
from eiassembly.odors.matlab import Kind, import_odors, kind_from_name
from eiassembly.odors.odors import OdorSet

FILE = click.Path(path_type=Path)
OUT = click.option("--out", type=FILE, metavar="ODORS.h5", required=True, help="File to write.")


@click.group()
def odors() -> None:
    """Draw and import odors with the spike trains of the mitral cells.

    Example: eiassembly odors build CONFIG.toml --out ODORS.h5
    """


@odors.command("build")
@click.argument("config", type=FILE, metavar="CONFIG.toml")
@OUT
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Override the configuration; repeatable.",
)
@click.option(
    "--spikes/--no-spikes",
    default=None,
    help="Store the spike trains, or a recipe by which they are drawn  [default: store up to 2 million]",
)
def build(config: Path, out: Path, overrides: tuple[str, ...], spikes: bool | None) -> None:
    """Draw the configured odors, and their spike trains or a recipe for them.

    odors.kind says how they are presented: sequence, trials, morph or subspace.

    Example: eiassembly odors build CONFIG.toml --out ODORS.h5 --set odors.learned=10
    """
    loaded = load_config(config, overrides)
    ensure_writable_target(out)
    _save(draw_odors(loaded, spikes=spikes), out)


@odors.command("import")
@click.argument("odor_set", type=FILE, metavar="ODORSET.mat")
@click.option("--kind", type=click.Choice(["learned", "novel"]), help="[default: from the file's name]")
@OUT
def import_(odor_set: Path, kind: Kind | None, out: Path) -> None:
    """Import one of the authors' odor sets.

    Example: eiassembly odors import odorset_10novel.mat --out ODORS.h5
    """
    ensure_writable_target(out)
    _save(import_odors(odor_set, kind or kind_from_name(odor_set)), out)


def _save(odor_set: OdorSet, out: Path) -> None:
    odor_file.save(odor_set, out)
    trains = f"{len(odor_set.ids)} spikes" if odor_set.spike_seed is None else "spikes drawn when simulated"
    click.echo(f"{out}: {len(odor_set.presentations)} presentations, {trains}")
