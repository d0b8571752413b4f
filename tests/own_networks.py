"""Networks of our own, simulated by the fast exact loop and measured: many runs as test data."""

import importlib.util
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from run_files import write_run

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.measures.observables import Observables
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.config import Config, parse_config
from eiassembly.connectivity.build import build
from eiassembly.odors.schedules import draw_odor_set

N_ODORS = 10


@cache
def dedicated_loop() -> ModuleType:
    """The benchmark's loop; test_dedicated_loop.py shows that its spikes are the exact ones."""
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "dedicated_loop.py"
    spec = importlib.util.spec_from_file_location("dedicated_loop", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def configured(preset: str, structure: str, seed: int, learned: int, novel: int) -> Config:
    """Network and odors of one seed."""
    return parse_config(
        {
            "network": {"preset": preset, "structure": structure, "seed": seed},
            "odors": {"learned": learned, "novel": novel, "seed": seed},
        },
        "test",
    )


def observed(config: Config) -> dict[str, Observables]:
    """Simulate a configuration and measure it: observables by the kind of odor."""
    wiring, odors = build(config), draw_odor_set(config)
    spikes, _ = dedicated_loop().DedicatedLoop(wiring).run(odors.steps, odors.ids, odors.n_steps)
    spikes = {"OB": (odors.steps, odors.ids), **spikes}
    with TemporaryDirectory() as folder:
        path = write_run(Path(folder) / "run.h5", wiring, spikes, odors.presentations, odors.duration)
        return dict(analyse_run(open_run(path)).observables)


def observed_seed(preset: str, structure: str, seed: int) -> dict[str, Observables]:
    """Ten learned odors; ten novel ones for rand, and for one seed of every structure."""
    novel = N_ODORS if structure == "rand" or seed == 1 else 0
    return observed(configured(preset, structure, seed, learned=N_ODORS, novel=novel))
