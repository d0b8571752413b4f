"""The command ``eiassembly simulate``, and how every command simulates."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from eiassembly.cli.processes import check_room, check_target, processes, start_nest
from eiassembly.model.errors import ConfigError, EnvironmentProblemError
from eiassembly.model.extension import compiled_module
from eiassembly.model.nest_installation import NestInstallation, find_nest
from eiassembly.model.processors import VARIABLE, limit_spinning
from eiassembly.model.protocol_files import SilenceFile, load_protocol
from eiassembly.model.settings import Dynamics, Execution
from eiassembly.model.stock_cost import cost_of_stock_neurons
from eiassembly.model.toml_tables import TomlText
from eiassembly.model.world import World

FILE = click.Path(path_type=Path)

NEURON = click.option(
    "--neuron",
    type=click.Choice(["extension", "nest"]),
    help="Our exact neuron or NEST's own, slow and not spike for spike [default: ours].",
)


def settings(model: type, **values: Any) -> Any:
    """Make settings of command-line values; None means the default.

    Raises
    ------
    ConfigError
        Names the option and what was expected.
    """
    try:
        return model(**{key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        problem = error.errors()[0]
        if problem["type"] == "value_error":
            raise ConfigError(f"--{problem['ctx']['error']}") from error
        expected = problem["msg"].removeprefix("Input should be ")
        option = str(problem["loc"][0]).replace("_", "-")
        raise ConfigError(f"--{option}: expected {expected}, found {problem['input']}") from error


def default_threads() -> int:
    """Return what Slurm grants to a task, else 1.

    Raises
    ------
    ConfigError
        ``SLURM_CPUS_PER_TASK`` is no number.
    """
    granted = os.environ.get("SLURM_CPUS_PER_TASK", "1")
    if not granted.isdigit() or granted == "0":
        raise ConfigError(f"SLURM_CPUS_PER_TASK: expected a number of processors, found {granted}")
    return int(granted)


def exact_neuron(nest: NestInstallation) -> Path:
    """Return the compiled extension module, compiled now if need be.

    Raises
    ------
    EnvironmentProblemError
        It cannot be had; with what is missing and how to get it. Nothing is ever taken in its place:
        NEST's own neurons give other spikes.
    """
    try:
        return compiled_module(nest)
    except EnvironmentProblemError as error:
        raise EnvironmentProblemError(f"{error} (or --neuron nest: {cost_of_stock_neurons()})") from error


def require_neuron(neuron: str | None) -> None:
    """Check, before hours of other work, that there is NEST and the neuron that is asked for.

    Raises
    ------
    EnvironmentProblemError
        One of them is missing.
    """
    nest = find_nest()
    if neuron != "nest":
        exact_neuron(nest)


def _agreed_module(nest: NestInstallation, neuron: str | None, world: World) -> Path | None:
    """Compiled extension module, None if NEST's own neurons are asked for; an error on a rank ends all."""
    if neuron == "nest":
        if world.rank == 0:
            click.echo(f"eiassembly: {cost_of_stock_neurons()}", err=True)
        return None
    with world.together():
        return exact_neuron(nest)


@dataclass(frozen=True)
class Request:
    """One simulation that is asked for.

    Parameters
    ----------
    network, odors, out : Path
        NET.h5, ODORS.h5 and RUN.h5.
    dynamics, execution : Dynamics, Execution
        How to simulate; which neuron is decided when NEST is known.
    neuron : str, optional
        ``extension`` or ``nest`` to insist on one.
    oversubscribe : bool
        Allow more threads than processors.
    origin : TomlText, optional
        File with what is to be done to neurons, to name its lines.
    before : Path, optional
        RUN.h5 whose last snapshot is gone on from.
    """

    network: Path
    odors: Path
    out: Path
    dynamics: Dynamics
    execution: Execution
    neuron: str | None = None
    oversubscribe: bool = False
    origin: TomlText | None = None
    before: Path | None = None


