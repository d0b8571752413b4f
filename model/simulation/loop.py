"""The run loop: simulate block by block, gather what happened, write it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.simulation import Dynamics
from eiassembly.core.arrays import Ids
from eiassembly.core.communicator import Communicator
from eiassembly.core.progress import Progress
from eiassembly.model.output.provenance import provenance
from eiassembly.model.output.run_file import Block, RunWriter
from eiassembly.model.protocol.input_trains import GivenTrains
from eiassembly.model.protocol.interventions import Edit, Interventions, edits_from
from eiassembly.model.simulation.network import Network
from eiassembly.model.simulation.request import Request
from eiassembly.model.simulation.resume import Before, Wanted
from eiassembly.odors.file import OdorStream
from eiassembly.odors.odors import OdorSet


@dataclass(frozen=True)
class RunPlan:
    """What is to be simulated, and what was found out about it.

    Parameters
    ----------
    request : Request
        As it is asked for.
    odors : OdorStream
        The odors, open.
    n_steps : int
        Length of the run.
    description : mapping
        Of the wiring.
    sizes : mapping of str to int
        Of the populations, in their order.
    source : str
        Population that takes the given spike trains.
    protocol : Interventions
        What is done to the neurons.
    before : Before, optional
        What is continued from.
    """

    request: Request
    odors: OdorStream
    n_steps: int
    description: Mapping[str, Any]
    sizes: Mapping[str, int]
    source: str
    protocol: Interventions
    before: Before | None = None

    @property
    def config(self) -> dict[str, dict[str, Any]]:
        """Everything that determines the spikes, as plain JSON values."""
        config = resolved_config(self.request.dynamics, self.description, self.odors.odor_set)
        if self.protocol.replayed_hash:
            config["simulation"]["replayed_hash"] = self.protocol.replayed_hash
        if self.before:
            config["simulation"]["continues"] = dict(self.before.origin)
        return config

    @property
    def duration(self) -> float:
        """Simulated time, ms."""
        return self.n_steps * self.request.dynamics.dt

    def wanted(self, network_hash: str) -> Wanted:
        """Return what tells this run from others."""
        return Wanted(self.config, network_hash, self.odors.content_hash, self.duration)


def resolved_config(
    dynamics: Dynamics, network: Mapping[str, Any], odor_set: OdorSet
) -> dict[str, dict[str, Any]]:
    """Everything that determines the spikes, as plain JSON values."""
    return {
        "network": dict(network),
        "odors": dict(odor_set.description),
        "simulation": dynamics.model_dump(mode="json"),
    }


def first_ids(sizes: Mapping[str, int]) -> dict[str, int]:
    """NEST's ids of the first neurons of populations that are made in this order."""
    ends = np.cumsum([1, *sizes.values()]).tolist()
    return dict(zip(sizes, ends, strict=False))


