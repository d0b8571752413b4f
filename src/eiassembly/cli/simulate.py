"""The command ``eiassembly simulate``, and how every command simulates."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from eiassembly.model.errors import ConfigError, EiassemblyError, EnvironmentProblemError
from eiassembly.model.extension import compiled_module
from eiassembly.model.files import ensure_writable_target
from eiassembly.model.launcher import world_of
from eiassembly.model.nest_installation import NestInstallation, find_nest
from eiassembly.model.settings import Dynamics, Execution

FILE = click.Path(path_type=Path)


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
        raise ConfigError(f"--{problem['loc'][0]}: expected {expected}, found {problem['input']}") from error


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


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Keep NEST's banner out of the output, which it writes below Python's own streams."""
    sys.stdout.flush()
    kept = os.dup(1)
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def usable_module(nest: NestInstallation, neuron: str | None, is_first: bool) -> Path | None:
    """Compiled extension module; None (after a warning) where there is no compiler and none was asked for."""
    if neuron == "nest":
        return None
    try:
        return compiled_module(nest)
    except EnvironmentProblemError as error:
        if neuron == "extension":
            raise
        if is_first:
            click.echo(
                f"eiassembly: warning: {error}; using the stock NEST neurons: rates agree, spikes do not, "
                "and it takes twenty times as long",
                err=True,
            )
        return None


def run_simulation(
    network: Path, odors: Path, out: Path, dynamics: Dynamics, execution: Execution, neuron: str | None = None
) -> None:
    """Simulate with the extension neuron or, where it cannot be had and was not asked for, with NEST's own.

    Parameters
    ----------
    network, odors, out : Path
        NET.h5, ODORS.h5 and RUN.h5.
    dynamics, execution : Dynamics, Execution
        How to simulate; the neuron is decided here.
    neuron : str, optional
        ``extension`` or ``nest`` to insist on one.

    Raises
    ------
    EiassemblyError
        Bad files or settings, an environment that does not fit, a result that cannot be written.
    """
    ensure_writable_target(out)
    nest = find_nest()
    world = world_of(nest)
    try:
        module = usable_module(nest, neuron, is_first=world.rank == 0)
        with _quiet_start():
            from eiassembly.model.simulation import simulate as run
        used = dynamics.model_copy(update={"neuron": "extension" if module else "nest"})
        run(network, odors, out, used, execution, world, module)
    except Exception as error:
        if world.size > 1:
            # The others may wait for this rank for ever.
            kind = "" if isinstance(error, EiassemblyError) else f"internal: {type(error).__name__}: "
            click.echo(f"eiassembly: error: {kind}{error} (rank {world.rank})", err=True)
            world.abort(1)
        raise
    if world.rank == 0:
        click.echo(f"{out}: written")


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
@click.option(
    "--neuron",
    type=click.Choice(["extension", "nest"]),
    help="Our exact neuron or NEST's own [default: ours, if there is a compiler].",
)
@click.option("--record", metavar="V_m,z,g_E,…", help="State to record: V_m, z, g_OB, g_E, g_I.")
@click.option("--every", type=float, metavar="MS", help="Interval of the recording [default: 1].")
@click.option("--cells", type=int, metavar="N", help="Cells to record per population [default: 10].")
def simulate(network: Path, odors: Path, out: Path, **options: Any) -> None:
    """Simulate a network with an odour set in NEST.

    Example: mpirun -n 4 eiassembly simulate NET.h5 ODORS.h5 --out RUN.h5 --threads 2
    """
    neuron = options.pop("neuron")
    threads, block = options.pop("threads"), options.pop("block")
    if options["record"] is not None:
        options["record"] = tuple(name.strip() for name in options["record"].split(","))
    execution = settings(Execution, threads=default_threads() if threads is None else threads, block=block)
    run_simulation(network, odors, out, settings(Dynamics, **options), execution, neuron)
