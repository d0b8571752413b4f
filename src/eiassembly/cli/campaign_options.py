"""Arguments that all commands about campaigns have."""

import click

from eiassembly.cli.options import FILE

CAMPAIGN = click.argument("campaign", type=FILE, metavar="CAMPAIGN.toml")
OUT = click.option(
    "--out", type=FILE, metavar="DIR", help="Folder of the campaign [default: output.dir, or results/NAME]."
)
