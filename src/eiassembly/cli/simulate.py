"""The command ``eiassembly simulate``, and how every command simulates."""

from pathlib import Path
from typing import Any

import click

from eiassembly.config.neurons import NEURONS
from eiassembly.config.protocol_file import SilenceFile, load_protocol
from eiassembly.config.simulation import Dynamics, Execution
from eiassembly.core.errors import ConfigError
from eiassembly.core.processors import VARIABLE
from eiassembly.core.toml import TomlText
from eiassembly.model.simulation.request import Request
from eiassembly.model.simulation.session import default_threads, run_simulation, settings

FILE = click.Path(path_type=Path)

NEURON = click.option(
    "--neuron",
    type=click.Choice(list(NEURONS)),
    help="Our exact neuron or NEST's own, slow and not spike for spike [default: ours].",
)


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
    "--checkpoint-every", type=float, metavar="MS", help="Keep snapshots to continue from [default: none]."
)
@click.option("--resume", is_flag=True, help="Go on from the last snapshot of an interrupted run.")
@click.option(
    "--from-snapshot", type=FILE, metavar="RUN.h5", help="Go on from the last snapshot of another run."
)
@click.option("--oversubscribe", is_flag=True, help=f"Allow more threads than processors (as {VARIABLE}=1).")
@click.option(
    "--silence", type=FILE, metavar="SILENCE.toml", help="Neurons whose output is blocked for a while."
)
@click.option("--protocol", type=FILE, metavar="PROTOCOL.toml", help="What is done to neurons meanwhile.")
@click.option("--record", metavar="V_m,z,g_E,…", help="State to record: V_m, z, g_OB, g_E, g_I, ….")
@click.option("--every", type=float, metavar="MS", help="Interval of the recording [default: 1].")
@click.option("--cells", type=int, metavar="N", help="Cells to record per population [default: 10].")
def simulate(network: Path, odors: Path, out: Path, **options: Any) -> None:
    """Simulate a network with an odor set in NEST.

    Example: mpirun -n 4 eiassembly simulate NET.h5 ODORS.h5 --out RUN.h5 --threads 2
    """
    oversubscribe, before = (options.pop(name) for name in ("oversubscribe", "from_snapshot"))
    threads = options.pop("threads")
    how = {name: options.pop(name) for name in ("block", "checkpoint_every", "resume")}
    if options["record"] is not None:
        options["record"] = tuple(name.strip() for name in options["record"].split(","))
    tables, origin = _protocol(options.pop("silence"), options.pop("protocol"))
    options |= tables
    execution = settings(Execution, threads=default_threads() if threads is None else threads, **how)
    dynamics = settings(Dynamics, **options)
    run_simulation(Request(network, odors, out, dynamics, execution, oversubscribe, origin, before))
