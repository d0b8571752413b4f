"""A wiring in NEST: nodes, connections and recorders of one process."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.simulation import Dynamics
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import ConfigError
from eiassembly.core.grid import in_steps
from eiassembly.model.protocol.interventions import Edit, Interventions, merged
from eiassembly.model.simulation.backend import AbleCells, Backend, Cells, Meter
from eiassembly.model.state.snapshot import Snapshot, arrivals, on_their_way


def reset_kernel(dt: float, threads: int) -> None:
    """Start from an empty NEST with this step [ms] and number of threads per process."""
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = dt
    nest.local_num_threads = threads


class Network:
    """The nodes of a wiring; every process holds the connections onto its own targets.

    Parameters
    ----------
    wiring : Wiring
        At least the connections onto the targets of this process; others are left out.
    cells : Cells
        Which neurons and synapses to use; they are able to do what is asked for.
    dynamics : Dynamics
        Delay and what to record.
    protocol : Interventions
        What is done to the neurons; its edits are left to the caller.
    start : Snapshot, optional
        Where to continue from; by default the neurons are at rest, and the first step is 1.
    """

    def __init__(
        self,
        wiring: Wiring,
        cells: Cells,
        dynamics: Dynamics,
        protocol: Interventions | None = None,
        start: Snapshot | None = None,
    ):
        protocol = protocol or Interventions()
        # What these cells lack has been refused (`check_abilities`).
        self._cells = cast(AbleCells, cells)
        self._dt = dynamics.dt
        # NEST always begins with step 1.
        self._before = start.step if start else 0
        self._nodes: dict[str, Any] = {}
        for population in wiring.populations:
            self._nodes[population.name] = self._create(wiring, population.name)
        self._first = {name: nodes[0].global_id for name, nodes in self._nodes.items()}
        for population in wiring.populations:
            for port, projection in enumerate(wiring.inputs(population.name)):
                self._connect(wiring, port, projection, dynamics.delay)
        for group in protocol.silent:
            self._cells.silence(
                self._nodes[group.population][group.ids.tolist()], group.windows - self._before
            )
        self._spiking = [p.name for p in wiring.populations if p.neuron is not None]
        self._sources = {name: [p.source for p in wiring.inputs(name)] for name in self._spiking}
        cells.record_spikes([self._nodes[name] for name in self._spiking])
        self._meters = {
            name: meter for name in self._spiking if (meter := self._record_state(wiring, name, dynamics))
        }
        self._now = self._before
        self._to_send = self._intervene(protocol)
        if start:
            self._restore(start, wiring, dynamics.delay_steps, protocol)

    def rewind(self, start: Snapshot, wiring: Wiring, delay: int) -> None:
        """Go on from another snapshot, whatever has been simulated, without anything done to the neurons.

        Parameters
        ----------
        start : Snapshot
            Of a network with these neurons.
        wiring : Wiring
            All connections of this network.
        delay : int
            Their delay, steps.
        """
        for population in (wiring.population(name) for name in self._spiking):
            quiet = np.zeros(self.snapshot_shapes[population.name])
            quiet[:, 0] = population.neuron.E_rest if population.neuron else 0.0
            quiet[:, 2] = 2 * delay + 1  # nobody fires while what is on its way arrives
            self._cells.restore(self._ids(population.name), quiet)
        nest.Simulate(2 * delay * self._dt)
        self._cells.take_spikes()
        self._now = start.step
        self._before = start.step - round(nest.biological_time / self._dt)
        self._restore(start, wiring, delay, Interventions())

    def _intervene(self, protocol: Interventions) -> tuple[Ids, Ids]:
        """Tell the cells; return (steps, nodes) of the spikes to send, which they are told block by block."""
        for current in protocol.currents:
            nodes = current.ids + self._first[current.population]
            self._cells.inject(nodes, current.windows - self._before, current.current)
        for spike in protocol.dropped:
            self._cells.drop(self._first[spike.population] + spike.id, spike.step - self._before)
        trains = [(steps, ids + self._first[name]) for name, (steps, ids) in protocol.transmitted.items()]
        none = np.empty(0, np.int64)
        return merged(*trains) if trains else (none, none)

    def _create(self, wiring: Wiring, name: str) -> Any:
        population = wiring.population(name)
        if population.neuron is None:
            return self._cells.sources(population.size)
        inputs = [(wiring.population(p.source), p) for p in wiring.inputs(name)]
        return self._cells.neurons(population, inputs)

    def _connect(self, wiring: Wiring, port: int, projection: Projection, delay: float) -> None:
        sources, targets = self._cells.entries(projection)
        specification = self._cells.synapses(port, wiring.population(projection.source), projection)
        # Without a delay NEST reads its default; arrays of equal delays would cost as much as the rest.
        nest.SetDefaults(specification["synapse_model"], {"delay": delay})
        # Also with empty arrays: every process must make the same calls.
        nest.Connect(
            sources.astype(np.int64) + self._first[projection.source],
            targets.astype(np.int64) + self._first[projection.target],
            "one_to_one",
            specification,
        )

    def _record_state(self, wiring: Wiring, name: str, dynamics: Dynamics) -> Meter | None:
        sources = self._sources[name]
        known = self._cells.backend.recordables(sources)
        quantities = list(dict.fromkeys(quantity for quantity in dynamics.record if quantity in known))
        if not quantities:
            return None
        cells = self._nodes[name][: min(dynamics.cells, len(self._nodes[name]))]
        interval = in_steps(dynamics.every, self._dt)
        return self._cells.meter(cells, sources, quantities, interval, self._before)

    def _restore(self, start: Snapshot, wiring: Wiring, delay: int, protocol: Interventions) -> None:
        delivered = protocol.delivered(start.trains)
        for name in self._spiking:
            self._cells.restore(self._ids(name), start.states[name])
            for port, projection in enumerate(wiring.inputs(name)):
                train = on_their_way(delivered[projection.source], start.step, delay)
                for arriving in arrivals(projection, train, self._before, delay):
                    self._cells.arrive(self._first[name], port, arriving)

    def _ids(self, name: str) -> Ids:
        """Node ids of a population."""
        ids: Ids = np.arange(len(self._nodes[name])) + self._first[name]
        return ids

    @property
    def snapshot_shapes(self) -> dict[str, tuple[int, int]]:
        """Shape of the states of all neurons, by population."""
        state = self._cells.backend.state
        return {name: (len(self._nodes[name]), len(state(self._sources[name]))) for name in self._spiking}

    @property
    def meters(self) -> Mapping[str, Meter]:
        """Recorders of state variables by population."""
        return self._meters

    @property
    def n_connections(self) -> int:
        """Connections that NEST made in all processes, those to recorders included."""
        return int(nest.num_connections)

    def feed(self, source: str, steps: Ids, ids: Ids) -> None:
        """Give the sources their spikes of the next block: 1-based steps, 0-based ids, sorted by step."""
        self._cells.feed(self._nodes[source], steps - self._before, ids, self._dt)

    def simulate(self, steps: int) -> None:
        """Advance by this many steps."""
        chosen = slice(*np.searchsorted(self._to_send[0], [self._now + 1, self._now + steps + 1]))
        if chosen.start < chosen.stop:
            self._cells.send(self._to_send[0][chosen] - self._before, self._to_send[1][chosen])
        self._now += steps
        nest.Simulate(steps * self._dt)

    def edit(self, edit: Edit) -> None:
        """Change states or parameters between two steps."""
        edit.apply(self)

    def states(self, population: str, ids: Ids) -> Floats:
        """Return the states of neurons; rows of those of other processes are NaN."""
        return self._cells.snapshot(ids + self._first[population], len(self._sources[population]))

    def set_states(self, population: str, ids: Ids, states: Floats) -> None:
        """Give neurons other states; those of other processes are skipped."""
        self._cells.restore(ids + self._first[population], states)

    def set_g_rest(self, population: str, ids: Ids, g_rest: float) -> None:
        """Change the resting conductance [nS] of neurons."""
        self._cells.set_g_rest(self._nodes[population][ids.tolist()], g_rest)

    def let_meters_catch_up(self) -> None:
        """Advance, after the last step that counts, until the meters have it."""
        if behind := max((meter.slices_behind for meter in self._meters.values()), default=0):
            nest.Simulate(behind * nest.min_delay)  # a slice is the smallest delay of all connections

    def take_spikes(self) -> dict[str, tuple[Ids, Ids]]:
        """Return and forget (steps, ids) of this process's spikes since the last call, per population."""
        steps, senders = self._cells.take_spikes()
        spikes = {}
        for name in self._spiking:
            ids = senders - self._first[name]
            own = (ids >= 0) & (ids < len(self._nodes[name]))
            spikes[name] = (steps[own] + self._before, ids[own])
        return spikes

    def take_samples(self, name: str) -> NDArray[np.float64]:
        """Return and forget what this process's meter of a population has: see `Meter.take`."""
        samples = self._meters[name].take()
        samples[:, 0] += self._before
        return samples

    def snapshot(self, rank: int, size: int) -> dict[str, tuple[Ids, NDArray[np.float64]]]:
        """Read the states of the neurons of one of several processes: (ids, states) by population."""
        own = {name: ids[ids % size == rank] for name in self._spiking if len(ids := self._ids(name))}
        return {
            name: (nodes - self._first[name], self._cells.snapshot(nodes, len(self._sources[name])))
            for name, nodes in own.items()
        }


def check_recordables(wiring: Wiring, backend: Backend, record: Sequence[str]) -> None:
    """Refuse quantities to record that no population of the network has.

    Raises
    ------
    ConfigError
        Names one of them and those that there are.
    """
    neurons = (p.name for p in wiring.populations if p.neuron is not None)
    known = dict.fromkeys(
        quantity
        for name in neurons
        for quantity in backend.recordables([p.source for p in wiring.inputs(name)])
    )
    for quantity in record:
        if quantity not in known:
            found = quantity or "nothing"
            raise ConfigError(
                f"--record: expected some of {', '.join(known)} (of {backend.kind}), found {found}"
            )
