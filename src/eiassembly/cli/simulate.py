"""The command ``eiassembly simulate``."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from eiassembly.model.errors import ConfigError, EnvironmentProblemError
from eiassembly.model.files import ensure_writable_target
from eiassembly.model.settings import Dynamics, Execution

FILE = click.Path(path_type=Path, dir_okay=False)


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
        first = error.errors()[0]
        option = f"--{first['loc'][0]}: " if first["loc"] else "--"
        raise ConfigError(f"{option}{first['msg'].removeprefix('Value error, ')}") from error


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
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


def usable_module(neuron: str | None) -> Path | None:
    """Compiled extension module; None (after a warning) where there is no compiler and none was asked for."""
    from eiassembly.model.extension import compiled_module
    from eiassembly.model.nest_installation import find_nest

    nest = find_nest()
    if neuron == "nest":
        return None
    try:
        return compiled_module(nest)
    except EnvironmentProblemError as error:
        if neuron == "extension":
            raise
        click.echo(
            f"eiassembly: warning: {error}; using the stock NEST neurons: rates agree, spikes do not, "
            "and it takes twenty times as long",
            err=True,
        )
        return None


@click.command()
@click.argument("network", type=FILE)
@click.argument("odors", type=FILE)
@click.option("--out", type=FILE, required=True, help="RUN.h5 to write.")
@click.option("--duration", type=float, help="Simulated time, ms; default: the whole protocol.")
@click.option("--delay", type=float, help="Synaptic delay, ms; default 0.1, the published scheme.")
@click.option("--threads", type=int, help="Threads per process; default SLURM_CPUS_PER_TASK or 1.")
@click.option("--block", type=float, help="Simulated time between writes to the file, ms; default 1000.")
@click.option("--neuron", type=click.Choice(["extension", "nest"]), help="Our exact neuron or NEST's own.")
@click.option("--record", help="Quantities to record, e.g. V_m,z,g_OB,g_E,g_I.")
@click.option("--every", type=float, help="Interval of the recording, ms; default 1.")
@click.option("--cells", type=int, help="Cells to record per population; default 10.")
def simulate(network: Path, odors: Path, out: Path, **options: Any) -> None:
    """Simulate NETWORK (NET.h5) with ODORS (ODORS.h5) in NEST.

    Example: mpirun -n 4 eiassembly simulate net.h5 odors.h5 --out run.h5 --threads 2
    """
    if options["record"] is not None:
        options["record"] = tuple(name.strip() for name in options["record"].split(","))
    threads, block = options.pop("threads"), options.pop("block")
    execution = settings(
        Execution, threads=threads or int(os.environ.get("SLURM_CPUS_PER_TASK", "1")), block=block
    )
    settings(Dynamics, **options)
    ensure_writable_target(out)
    module = usable_module(options["neuron"])
    options["neuron"] = "extension" if module else "nest"
    with quiet_start():
        from eiassembly.model.simulation import simulate as run

    from eiassembly.model.world import SingleProcess

    run(network, odors, out, settings(Dynamics, **options), execution, SingleProcess(), module)
    click.echo(f"wrote {out}")