def _peak_memory() -> float:
    import resource  # not on every system: only where NEST runs

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class BlockLoop:
    """One pass through the protocol; rank 0 has the writer."""

    def __init__(
        self,
        plan: RunPlan,
        network: Network,
        communicator: Communicator,
        writer: RunWriter | None,
        timings: Mapping[str, float],
    ):
        self._plan = plan
        self._network = network
        self._communicator = communicator
        self._writer = writer
        self._timings = timings
        self._started = time.perf_counter()
        self._n_connections = sum(communicator.allgather(network.n_connections))
        self._dt = plan.request.dynamics.dt
        self._execution = plan.request.execution
        self._block_steps = max(1, round(self._execution.block / self._dt))
        self._first_source = first_ids(plan.sizes)[plan.source]
        self._given = GivenTrains(plan.odors, plan.protocol.given)
        self._edits: list[Edit] = []

    def all_blocks(self, start: int, go_on: bool) -> None:
        """Simulate and write everything after a step, block by block; go on in the file that is there."""
        odors, n_steps, now = self._given, self._plan.n_steps, start
        self._edits = edits_from(self._plan.protocol.edits, start)
        record = self._provenance(is_finished=False)
        with self._communicator.collective():
            self._begin(record, start, go_on)
            if start:
                odors.skip(start)
            given = odors.until(self._end_of_block(start))
        with Progress(n_steps * self._dt, enabled=self._writer is not None) as progress:
            while now < n_steps:
                self._edit(now)
                block = self._one_block(now, given)
                states = self._states() if self._is_snapshot_due(now, block.last_step) else None
                now = block.last_step
                # A signal that came after the decision against a snapshot waits for the next block's.
                has_what_it_needs = states is not None or self._execution.checkpoint_every is None
                with self._communicator.collective(heeding_signals=has_what_it_needs):
                    if self._writer is not None:
                        self._writer.append(block, states)
                    given = odors.until(self._end_of_block(now))
                progress.update(now * self._dt)

    def _is_snapshot_due(self, first: int, last: int) -> bool:
        """Whether a multiple of the interval lies in a block, or the run ends after it."""
        every = self._execution.checkpoint_every
        if every is None:
            return False
        steps = max(1, round(every / self._dt))
        is_ending = any(self._communicator.allgather(bool(self._communicator.signals.received)))
        return is_ending or last // steps > first // steps

    def _states(self) -> dict[str, NDArray[np.float64]]:
        """States of all neurons by population, on rank 0."""
        states = {}
        for name, (ids, own) in self._network.snapshot(
            self._communicator.rank, self._communicator.size
        ).items():
            rows = self._communicator.gather(np.column_stack([ids, own]))
            if rows is not None:
                states[name] = rows[np.argsort(rows[:, 0]), 1:]
        return states

    def finish(self, close: Callable[[], None]) -> None:
        """Write how it went, and close the file; too late for a signal."""
        record = self._provenance(is_finished=True)
        with self._communicator.collective(heeding_signals=False):
            if self._writer is not None:
                self._writer.finish(record)
            close()

    def _provenance(self, is_finished: bool) -> dict[str, Any]:
        timings = {**self._timings, "simulate": time.perf_counter() - self._started}
        return provenance(
            self._execution,
            self._communicator.size,
            timings,
            max(self._communicator.allgather(_peak_memory())),
            self._n_connections,
            nest.build_info,
            is_finished,
        )

    def _begin(self, record: Mapping[str, Any], start: int, go_on: bool) -> None:
        if self._writer is None:
            return
        if go_on and start:
            self._writer.go_on(start)
            return
        plan = self._plan
        self._writer.begin(
            tuple(plan.sizes), plan.duration, plan.odors, plan.config, plan.request.network, record
        )
        for name, meter in self._network.meters.items():
            self._writer.begin_records(name, np.arange(meter.n_cells), meter.quantities)
        if self._execution.checkpoint_every is not None:
            self._writer.begin_snapshots(self._network.snapshot_shapes)
        self._writer.flush()
        if plan.before:
            snapshot = plan.before.snapshot
            self._writer.append(Block(snapshot.step, snapshot.trains, {}))

    def _end_of_block(self, first: int) -> int:
        next_edit = next((edit.step for edit in self._edits if edit.step > first), self._plan.n_steps)
        return min(first + self._block_steps, self._plan.n_steps, next_edit)

    def _edit(self, now: int) -> None:
        """Change what is to be changed after this step, or was before it if it still holds."""
        while self._edits and self._edits[0].step <= now:
            self._network.edit(self._edits.pop(0))

    def _one_block(self, first: int, given: tuple[Ids, Ids]) -> Block:
        last, source = self._end_of_block(first), self._plan.source
        steps, ids = given
        own = (ids + self._first_source) % self._communicator.size == self._communicator.rank
        self._network.feed(source, steps[own], ids[own])
        self._network.simulate(last - first)
        spikes = {source: given}
        for name, train in self._network.take_spikes().items():
            rows = self._communicator.gather(np.stack(train, axis=1))
            if rows is not None:
                spikes[name] = (rows[:, 0], rows[:, 1])
        if last == self._plan.n_steps:
            self._network.let_meters_catch_up()
        return Block(last, spikes, self._samples(last))

    def _samples(self, last: int) -> dict[str, tuple[Ids, dict[str, NDArray[np.float64]]]]:
        samples = {}
        for name, meter in self._network.meters.items():
            rows = self._communicator.gather(self._network.take_samples(name))
            if rows is None:
                continue
            rows = rows[rows[:, 0] <= last]
            rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
            by_time = rows.reshape(-1, meter.n_cells, 2 + len(meter.quantities))
            steps = by_time[:, 0, 0].astype(np.int64)
            by_quantity = {q: by_time[:, :, 2 + index] for index, q in enumerate(meter.quantities)}
            samples[name] = (steps, by_quantity)
        return samples
