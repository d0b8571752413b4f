"""What the command costs before it does anything: help and version wait for no library."""

import json
import sys

import click
import pytest
from command_line import run_command

from eiassembly.cli import main
from eiassembly.cli.application import COMMANDS, application

IMPORTED = """
import atexit, json, sys
from eiassembly.cli import main
atexit.register(lambda: print(json.dumps([*sys.modules]), file=sys.stderr))
main(sys.argv[1:])
"""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_no_library_but_that_of_the_command_line(option):
    done = run_command(option, command=(sys.executable, "-c", IMPORTED))
    assert done.returncode == 0, done.stderr
    imported = {name.split(".")[0] for name in json.loads(done.stderr)}
    assert "click" in imported
    assert imported.isdisjoint(
        {"numpy", "scipy", "h5py", "pydantic", "matplotlib", "sklearn", "nest", "mpi4py"}
    )


def test_help_is_what_click_makes_of_the_commands(capsys):
    """It is made of sentences that stand beside the names, not of the commands."""
    main(["--help"])
    said = capsys.readouterr().out
    context = click.Context(application, info_name="eiassembly", help_option_names=["-h", "--help"])
    formatter = context.make_formatter()
    click.Group.format_commands(application, context, formatter)
    assert said.endswith(formatter.getvalue())
    assert len(formatter.getvalue().splitlines()) == 1 + len(COMMANDS)


def test_the_sentences_are_those_of_the_commands():
    """In full, where the list has room for a part of them only."""
    context = click.Context(application)
    for name, command in COMMANDS.items():
        assert application.get_command(context, name).get_short_help_str(1000) == command.summary


STARTED = """
import sys
from eiassembly.model.simulation.start import start_nest
from eiassembly.core.communicator import SerialCommunicator
if sys.argv[1:]:
    import matplotlib
    before = sys.modules["matplotlib"]
start_nest(SerialCommunicator())
assert not sys.argv[1:] or sys.modules["matplotlib"] is before
print(*sorted({"matplotlib", "pandas"} & sys.modules.keys()))
import matplotlib.pyplot
"""


@pytest.mark.nest
@pytest.mark.parametrize(("before", "loaded"), [((), ""), (("matplotlib",), "matplotlib")])
def test_nest_starts_without_what_it_would_plot_with(before, loaded):
    """Which is there afterwards, as if nothing had been."""
    done = run_command(*before, command=(sys.executable, "-c", STARTED))
    assert (done.returncode, done.stdout.strip()) == (0, loaded), done.stderr
