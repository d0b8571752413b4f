"""Options of ``analyse`` for other people's spikes."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from eiassembly.analysis.experiments.result import analyse_recording
from eiassembly.analysis.report.survey import ExternalSurvey
from eiassembly.analysis.runs.external import Given, open_external
from eiassembly.cli.options import FILE
from eiassembly.core.errors import ConfigError

_NAMES = (
    "spikes", "presentations", "assemblies", "principal", "inhibitory", "sizes", "duration", "dt",
)  # fmt: skip


def _sizes(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, int]:
    """Split ``NAME=N`` into name and number."""
    parts = [value.rpartition("=") for value in values]
    for name, equals, size in parts:
        if not name or re.fullmatch("[1-9][0-9]{0,6}", size) is None:
            raise click.BadParameter(f"{name}{equals}{size}: expected POPULATION=N, e.g. E=4000")
    return {name: int(size) for name, _, size in parts}


_OPTIONS = (
    click.option("--spikes", type=FILE, metavar="SPIKES.h5", help="SONATA spikes, instead of runs."),
    click.option(
        "--presentations", type=FILE, metavar="PRES.csv",
        help="With --spikes: columns onset, offset [ms], odor; if you like kind, x, y.",
    ),
    click.option(
        "--assemblies", type=FILE, metavar="ASSEMBLIES.csv", help="With --spikes: columns odor, node_id."
    ),
    click.option(
        "--principal", metavar="POPULATION", help="With --spikes: whose spikes [default: E, or the only one]."
    ),
    click.option(
        "--inhibitory", multiple=True, metavar="POPULATION",
        help="With --spikes: inhibitory population; repeatable [default: I, if there is one].",
    ),
    click.option(
        "--size", "sizes", multiple=True, callback=_sizes, metavar="POPULATION=N",
        help="With --spikes: number of its cells; repeatable [default: up to the largest id].",
    ),
    click.option(
        "--duration", type=click.FloatRange(0, 1e12, min_open=True), metavar="MS",
        help="With --spikes: length of the recording, ms [default: to the last spike or offset].",
    ),
    click.option(
        "--dt", type=click.FloatRange(0.001, 1), metavar="MS",
        help="With --spikes: time step that times are rounded to, ms [default: 0.1].",
    ),
)  # fmt: skip


def external_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command; it gets them as keyword arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def external_survey(
    runs: Sequence[Path], outs: Sequence[Path], options: dict[str, Any]
) -> ExternalSurvey | None:
    """Measure what the options are about; None if they are not used, and there are runs instead.

    Raises
    ------
    click.UsageError
        Neither runs nor spikes, both, or options without the one that they belong to.
    EiassemblyError
        The files are not as expected, or would be overwritten.
    """
    given = {name: options[name] for name in _NAMES if options[name] not in (None, (), {})}
    if not given:
        if not runs:
            raise click.UsageError("Missing argument 'RUN.h5…', or --spikes and --presentations.")
        return None
    if runs:
        raise click.UsageError(f"--{next(iter(given))}: either runs, or --spikes and --presentations.")
    for name in ("spikes", "presentations"):
        if name not in given:
            raise click.UsageError(f"Missing option '--{name}'.")
    _keep_inputs(outs, [path for path in given.values() if isinstance(path, Path)])
    return ExternalSurvey([analyse_recording(open_external(Given(**given)))])


def _keep_inputs(outs: Sequence[Path], inputs: Sequence[Path]) -> None:
    for out in outs:
        if out.resolve() in [path.resolve() for path in inputs]:
            raise ConfigError(f"--out {out}: expected another file than those that are read")
