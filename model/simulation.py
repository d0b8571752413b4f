"""The run loop: build the network, simulate block by block, write what happened."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.projection_storage import read_projection
from eiassembly.connectivity.storage import read_wiring
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.model.cells import Cells, ExactCells, StockCells
from eiassembly.model.errors import ConfigError
from eiassembly.model.files import opened
from eiassembly.model.network import Network, check_recordables, reset_kernel
from eiassembly.model.odor_storage import OdorStream
from eiassembly.model.odors import OdorSet
from eiassembly.model.progress import Progress
from eiassembly.model.provenance import provenance
from eiassembly.model.recording import Block, RunWriter, run_file
from eiassembly.model.schema import NETWORK_FORMAT, VERSION
from eiassembly.model.settings import Dynamics, Execution
from eiassembly.model.silencing import silent_neurons
from eiassembly.model.steps import in_steps
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
    with ExitStack() as stack:
        with world.together():
            if out.resolve() in (network.resolve(), odors.resolve()):
                raise ConfigError(f"--out: expected another file than what is simulated, found {out}")
            stream = stack.enter_context(closing(OdorStream(odors)))
            if world.rank == 0:
                stream.check()
            n_steps = _n_steps(dynamics, stream)
            wiring = _own_part(network, world)
            source = _source(wiring, stream, network)
            sizes = {p.name: p.size for p in wiring.populations}
            silent = silent_neurons(dynamics.silence, wiring, stream.odor_set.presentations, dynamics.dt)
        reset_kernel(dynamics.dt, execution.threads)
        with world.together():
            cells = _cells(dynamics, module)
            check_recordables(wiring, cells, dynamics.record)
        loaded = time.perf_counter()
        built = Network(wiring, cells, dynamics, silent)
        plan = _Plan(network, stream, dynamics, execution, n_steps, wiring.description, sizes, source)
        del wiring  # NEST holds the connections now
        timings = {"load": loaded - started, "build": time.perf_counter() - loaded}
        stack.enter_context(world.signals.deferring())
        with world.together():
            writer = stack.enter_context(_writer(out, dynamics.dt, world))
        run = _Run(plan, built, world, writer, timings)
        run.all_blocks()
        run.finish(stack.close)


@dataclass(frozen=True)
class _Plan:
    """What is to be simulated, and how."""

    network: Path
    odors: OdorStream
    dynamics: Dynamics
    execution: Execution
    n_steps: int
    description: Mapping[str, Any]
    sizes: Mapping[str, int]
    source: str


def _cells(dynamics: Dynamics, module: Path | None) -> Cells:
    if dynamics.neuron == "extension" and module:
        return ExactCells(module)
    if dynamics.silence:
        raise ConfigError(
            "silence: expected the exact neuron (--neuron extension), found the stock NEST neurons, "
            "which cannot be silenced"
        )
    return StockCells()


def _writer(out: Path, dt: float, world: World) -> AbstractContextManager[RunWriter | None]:
    return run_file(out, dt) if world.rank == 0 else nullcontext()


def resolved_config(
    dynamics: Dynamics, network: Mapping[str, Any], odor_set: OdorSet
) -> dict[str, dict[str, Any]]:
    """Everything that determines the spikes, as plain JSON values."""
    return {
        "network": dict(network),
        "odors": dict(odor_set.description),
        "simulation": dynamics.model_dump(mode="json"),
    }


def _n_steps(dynamics: Dynamics, stream: OdorStream) -> int:
    odor_set, odors = stream.odor_set, stream.path
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


def _source(wiring: Wiring, stream: OdorStream, network: Path) -> str:
    """Name of the one population that takes the given spike trains."""
    n_mitral, odors = stream.odor_set.n_mitral, stream.path
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
        populations = h5["populations"]
        sizes = {str(name): int(populations[name].attrs["size"]) for name in populations.attrs["order"]}
        first = _first_ids(sizes)
        wiring = read_wiring(
            h5, {name: slice((world.rank - first[name]) % world.size, None, world.size) for name in sizes}
        )
        projections = (_never_empty(p, h5["projections"][p.name]) for p in wiring.projections)
        return replace(wiring, projections=tuple(projections))


def _never_empty(projection: Projection, group: h5py.Group) -> Projection:
    """Add what ends on another rank, and is not made there, to nothing: NEST fails over empty arrays."""
    if len(projection.sources):
        return projection
    some = int(np.argmax(np.diff(group["offsets"][:])))
    return read_projection(group, slice(some, some + 1))


def _first_ids(sizes: Mapping[str, int]) -> dict[str, int]:
    """NEST's ids of the first neurons of populations that are made in this order."""
    ends = np.cumsum([1, *sizes.values()]).tolist()
    return dict(zip(sizes, ends, strict=False))


