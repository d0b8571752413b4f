"""Several commands of ours at once, each in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import click

from eiassembly.core.errors import EiassemblyError

_ERROR = "eiassembly: error: "


def run_commands(commands: Mapping[str, Sequence[str]], at_once: int, in_detail: bool = True) -> None:
    """Run commands and pass on what they report, each line with the name of the command before it.

    Parameters
    ----------
    commands : mapping of str to sequence of str
        Arguments of ``eiassembly`` by a name.
    at_once : int
        Processes at a time.
    in_detail : bool
        False to report only that a command is done.

    Raises
    ------
    EiassemblyError
        A command failed: what it said. Those that have not begun are not run.
    """
    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(_run, name, arguments, in_detail) for name, arguments in commands.items()]
        try:
            for future in running:
                future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _run(name: str, arguments: Sequence[str], in_detail: bool) -> None:
    command = [sys.executable, "-m", "eiassembly", *arguments]
    lines = [""]
    variables = os.environ | {"PYTHONIOENCODING": "utf-8"}  # between us; what the user sees is spelt later
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, encoding="utf-8", errors="replace",
        env=variables,
    ) as process:  # fmt: skip
        assert process.stderr is not None  # noqa: S101  # it is a pipe
        for line in process.stderr:
            lines.append(line.rstrip())
            if in_detail and not lines[-1].startswith(_ERROR):
                click.echo(f"{name}: {lines[-1]}", err=True)
    if process.returncode != 0:
        said = lines[-1].removeprefix(_ERROR) or f"ended with status {process.returncode}"
        raise EiassemblyError(f"{name}: {said}")
    if not in_detail:
        click.echo(f"{name}: simulated", err=True)
