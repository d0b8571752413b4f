"""``eiassembly odors``: draw and import odour sets."""

from pathlib import Path

import click

from eiassembly.model import odor_storage
from eiassembly.model.files import ensure_writable_target
from eiassembly.model.odor_import import Kind, import_odors, kind_from_name

FILE = click.Path(path_type=Path)
OUT = click.option("--out", type=FILE, required=True, help="File to write.")


@click.group()
def odors() -> None:
    """Draw and import odours with the spike trains of the mitral cells.

    Example: eiassembly odors build CONFIG.toml --out ODORS.h5
    """


@odors.command("import")
@click.argument("odor_set", type=FILE, metavar="ODORSET.mat")
@click.option("--kind", type=click.Choice(["learned", "novel"]), help="[default: from the file's name]")
@OUT
def import_(odor_set: Path, kind: Kind | None, out: Path) -> None:
    """Import one of the authors' odour sets.

    Example: eiassembly odors import odorset_10novel.mat --out ODORS.h5
    """
    ensure_writable_target(out)
    imported = import_odors(odor_set, kind or kind_from_name(odor_set))
    odor_storage.save(imported, out)
    click.echo(f"{out}: {len(imported.presentations)} presentations, {len(imported.ids)} spikes")
