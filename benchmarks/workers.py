"""What runs in Python itself, in processes of its own: wiring, analysis, the dedicated loop.

The process that measures stays small: its children would inherit its peak memory.
"""

import functools
import site
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from benchmarks.machine import peak_memory

P = ParamSpec("P")
T = TypeVar("T")


def worker() -> ProcessPoolExecutor:
    """Return one fresh process that lives until it is shut down; it keeps what was compiled in it."""
    # Also where the caller did not find this package on its search path, as the tests.
    top = str(Path(__file__).resolve().parents[1])
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=site.addsitedir, initargs=(top,))


def in_new_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a process that ends afterwards."""
    with worker() as process:
        return process.submit(function, *args, **kwargs).result()


def timed(action: Callable[[], T]) -> tuple[T, float]:
    """Return what an action returns, and its wall clock, s."""
    begin = time.perf_counter()
    done = action()
    return done, time.perf_counter() - begin


def wire(config: Mapping[str, Any], net: Path, odors: Path) -> dict[str, Any]:
    """Wire a network, draw its odors and save both: wall clock in s, peak memory in MiB, sizes."""
    from eiassembly.config.config import parse_config
    from eiassembly.connectivity.build import build
    from eiassembly.connectivity.files import network as network_file
    from eiassembly.odors import file as odor_file
    from eiassembly.odors.schedules import draw_odor_set

    parsed = parse_config(config, "benchmark")
    wiring, wire_s = timed(lambda: build(parsed))
    peak = peak_memory()
    _, save_s = timed(lambda: network_file.save(wiring, net))
    drawn, odors_s = timed(lambda: draw_odor_set(parsed))
    odor_file.save(drawn, odors)
    return {
        "wire_s": wire_s,
        "save_s": save_s,
        "odors_s": odors_s,
        "peak_MiB": peak,
        "neurons": sum(p.size for p in wiring.populations if p.neuron is not None),
        "synapses": sum(p.n_contacts for p in wiring.projections),
        "fan_out": _fan_out(wiring),
    }


def _fan_out(wiring: Any) -> dict[str, float]:
    """Mean number of contacts that a cell makes, by population."""
    made = {p.name: 0 for p in wiring.populations}
    for projection in wiring.projections:
        made[projection.source] += projection.n_contacts
    return {p.name: made[p.name] / p.size for p in wiring.populations}


def analyse(run: Path) -> dict[str, float]:
    """Measure a run as the command `analyse` does: wall clock of reading and measuring, s."""
    from eiassembly.analysis.experiments.result import analyse_run
    from eiassembly.analysis.runs.run import open_run

    _, seconds = timed(lambda: analyse_run(open_run(run)))
    return {"analyse_s": seconds}


@functools.cache
def _loop(net: Path, odors: Path, delay: float) -> tuple[Any, Any]:
    from benchmarks.dedicated_loop import DedicatedLoop
    from eiassembly.config.parameters import DT
    from eiassembly.connectivity.files import network as network_file
    from eiassembly.odors import file as odor_file

    return DedicatedLoop(network_file.load(net), round(delay / DT)), odor_file.load(odors)


def run_loop(net: Path, odors: Path, delay: float, duration: float) -> dict[str, Any]:
    """Run the dedicated loop, compiled before the first time: wall clock in s, spikes by population."""
    loop, odor_set = _loop(net, odors, delay)
    spikes, seconds = loop.run(odor_set.steps, odor_set.ids, round(duration / odor_set.dt))
    return {"simulate_s": seconds, "spikes": {name: len(steps) for name, (steps, _) in spikes.items()}}
