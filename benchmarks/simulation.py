"""How fast the simulation is: wall clock relative to the dedicated loop, the floor, on the same input.

    python benchmarks/simulation.py --duration 5000 --threads 1 2

Rounds alternate between all variants, so that a slow moment of the machine meets all of them; ratios are
taken within a round. Also prints how long the wiring took, relative to a second of the loop's simulated time.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py
from dedicated_loop import DedicatedLoop

from eiassembly.connectivity import storage
from eiassembly.connectivity.build import build
from eiassembly.model import odor_storage
from eiassembly.model.config import parse_config
from eiassembly.model.extension import compiled_module
from eiassembly.model.nest_installation import find_nest
from eiassembly.model.odor_draws import draw_odor_set
from eiassembly.model.odors import OdorSet
from eiassembly.model.settings import Dynamics, Execution
from eiassembly.model.world import SingleProcess

ROUNDS = 3
DELAYS = (0.1, 1.0)


def simulation(folder: Path, delay: float, threads: int, duration: float) -> Callable[[], float]:
    """Return a function that simulates and returns the wall clock of the run loop, s."""
    from eiassembly.model.simulation import simulate  # imports NEST

    module, out = compiled_module(find_nest()), folder / "run.h5"
    dynamics = Dynamics(delay=delay, duration=duration)

    def run() -> float:
        files = folder / "net.h5", folder / "odors.h5", out
        simulate(*files, dynamics, Execution(threads=threads), SingleProcess(), module)
        with h5py.File(out) as h5:
            provenance = json.loads(h5["eiassembly/provenance"].asstr()[()])
        return float(provenance["wall_clock_s"]["simulate"])

    return run


def floor(folder: Path, odors: OdorSet, delay: float, duration: float) -> Callable[[], float]:
    """Return a function that runs the dedicated loop and returns its wall clock, s."""
    loop = DedicatedLoop(storage.load(folder / "net.h5"), round(delay / 0.1))
    return lambda: loop.run(odors.steps, odors.ids, round(duration / 0.1))[1]


def main() -> None:
    """Print one line per delay and number of threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--duration", type=float, default=5000.0, help="simulated time, ms")
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="numbers of threads")
    options = parser.parse_args()
    config = parse_config({"network": {"structure": "tuned_ei"}, "odors": {"learned": 10}}, "benchmark")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin = time.perf_counter()
        wiring = build(config)
        seconds = time.perf_counter() - begin
        odors = draw_odor_set(config)
        storage.save(wiring, folder / "net.h5")
        odor_storage.save(odors, folder / "odors.h5")
        for delay in DELAYS:
            variants = {
                threads: simulation(folder, delay, threads, options.duration) for threads in options.threads
            }
            lowest = floor(folder, odors, delay, options.duration)
            rounds = [(lowest(), {t: run() for t, run in variants.items()}) for _ in range(ROUNDS)]
            per_second = statistics.median(base for base, _ in rounds) / (options.duration / 1000)
            for threads in variants:
                ratio = statistics.median(found[threads] / base for base, found in rounds)
                print(f"delay {delay:g} ms, {threads} threads: {ratio:.2f} times the floor")
            print(f"delay {delay:g} ms: the floor takes {per_second:.3f} s per simulated second")
        print(f"wiring, assemblies included: {seconds / per_second:.1f} simulated seconds of the last floor")


if __name__ == "__main__":
    main()
