"""NEST's own neurons behind the interface of the simulation: other solvers, and no protocols."""

from collections.abc import Mapping, Sequence
from typing import Any

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.nest_names import stock_model
from eiassembly.config.parameters import Population
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Floats, Ids
from eiassembly.model.simulation.backend import Backend, Meter


class Multimeter:
    """NEST's device.

    Parameters
    ----------
    neurons : nest.NodeCollection
        Of a population, from the first one.
    names : mapping of str to str
        NEST's names of the quantities, by ours.
    interval : float
        ms.
    """

    slices_behind = 1

    def __init__(self, neurons: Any, names: Mapping[str, str], interval: float):
        self._names = names
        self._first = neurons[0].global_id
        self.n_cells = len(neurons)
        self.quantities = tuple(names)
        parameters = {"record_from": list(names.values()), "interval": interval, "time_in_steps": True}
        self._meter = nest.Create("multimeter", params=parameters)
        nest.Connect(self._meter, neurons)

    def take(self) -> Floats:
        """Return and forget this process's samples, shape (n, 2 + n_quantities): step, id, values."""
        events = self._meter.events
        columns: list[Sequence[float]] = [events["times"], np.asarray(events["senders"]) - self._first]
        columns += [events[name] for name in self._names.values()]
        self._meter.n_events = 0
        return np.stack([np.asarray(column, np.float64) for column in columns], axis=1)


class StockCells:
    """NEST's aeif_cond_exp (without its exponential term), iaf_cond_exp and spike_train_injector.

    They solve the same equations with an adaptive solver instead of forward Euler: rates agree, not spikes.
    """

    @property
    def backend(self) -> Backend:
        """They fire, and nothing else."""
        return BACKEND

    def neurons(self, population: Population, inputs: Sequence[tuple[Population, Projection]]) -> Any:
        """Create aeif_cond_exp where there is adaptation, else iaf_cond_exp."""
        p = population.neuron
        assert p is not None  # noqa: S101  # only populations with parameters have neurons
        model, parameters = stock_model(p)
        return nest.Create(model, population.size, params=parameters)

    def sources(self, size: int) -> Any:
        """Create injectors, which live on one virtual process each like neurons."""
        return nest.Create("spike_train_injector", size)

    def feed(self, sources: Any, steps: Ids, ids: Ids, dt: float) -> None:
        """Every injector takes its own train."""
        order = np.lexsort((steps, ids))
        trains = np.split(steps[order] * dt, np.searchsorted(ids[order], np.arange(1, len(sources))))
        sources.set([{"spike_times": train} for train in trains])

    def record_spikes(self, neurons: Sequence[Any]) -> None:
        """Connect all to one recorder."""
        self._recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
        for population in neurons:
            nest.Connect(population, self._recorder)

    def take_spikes(self) -> tuple[Ids, Ids]:
        """Empty the recorder."""
        events = self._recorder.events
        self._recorder.n_events = 0
        return np.asarray(events["times"], np.int64), np.asarray(events["senders"], np.int64)

    def synapses(self, port: int, source: Population, projection: Projection) -> dict[str, Any]:
        """Weights in nS, negative ones act on the inhibitory conductance."""
        sign = 1.0 if source.sign == "excitatory" else -1.0
        return {
            "synapse_model": "static_synapse",
            "weight": sign * projection.strength * projection.multiplicity,
        }

    def entries(self, projection: Projection) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """One connection per pair, its weight counts the contacts."""
        return projection.sources, projection.targets()

    def meter(
        self, neurons: Any, sources: Sequence[str], quantities: Sequence[str], interval: int, shift: int
    ) -> Meter:
        """Connect a multimeter; it starts with the simulation, whatever the shift."""
        return Multimeter(neurons, {name: name for name in quantities}, interval * nest.resolution)


# The conductances of all sources of one sign are summed, and their solvers have a state of their own.
BACKEND = Backend(
    kind="the stock NEST neurons",
    make=lambda module: StockCells(),
    columns=("V_m",),
    has_ports=False,
    recordable=("V_m",),
)
