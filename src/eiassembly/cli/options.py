"""Options that several commands have."""

from pathlib import Path

import click

FILE = click.Path(path_type=Path)
NET_OUT = click.option("--out", type=FILE, metavar="NET.h5", required=True, help="File to write.")
SET = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Override the configuration; repeatable.",
)

CAMPAIGN = click.argument("campaign", type=FILE, metavar="CAMPAIGN.toml")
CAMPAIGN_OUT = click.option(
    "--out", type=FILE, metavar="DIR", help="Folder of the campaign [default: output.dir, or results/NAME]."
)
