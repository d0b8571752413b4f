"""The run loop: build the network, simulate block by block, write what happened."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.storage import read_wiring
from eiassembly.connectivity.wiring import Wiring
from eiassembly.model.cells import Cells, ExactCells, StockCells
from eiassembly.model.errors import ConfigError
from eiassembly.model.files import opened
from eiassembly.model.network import Network, check_recordables, reset_kernel
from eiassembly.model.odor_storage import load as load_odors
from eiassembly.model.odors import OdorSet
from eiassembly.model.progress import Progress
from eiassembly.model.provenance import provenance
from eiassembly.model.recording import Block, RunWriter, run_file
from eiassembly.model.schema import NETWORK_FORMAT, VERSION
from eiassembly.model.settings import Dynamics, Execution, in_steps
from eiassembly.model.world import World

Ids = NDArray[np.int64]


def simulate(
    network: Path,
    odors: Path,
    out: Path,
    dynamics: Dynamics,
    execution: Execution,
    world: World,
    module: Path | None = None,
) -> None:
    """Simulate a network with an odour set and write RUN.h5; called by all processes alike.

    Parameters
    ----------
    network, odors : Path
        NET.h5 and ODORS.h5.
    out : Path
        RUN.h5; while the run lasts it is called RUN.h5.partial.
    dynamics, execution : Dynamics, Execution
        How to simulate.
    world : World
        The processes of this run.
    module : Path, optional
        Compiled extension module; needed for ``dynamics.neuron == "extension"``.

    Raises
    ------
    FileFormatError, ConfigError, EnvironmentProblemError
        Bad files, files that do not fit each other, what NEST refuses, a result that cannot be written.
    """
    try:
        _simulate(network, odors, out, dynamics, execution, world, module)
    except nest.NESTError as error:
        raise ConfigError(f"{network}: NEST refuses it: {' '.join(str(error).split())}") from error


def _simulate(
    network: Path,
    odors: Path,
    out: Path,
    dynamics: Dynamics,
    execution: Execution,
    world: World,
    module: Path | None,
) -> None:
    started = time.perf_counter()
    if out.resolve() in (network.resolve(), odors.resolve()):
        raise ConfigError(f"--out: expected another file than what is simulated, found {out}")
    odor_set = load_odors(odors)
    n_steps = _n_steps(dynamics, odor_set, odors)
    reset_kernel(dynamics.dt, execution.threads)
    cells: Cells = ExactCells(module) if dynamics.neuron == "extension" and module else StockCells()
    wiring = _own_part(network, world)
    source = _source(wiring, odor_set.n_mitral, network, odors)
    check_recordables(wiring, cells, dynamics.record)
    loaded = time.perf_counter()
    built = Network(wiring, cells, dynamics)
    description = wiring.description
    populations = tuple(p.name for p in wiring.populations)
    del wiring  # NEST holds the connections now
    timings = {"load": loaded - started, "build": time.perf_counter() - loaded}
    run = _Run(built, odor_set, source, dynamics, execution, world)
    if world.rank != 0:
        run.all_blocks(n_steps, None)
        world.maximum(_peak_memory())
        return
    with run_file(out, dynamics.dt) as writer:
        config = resolved_config(dynamics, description, odor_set)
        writer.begin(populations, n_steps * dynamics.dt, odor_set, config, network)
        for name, meter in built.meters.items():
            writer.begin_records(name, meter.cells, meter.quantities)
        timings["simulate"] = run.all_blocks(n_steps, writer)
        peak = world.maximum(_peak_memory())
        writer.finish(provenance(execution, world.size, timings, peak, built.n_connections, nest.build_info))


def resolved_config(
    dynamics: Dynamics, network: Mapping[str, Any], odor_set: OdorSet
) -> dict[str, dict[str, Any]]:
    """Everything that determines the spikes, as plain JSON values."""
    return {
        "network": dict(network),
        "odors": dict(odor_set.description),
        "simulation": dynamics.model_dump(mode="json"),
    }


def _n_steps(dynamics: Dynamics, odor_set: OdorSet, odors: Path) -> int:
    if abs(odor_set.dt - dynamics.dt) > 1e-9:
        raise ConfigError(f"{odors}: dt: expected {dynamics.dt} ms, found {odor_set.dt} ms")
    if dynamics.duration is None:
        return odor_set.n_steps
    steps = in_steps(dynamics.duration, dynamics.dt)
    if steps > odor_set.n_steps:
        raise ConfigError(
            f"--duration: expected at most {odor_set.duration:g} ms ({odors}), found {dynamics.duration:g} ms"
        )
    return steps


def _source(wiring: Wiring, n_mitral: int, network: Path, odors: Path) -> str:
    """Name of the one population that takes the given spike trains."""
    sources = [p for p in wiring.populations if p.neuron is None]
    if len(sources) != 1 or sources[0].size != n_mitral:
        sizes = " and ".join(str(p.size) for p in sources) or "none"
        raise ConfigError(f"{network}: mitral cells: expected the {n_mitral} of {odors}, found {sizes}")
    return sources[0].name


def _own_part(network: Path, world: World) -> Wiring:
    """Read the connections onto the targets that NEST puts on this rank: node id modulo ranks, from 1."""
    with opened(network, NETWORK_FORMAT, VERSION) as h5:
        if world.size == 1:
            return read_wiring(h5)
        targets, first = {}, 1
        for name in _population_order(h5):
            targets[name] = slice((world.rank - first) % world.size, None, world.size)
            first += int(h5["populations"][name].attrs["size"])
        return read_wiring(h5, targets)


def _population_order(h5: h5py.File) -> list[str]:
    return [str(name) for name in h5["populations"].attrs["order"]]


def _peak_memory() -> float:
    import resource  # not on every system: only where NEST runs

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _Run:
    """One pass through the protocol."""

    def __init__(
        self,
        network: Network,
        odor_set: OdorSet,
        source: str,
        dynamics: Dynamics,
        execution: Execution,
        world: World,
    ):
        self._network = network
        self._odors = odor_set
        self._source = source
        self._dt = dynamics.dt
        self._block_steps = max(1, round(execution.block / dynamics.dt))
        self._world = world

    def all_blocks(self, n_steps: int, writer: RunWriter | None) -> float:
        """Simulate everything; rank 0 has the writer. Returns the wall-clock time, s."""
        started = time.perf_counter()
        with Progress(n_steps * self._dt, enabled=writer is not None) as progress:
            for first in range(0, n_steps, self._block_steps):
                last = min(first + self._block_steps, n_steps)
                block = self._one_block(first, last)
                if writer is not None:
                    writer.append(block)
                progress.update(last * self._dt)
            if self._network.meters:
                self._last_samples(n_steps, writer)
        return time.perf_counter() - started

    def _last_samples(self, n_steps: int, writer: RunWriter | None) -> None:
        # A multimeter hands over the samples of a time slice when the next one begins.
        self._network.simulate_a_slice()
        block = Block(n_steps, {}, self._samples(n_steps))
        if writer is not None:
            writer.append(block)

    def _one_block(self, first: int, last: int) -> Block:
        steps, ids = self._odors.window(first, last)
        self._network.feed(self._source, steps, ids)
        self._network.simulate(last - first)
        spikes = {self._source: (steps, ids)}
        for name, own in self._network.take_spikes().items():
            rows = self._world.gather(np.stack(own, axis=1))
            if rows is not None:
                spikes[name] = (rows[:, 0], rows[:, 1])
        return Block(last, spikes, self._samples(last))

    def _samples(self, last: int) -> dict[str, tuple[Ids, dict[str, NDArray[np.float64]]]]:
        samples = {}
        for name, meter in self._network.meters.items():
            rows = self._world.gather(meter.take())
            if rows is None:
                continue
            rows = rows[rows[:, 0] <= last]
            rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
            values = rows[:, 2:].reshape(-1, len(meter.cells), len(meter.quantities))
            steps = rows[:: len(meter.cells), 0].astype(np.int64)
            by_quantity = {q: values[:, :, index] for index, q in enumerate(meter.quantities)}
            samples[name] = (steps, by_quantity)
        return samples
