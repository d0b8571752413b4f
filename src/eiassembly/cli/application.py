"""The command ``eiassembly``: which commands there are, and how errors reach the user."""

import importlib
import logging
import sys
import time
from typing import Any, NamedTuple

import click

import eiassembly
from eiassembly.cli.streams import lasting_streams
from eiassembly.core.errors import EndedError
from eiassembly.core.exits import describe
from eiassembly.core.signals import Interrupted


class Command(NamedTuple):
    """Where a command is, and the first sentence of its help, which is shown without importing it."""

    place: str
    summary: str


COMMANDS = {
    "network": Command(
        "networks:network", "Build, import, export and describe networks, add and forget memories."
    ),
    "odors": Command("odors:odors", "Draw and import odors with the spike trains of the mitral cells."),
    "simulate": Command("simulate:simulate", "Simulate a network with an odor set in NEST."),
    "lyapunov": Command("lyapunov:lyapunov", "Measure how fast small differences grow, against their size."),
    "analyse": Command(
        "results:analyse",
        "Measure rates, conductances, correlations and co-tuning of runs, and compare them with the paper.",
    ),
    "report": Command(
        "results:report", "Write one self-contained HTML file: what was run, the table, the figures."
    ),
    "claims": Command(
        "claims:claims",
        "Judge the claims of the paper by all runs in some directories; one run is a directory, too.",
    ),
    "headline": Command(
        "headline:headline",
        "Compare the structures from single spikes to patterns, in one figure and one table.",
    ),
    "calibrate": Command(
        "calibration:calibrate",
        "Find the χ, β, γ or α with which learned odors evoke the mean rate of the network without "
        "assemblies.",
    ),
    "run": Command("pipeline:run", "Build, simulate, analyse and report the configured network."),
    "demo": Command(
        "pipeline:demo",
        "Compare network A without assemblies, with Scaled I, Tuned I and Tuned E+I: the whole way to a "
        "report.",
    ),
    "protocols": Command(
        "protocols:protocols",
        "List the experiments of the papers, with an example of each that runs as it is.",
    ),
    "campaign": Command(
        "campaign:campaign",
        "Plan many runs, run them here or with Slurm, see what is missing, collect the results.",
    ),
    "doctor": Command(
        "doctor:doctor",
        "Say what is found, whether it fits, what this machine is ready for, and what to do if not.",
    ),
}

_TIME_FOR_THE_FIRST = 10.0
"""Seconds."""
_BY_SIGNAL = (130, 143)
"""Exit statuses of what somebody has ended."""


_PARALLEL = ("simulate", "network", "campaign", "doctor")
"""Commands that may be run by several processes, or know themselves that they may not."""


class LazyGroup(click.Group):
    """Import a command only when it is called: ranks of a simulation need no matplotlib, users no waiting."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].place.split(":")
        command: click.Command = getattr(importlib.import_module(f"eiassembly.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands as click does, which would import them all for that."""
        room = formatter.width - 6 - max(map(len, COMMANDS))
        listed = [click.Command(name, help=command.summary) for name, command in COMMANDS.items()]
        with formatter.section("Commands"):
            formatter.write_dl([(str(one.name), one.get_short_help_str(room)) for one in listed])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(eiassembly.__version__)
@click.pass_context
def application(ctx: click.Context, debug: bool) -> None:
    """E/I assemblies in precisely balanced spiking networks: wire, simulate in NEST, analyse.

    Example: eiassembly demo --out results
    """
    ctx.obj = {"debug": debug}
    if ctx.invoked_subcommand not in _PARALLEL:
        from eiassembly.core.launcher import expect_one_process  # imports numpy: not for --help

        expect_one_process(str(ctx.invoked_subcommand))


def _may_report() -> bool:
    """Whether to say what is wrong before MPI is there to agree on who does: the first process does.

    The mpirun of Open MPI ends all processes when one ends with an error. So the others give the first one
    time; those that are still there then met something that it did not. MPICH's leaves them alone until they
    have called MPI: there they have all met the same, as under srun.
    """
    from eiassembly.core.launcher import launch  # imports numpy: not for --help

    started = launch()
    if started.rank > 0:
        time.sleep(_TIME_FOR_THE_FIRST)
    return started.rank == 0 or started.mpi == "Open MPI"


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; every expected error is one line on stderr and exit status 1.

    Of several processes only the first reports, unless they have agreed on another.
    """
    # Without a folder of its own matplotlib takes a temporary one, and would say so in two long lines.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with lasting_streams():
        return _main(sys.argv[1:] if arguments is None else arguments)


def _main(arguments: list[str]) -> Any:
    try:
        return application(arguments, prog_name="eiassembly", standalone_mode=False)
    except EndedError as error:
        sys.exit(error.status)
    except click.ClickException as error:
        if _may_report():
            error.show()
        sys.exit(error.exit_code)
    except (Exception, KeyboardInterrupt, Interrupted) as error:
        message, status = describe(error)
        if _may_report():
            if "--debug" in arguments and status not in _BY_SIGNAL:
                raise
            click.echo(message, err=True)
        sys.exit(status)
