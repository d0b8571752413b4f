"""The command ``eiassembly``: which commands there are, and how errors reach the user."""

import importlib
import sys
from typing import Any

import click

import eiassembly
from eiassembly.model.errors import EiassemblyError

COMMANDS = {
    "network": "eiassembly.cli.networks:network",
    "odors": "eiassembly.cli.odors:odors",
    "simulate": "eiassembly.cli.simulate:simulate",
    "analyse": "eiassembly.cli.results:analyse",
    "report": "eiassembly.cli.results:report",
    "run": "eiassembly.cli.pipeline:run",
    "demo": "eiassembly.cli.pipeline:demo",
    "doctor": "eiassembly.cli.doctor:doctor",
}


class LazyGroup(click.Group):
    """Import a command only when it is called: ranks of a simulation need no matplotlib, users no waiting."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(eiassembly.__version__)
@click.pass_context
def application(ctx: click.Context, debug: bool) -> None:
    """E/I assemblies in precisely balanced spiking networks: wire, simulate in NEST, analyse.

    Example: eiassembly demo --out results
    """
    ctx.obj = {"debug": debug}


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; every expected error is one line on stderr and exit status 1."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        application(arguments, prog_name="eiassembly", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("eiassembly: interrupted", err=True)
        sys.exit(130)
    except EiassemblyError as error:
        if "--debug" in arguments:
            raise
        click.echo(f"eiassembly: error: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        if "--debug" in arguments:
            raise
        first = (str(error) or "no message").splitlines()[0]
        click.echo(
            f"eiassembly: internal error: {type(error).__name__}: {first}; please report it with what "
            "'eiassembly --debug …' prints",
            err=True,
        )
        sys.exit(70)