def _peak_memory() -> float:
    import resource  # not on every system: only where NEST runs

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _Run:
    """One pass through the protocol; rank 0 has the writer."""

    def __init__(
        self,
        plan: _Plan,
        network: Network,
        world: World,
        writer: RunWriter | None,
        timings: Mapping[str, float],
    ):
        self._plan = plan
        self._network = network
        self._world = world
        self._writer = writer
        self._timings = timings
        self._started = time.perf_counter()
        self._n_connections = sum(world.everyone(network.n_connections))
        self._dt = plan.dynamics.dt
        self._block_steps = max(1, round(plan.execution.block / self._dt))
        self._first_source = _first_ids(plan.sizes)[plan.source]

    def all_blocks(self) -> None:
        """Simulate and write everything, block by block."""
        odors, n_steps, now = self._plan.odors, self._plan.n_steps, 0
        record = self._provenance(is_finished=False)
        with self._world.together():
            self._begin(record)
            given = odors.until(self._end_of_block(0))
        with Progress(n_steps * self._dt, enabled=self._writer is not None) as progress:
            while now < n_steps:
                block = self._one_block(now, given)
                now = block.last_step
                with self._world.together():
                    if self._writer is not None:
                        self._writer.append(block)
                    given = odors.until(self._end_of_block(now))
                progress.update(now * self._dt)

    def finish(self, close: Callable[[], None]) -> None:
        """Write how it went, and close the file; too late for a signal."""
        record = self._provenance(is_finished=True)
        with self._world.together(heeding_signals=False):
            if self._writer is not None:
                self._writer.finish(record)
            close()

    def _provenance(self, is_finished: bool) -> dict[str, Any]:
        timings = {**self._timings, "simulate": time.perf_counter() - self._started}
        return provenance(
            self._plan.execution,
            self._world.size,
            timings,
            max(self._world.everyone(_peak_memory())),
            self._n_connections,
            nest.build_info,
            is_finished,
        )

    def _begin(self, record: Mapping[str, Any]) -> None:
        if self._writer is None:
            return
        plan = self._plan
        config = resolved_config(plan.dynamics, plan.description, plan.odors.odor_set)
        duration = plan.n_steps * self._dt
        self._writer.begin(tuple(plan.sizes), duration, plan.odors, config, plan.network, record)
        for name, meter in self._network.meters.items():
            self._writer.begin_records(name, meter.cells, meter.quantities)
        self._writer.flush()

    def _end_of_block(self, first: int) -> int:
        return min(first + self._block_steps, self._plan.n_steps)

    def _one_block(self, first: int, given: tuple[Ids, Ids]) -> Block:
        last, source = self._end_of_block(first), self._plan.source
        steps, ids = given
        own = (ids + self._first_source) % self._world.size == self._world.rank
        self._network.feed(source, steps[own], ids[own])
        self._network.simulate(last - first)
        spikes = {source: given}
        for name, train in self._network.take_spikes().items():
            rows = self._world.gather(np.stack(train, axis=1))
            if rows is not None:
                spikes[name] = (rows[:, 0], rows[:, 1])
        if self._network.meters and last == self._plan.n_steps:
            # A multimeter hands over the samples of a time slice when the next one begins.
            self._network.simulate_a_slice()
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