def run_simulation(request: Request) -> None:
    """Simulate with the extension neuron or, if that is asked for, with NEST's own.

    Raises
    ------
    EiassemblyError
        Bad files or settings, an environment that does not fit, a result that cannot be written.
    """
    nest = find_nest()
    with processes(nest) as world:
        is_new = simulate_together(world, nest, request)
    if world.rank == 0:
        click.echo(f"{request.out}: {'written' if is_new else 'complete already'}")


def simulate_together(world: World, nest: NestInstallation, request: Request) -> bool:
    """Simulate in processes that have found each other; as `run_simulation`, which finds them.

    Returns
    -------
    bool
        Whether anything was simulated: not if the run that is to be resumed is complete.
    """
    check_target(world, request.out)
    if not request.oversubscribe:
        check_room(world, request.execution.threads)
    module = _agreed_module(nest, request.neuron, world)
    limit_spinning()
    start_nest(world)
    from eiassembly.model.simulation import simulate as run

    used = request.dynamics.model_copy(update={"neuron": "extension" if module else "nest"})
    files = request.network, request.odors, request.out
    return run(*files, used, request.execution, world, module, request.origin, request.before)


def _protocol(silence: Path | None, protocol: Path | None) -> tuple[dict[str, Any], TomlText | None]:
    """Tables of either file, and its text."""
    if silence and protocol:
        raise ConfigError(f"--silence: expected [[silence]] in {protocol}, found another file, {silence}")
    if silence:
        return load_protocol(silence, SilenceFile)
    return load_protocol(protocol) if protocol else ({}, None)


@click.command()
@click.argument("network", type=FILE, metavar="NET.h5")
@click.argument("odors", type=FILE, metavar="ODORS.h5")
@click.option("--out", type=FILE, metavar="RUN.h5", required=True, help="File to write.")
@click.option("--duration", type=float, metavar="MS", help="Simulated time [default: the whole protocol].")
@click.option(
    "--delay", type=float, metavar="MS", help="Synaptic delay [default: 0.1, the published scheme]."
)
@click.option(
    "--threads", type=int, metavar="T", help="Threads per process [default: SLURM_CPUS_PER_TASK or 1]."
)
@click.option("--block", type=float, metavar="MS", help="Time between writes to the file [default: 1000].")
@NEURON
@click.option(
    "--checkpoint-every", type=float, metavar="MS", help="Keep snapshots to go on from [default: none]."
)
@click.option("--resume", is_flag=True, help="Go on from the last snapshot of an interrupted run.")
@click.option(
    "--from-snapshot", type=FILE, metavar="RUN.h5", help="Go on from the last snapshot of another run."
)
@click.option("--oversubscribe", is_flag=True, help=f"Allow more threads than processors (as {VARIABLE}=1).")
@click.option(
    "--silence", type=FILE, metavar="SILENCE.toml", help="Neurons whose spikes reach nobody for a while."
)
@click.option("--protocol", type=FILE, metavar="PROTOCOL.toml", help="What is done to neurons meanwhile.")
@click.option("--record", metavar="V_m,z,g_E,…", help="State to record: V_m, z, g_OB, g_E, g_I, ….")
@click.option("--every", type=float, metavar="MS", help="Interval of the recording [default: 1].")
@click.option("--cells", type=int, metavar="N", help="Cells to record per population [default: 10].")
def simulate(network: Path, odors: Path, out: Path, **options: Any) -> None:
    """Simulate a network with an odour set in NEST.

    Example: mpirun -n 4 eiassembly simulate NET.h5 ODORS.h5 --out RUN.h5 --threads 2
    """
    neuron, oversubscribe, before = (
        options.pop(name) for name in ("neuron", "oversubscribe", "from_snapshot")
    )
    threads = options.pop("threads")
    how = {name: options.pop(name) for name in ("block", "checkpoint_every", "resume")}
    if options["record"] is not None:
        options["record"] = tuple(name.strip() for name in options["record"].split(","))
    tables, origin = _protocol(options.pop("silence"), options.pop("protocol"))
    options |= tables
    execution = settings(Execution, threads=default_threads() if threads is None else threads, **how)
    dynamics = settings(Dynamics, **options)
    run_simulation(Request(network, odors, out, dynamics, execution, neuron, oversubscribe, origin, before))
