"""The state of some neurons of a population over time: from our engine, or from a multimeter of NEST."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.model.engine import Engine

Floats = NDArray[np.float64]


class Meter(Protocol):
    """Records quantities of the first cells of a population."""

    n_cells: int
    """How many cells of the population, from the first one."""
    quantities: tuple[str, ...]
    """Our names of what is recorded."""
    slices_behind: int
    """Time slices by which samples come late."""

    def take(self) -> Floats:
        """Return and forget this process's samples, shape (n, 2 + n_quantities): step, id, values."""


class EngineMeter:
    """Neurons of ours, recorded by the engine that updates them.

    Parameters
    ----------
    engine : Engine
        Of the neurons.
    neurons : ndarray of int64, shape (n_cells,)
        Node ids; successive.
    columns : mapping of str to int
        Places of the quantities in a state, by our names.
    n_ports : int
        Ports of the neurons.
    interval, shift : int
        Steps, see `Engine.record_state`.
    """

    slices_behind = 0

    def __init__(
        self,
        engine: Engine,
        neurons: NDArray[np.int64],
        columns: Mapping[str, int],
        n_ports: int,
        interval: int,
        shift: int,
    ):
        self._engine = engine
        self._first = int(neurons[0])
        self._places = [0, 1, *(2 + column for column in columns.values())]
        self._n_ports = n_ports
        self._recorder = engine.record_state(neurons, interval, shift)
        self.n_cells = len(neurons)
        self.quantities = tuple(columns)

    def take(self) -> Floats:
        """Return and forget this process's samples, shape (n, 2 + n_quantities): step, id, values."""
        samples = self._engine.samples(self._recorder, self._n_ports)[:, self._places]
        samples[:, 1] -= self._first
        return samples


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
