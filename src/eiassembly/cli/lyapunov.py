"""The command ``eiassembly lyapunov``: how small differences grow in a network, against their size."""

from pathlib import Path

import click

from eiassembly.cli.options import FILE
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.files import ensure_writable_target
from eiassembly.core.nest_installation import find_nest
from eiassembly.core.processes import processes
from eiassembly.model.lyapunov import file as growth_file
from eiassembly.model.simulation.session import default_threads, exact_neuron
from eiassembly.model.simulation.start import start_nest
from eiassembly.odors import file as odor_file

SIZES = "1e-6,1e-3,0.01,0.1,0.3,1"


def _numbers(ctx: click.Context, param: click.Parameter, text: str | None) -> tuple[float, ...]:
    """Different numbers from a comma-separated list; sizes are positive."""
    parts = [] if text is None else text.split(",")
    try:
        numbers = tuple(float(part) for part in parts)
    except ValueError:
        numbers = (-1.0,)
    lowest = 0.0 if param.name == "starts" else 1e-9
    if len(set(numbers)) < len(numbers) or not all(lowest <= x < 1e9 for x in numbers):
        raise click.BadParameter(f"expected different positive numbers as X,Y,…, found {text}", ctx, param)
    return numbers


@click.command()
@click.argument("network", type=FILE, metavar="NET.h5")
@click.argument("odors", type=FILE, metavar="ODORS.h5")
@click.option("--out", type=FILE, metavar="LYAPUNOV.h5", required=True, help="File to write.")
@click.option("--sizes", callback=_numbers, default=SIZES, show_default=True, metavar="MV,…", help="In mV.")
@click.option(
    "--from",
    "starts",
    callback=_numbers,
    metavar="MS,…",
    help="From when on [default: 500 ms before and after the onset of the first odor of every kind].",
)
@click.option(
    "--window", type=click.FloatRange(10), default=500.0, show_default=True, metavar="MS", help="How long."
)
@click.option(
    "--interval",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    show_default=True,
    metavar="MS",
    help="Time after which differences are set back.",
)
@click.option("--spikes", type=click.IntRange(1), default=5, show_default=True, help="Neurons to add one of.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the differences.")
@click.option(
    "--delay", type=click.FloatRange(0, min_open=True), default=0.1, show_default=True, help="Synaptic, ms."
)
@click.option("--threads", type=click.IntRange(1), metavar="T", help="[default: SLURM_CPUS_PER_TASK or 1]")
def lyapunov(
    network: Path,
    odors: Path,
    out: Path,
    sizes: tuple[float, ...],
    starts: tuple[float, ...],
    window: float,
    interval: float,
    spikes: int,
    seed: int,
    delay: float,
    threads: int | None,
) -> None:
    """Measure how fast small differences grow, against their size.

    A copy of the network is displaced and set back to the same distance again and again (Benettin's method);
    another one gets a single added spike.

    Example: eiassembly lyapunov NET.h5 ODORS.h5 --out LYAPUNOV.h5
    """
    ensure_writable_target(out)
    wiring, shown = network_file.load(network), odor_file.load(odors)
    nest = find_nest()
    module = exact_neuron(nest)
    with processes(nest) as communicator:
        start_nest(communicator)
        from eiassembly.model.lyapunov.measure import Settings, measure_growth

        settings = Settings(
            sizes=sizes,
            starts=starts,
            window=window,
            interval=interval,
            spikes=spikes,
            seed=seed,
            delay=delay,
            threads=default_threads() if threads is None else threads,
        )
        found = measure_growth(wiring, shown, settings, module)
    growth_file.save(found, out)
    click.echo(f"{out}: {len(found.epochs)} times, {len(sizes)} sizes")
