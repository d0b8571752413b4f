"""A network that is advanced from snapshot to snapshot: twins, Benettin's method, anything that steers it.

Example: a twin that is displaced by 1 µV, and brought back to that distance every 10 ms::

    runner = Runner(wiring, module)
    one = runner.at_rest()
    other = displaced(one, {"E": {"V_m": 0.001 * direction}})
    for _ in range(100):
        one, other = (runner.advance(twin, odors.steps, odors.ids, 100).end for twin in (one, other))
        ...                                     # measure the distance, and scale other's states towards one's
        other = Snapshot(one.step, scaled, one.trains)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import DT
from eiassembly.config.simulation import Dynamics
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError
from eiassembly.model.simulation.exact import ExactCells
from eiassembly.model.simulation.network import Network, reset_kernel
from eiassembly.model.state.snapshot import COLUMNS, Snapshot, Train


@dataclass(frozen=True, eq=False)
class Advanced:
    """What happened between two snapshots.

    Parameters
    ----------
    end : Snapshot
        The network afterwards.
    spikes : mapping of str to (steps, ids)
        Of the E and I neurons in between, by population, sorted by step, then id.
    """

    end: Snapshot
    spikes: Mapping[str, Train]


class Runner:
    """A network in NEST, in this process alone; there can be one at a time.

    Parameters
    ----------
    wiring : Wiring
        All of it.
    module : Path
        The compiled extension (`extension.compiled_module`).
    delay, dt : float
        Transmission delay and time step, ms.
    threads : int
        Of this process; do not change the result.

    Raises
    ------
    ConfigError, EnvironmentProblemError
        What NEST refuses; a module that it cannot load.
    """

    def __init__(
        self, wiring: Wiring, module: Path, delay: float = DT, dt: float = DT, threads: int = 1
    ) -> None:
        dynamics = Dynamics(dt=dt, delay=delay)
        reset_kernel(dt, threads)
        self._wiring = wiring
        self._delay = dynamics.delay_steps
        try:
            self._network = Network(wiring, ExactCells(module), dynamics)
        except nest.NESTError as error:
            raise ConfigError(f"network: NEST refuses it: {' '.join(str(error).split())}") from error
        (self._source,) = (p.name for p in wiring.populations if p.neuron is None)
        self._rest = self._snapshot(0, {p.name: _NONE for p in wiring.populations})

    def at_rest(self) -> Snapshot:
        """Return the state before the first step: V_m is E_rest, everything else 0."""
        return self._rest

    def advance(self, start: Snapshot, steps: Ids, ids: Ids, n_steps: int) -> Advanced:
        """Simulate so many steps from a snapshot on; it depends on nothing that was simulated before.

        Parameters
        ----------
        start : Snapshot
            From `at_rest`, `advance`, `checkpoint.read`, or one of these with changed states or trains.
        steps, ids : ndarray of int64, shape (n_spikes,)
            Spikes of the mitral cells, sorted by step (1-based); those outside of these steps are left out.
        n_steps : int
            At least 1.

        Raises
        ------
        ConfigError
            The snapshot is of another network, or ``n_steps`` is not positive.
        """
        self._check(start, n_steps)
        last = start.step + n_steps
        inside = slice(*np.searchsorted(steps, [start.step + 1, last + 1]))
        given = np.asarray(steps[inside], np.int64), np.asarray(ids[inside], np.int64)
        self._network.rewind(start, self._wiring, self._delay)
        self._network.feed(self._source, *given)
        self._network.simulate(n_steps)
        spikes = {name: _in_order(train) for name, train in self._network.take_spikes().items()}
        trains = {
            name: _latest((start.trains.get(name, _NONE), new), last - self._delay)
            for name, new in {**spikes, self._source: given}.items()
        }
        return Advanced(self._snapshot(last, trains), spikes)

    def _snapshot(self, step: int, trains: Mapping[str, Train]) -> Snapshot:
        states = {name: rows for name, (_, rows) in self._network.snapshot(0, 1).items()}
        return Snapshot(step, states, trains)

    def _check(self, start: Snapshot, n_steps: int) -> None:
        found = {name: rows.shape for name, rows in start.states.items()}
        if found != self._network.snapshot_shapes:
            raise ConfigError(f"snapshot: expected states {self._network.snapshot_shapes}, found {found}")
        if n_steps < 1:
            raise ConfigError(f"n_steps: expected at least 1, found {n_steps}")


_NONE = np.empty(0, np.int64), np.empty(0, np.int64)


def displaced(start: Snapshot, by: Mapping[str, Mapping[str, NDArray[np.float64]]]) -> Snapshot:
    """Return a snapshot with other states; conductances stay >= 0.

    Parameters
    ----------
    start : Snapshot
        Stays as it is.
    by : mapping
        Population → ``V_m`` [mV], ``z`` [pA], shape (n_cells,), or ``g`` [nS], shape (n_cells, n_ports) →
        what is added.
    """
    states = {name: rows.copy() for name, rows in start.states.items()}
    for name, quantities in by.items():
        for quantity, values in quantities.items():
            columns = slice(len(COLUMNS), None) if quantity == "g" else COLUMNS.index(quantity)
            states[name][:, columns] += values
        states[name][:, len(COLUMNS) :] = np.maximum(states[name][:, len(COLUMNS) :], 0.0)
    return Snapshot(start.step, states, start.trains)


def _in_order(train: Train) -> Train:
    order = np.lexsort((train[1], train[0]))
    return train[0][order], train[1][order]


def _latest(parts: tuple[Train, Train], after: int) -> Train:
    """Spikes after a step, of trains that follow each other."""
    steps, ids = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    chosen = steps > after
    return steps[chosen], ids[chosen]
