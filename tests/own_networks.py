"""Networks of our own, simulated by the fast exact loop and measured: many runs as test data."""

import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from authors_data import CONNEC, ODORS, strengths
from run_files import write_run

from eiassembly.analysis.observables import Observables
from eiassembly.analysis.results import open_run
from eiassembly.analysis.tables import analyse_run
from eiassembly.connectivity.build import build
from eiassembly.connectivity.import_mat import import_network
from eiassembly.connectivity.wiring import Wiring
from eiassembly.model.config import Config, parse_config
from eiassembly.model.odor_draws import Protocol, draw_odor_set
from eiassembly.model.odor_import import import_odors
from eiassembly.model.odors import OdorSet


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
    """Network and odours of one seed."""
    return parse_config(
        {
            "network": {"preset": preset, "structure": structure, "seed": seed},
            "odors": {"learned": learned, "novel": novel, "seed": seed},
        },
        "test",
    )


def observed(config: Config) -> dict[str, Observables]:
    """Simulate a configuration and measure it: observables by the kind of odour."""
    return simulated(build(config), draw_odor_set(config))


def simulated(wiring: Wiring, odors: OdorSet) -> dict[str, Observables]:
    """Simulate a network and measure it: observables by the kind of odour."""
    spikes, _ = dedicated_loop().DedicatedLoop(wiring).run(odors.steps, odors.ids, odors.n_steps)
    spikes = {"OB": (odors.steps, odors.ids), **spikes}
    with TemporaryDirectory() as folder:
        path = write_run(Path(folder) / "run.h5", wiring, spikes, odors.presentations, odors.duration)
        return dict(analyse_run(open_run(path)).observables)


def observed_with_new_spikes(network: str, seed: int) -> Observables:
    """Measure an authors' Tuned I network with their learned odours and another draw of the spikes."""
    wiring = import_network(CONNEC / f"{network}_tI.mat", strengths(network))
    theirs = import_odors(ODORS / "odorset_10learned.mat", "learned")
    drawn = Protocol(theirs.odors, theirs.presentations, theirs.n_mitral, theirs.dt, theirs.duration, seed)
    steps, ids = drawn.spikes(0, drawn.n_chunks)
    return simulated(wiring, replace(theirs, steps=steps, ids=ids))["learned"]
