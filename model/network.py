"""A wiring in NEST: nodes, connections and recorders of one process."""

from collections.abc import Mapping, Sequence
from typing import Any

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.model.cells import Cells
from eiassembly.model.errors import ConfigError
from eiassembly.model.settings import Dynamics
from eiassembly.model.silencing import SilentNeurons
from eiassembly.model.steps import in_steps

Ids = NDArray[np.int64]


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
        Which neurons and synapses to use.
    dynamics : Dynamics
        Delay and what to record.
    silent : sequence of SilentNeurons
        Neurons whose spikes are not sent for a while.
    """

    def __init__(
        self, wiring: Wiring, cells: Cells, dynamics: Dynamics, silent: Sequence[SilentNeurons] = ()
    ):
        self._cells = cells
        self._dt = dynamics.dt
        self._nodes: dict[str, Any] = {}
        for population in wiring.populations:
            self._nodes[population.name] = self._create(wiring, population.name)
        self._first = {name: nodes[0].global_id for name, nodes in self._nodes.items()}
        for population in wiring.populations:
            for port, projection in enumerate(wiring.inputs(population.name)):
                self._connect(wiring, port, projection, dynamics.delay)
        for group in silent:
            cells.silence(self._nodes[group.population][group.ids.tolist()], group.windows)
        self._spiking = [p.name for p in wiring.populations if p.neuron is not None]
        cells.record_spikes([self._nodes[name] for name in self._spiking])
        self._meters = {
            name: meter for name in self._spiking if (meter := self._record_state(wiring, name, dynamics))
        }

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

    def _record_state(self, wiring: Wiring, name: str, dynamics: Dynamics) -> "StateMeter | None":
        sources = [p.source for p in wiring.inputs(name)]
        known = self._cells.recordables(sources)
        names = {quantity: known[quantity] for quantity in dynamics.record if quantity in known}
        if not names:
            return None
        cells = self._nodes[name][: min(dynamics.cells, len(self._nodes[name]))]
        return StateMeter(cells, names, in_steps(dynamics.every, self._dt) * self._dt)

    @property
    def meters(self) -> Mapping[str, "StateMeter"]:
        """Recorders of state variables by population."""
        return self._meters

    @property
    def n_connections(self) -> int:
        """Connections that NEST made in all processes, those to recorders included."""
        return int(nest.num_connections)

    def feed(self, source: str, steps: Ids, ids: Ids) -> None:
        """Give the sources their spikes of the next block: 1-based steps, 0-based ids, sorted by step."""
        self._cells.feed(self._nodes[source], steps, ids, self._dt)

    def simulate(self, steps: int) -> None:
        """Advance by this many steps."""
        nest.Simulate(steps * self._dt)

    def simulate_a_slice(self) -> None:
        """Advance by one time slice of NEST, the smallest delay of all connections."""
        nest.Simulate(nest.min_delay)

    def take_spikes(self) -> dict[str, tuple[Ids, Ids]]:
        """Return and forget (steps, ids) of this process's spikes since the last call, per population."""
        steps, senders = self._cells.take_spikes()
        spikes = {}
        for name in self._spiking:
            ids = senders - self._first[name]
            own = (ids >= 0) & (ids < len(self._nodes[name]))
            spikes[name] = (steps[own], ids[own])
        return spikes


class StateMeter:
    """A multimeter on some neurons of one population."""

    def __init__(self, neurons: Any, names: Mapping[str, str], interval: float):
        self._names = names
        self._first = neurons[0].global_id
        self.cells = np.arange(len(neurons), dtype=np.int64)
        parameters = {"record_from": list(names.values()), "interval": interval, "time_in_steps": True}
        self._meter = nest.Create("multimeter", params=parameters)
        nest.Connect(self._meter, neurons)

    @property
    def quantities(self) -> tuple[str, ...]:
        """Our names of what is recorded."""
        return tuple(self._names)

    def take(self) -> NDArray[np.float64]:
        """Return and forget this process's samples, shape (n, 2 + n_quantities): step, id, values."""
        events = self._meter.events
        columns: list[Sequence[float]] = [events["times"], np.asarray(events["senders"]) - self._first]
        columns += [events[name] for name in self._names.values()]
        self._meter.n_events = 0
        return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)


def check_recordables(wiring: Wiring, cells: Cells, record: Sequence[str]) -> None:
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
        for quantity in cells.recordables([p.source for p in wiring.inputs(name)])
    )
    for quantity in record:
        if quantity not in known:
            found = quantity or "nothing"
            raise ConfigError(
                f"--record: expected some of {', '.join(known)} (of {cells.kind}), found {found}"
            )
