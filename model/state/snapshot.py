"""The whole state of a network between two steps: what a simulation can be continued from, bit for bit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Ids

Train = tuple[Ids, Ids]
"""Spikes: steps (1-based) and ids (0-based), shape (n_spikes,) each."""

COLUMNS = ("V_m", "z", "refractory_steps")
"""What the columns of a state are; conductances follow, one per port."""


def state_width(n_ports: int) -> int:
    """Count the columns of the state of a neuron with this many ports."""
    return len(COLUMNS) + n_ports


@dataclass(frozen=True, eq=False)
class Snapshot:
    """State of all neurons after a step, and the spikes that have not arrived yet.

    Parameters
    ----------
    step : int
        The last step that was simulated, 1-based.
    states : mapping of str to ndarray of float64, shape (n_cells, `state_width`)
        By population: V_m [mV], z [pA], refractory steps and the conductance of every port [nS].
    trains : mapping of str to (steps, ids)
        By population, mitral cells included: at least the spikes of the last ``delay`` steps.
    """

    step: int
    states: Mapping[str, NDArray[np.float64]]
    trains: Mapping[str, Train]


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Contacts that are on their way to neurons of one population, and when they act.

    Parameters
    ----------
    targets, contacts : ndarray of int64, shape (n,)
        Ids in the population, and number of contacts.
    step : int
        They act in the update of this step of NEST, from 0.
    """

    targets: Ids
    contacts: Ids
    step: int


def on_their_way(train: Train, step: int, delay: int) -> Train:
    """Select spikes that have not arrived after a step: those of the last ``delay`` steps.

    Parameters
    ----------
    train : (steps, ids)
        What one population has sent.
    step : int
        The last step that was simulated, 1-based.
    delay : int
        Steps from a spike to the update in which it acts.
    """
    steps, ids = train
    chosen = (steps > step - delay) & (steps <= step)
    return steps[chosen], ids[chosen]


def arrivals(projection: Projection, train: Train, step: int, delay: int) -> Iterator[Arrivals]:
    """Find what spikes that are on their way do to the targets of a projection.

    Parameters
    ----------
    projection : Projection
        At least the connections onto own targets.
    train : (steps, ids)
        Of its source population, see `on_their_way`.
    step : int
        The last step before NEST's first one.
    delay : int
        As there.
    """
    steps, ids = train
    for fired in np.unique(steps):
        spikes = np.bincount(ids[steps == fired], minlength=projection.n_sources)
        contacts = np.zeros(projection.n_targets, np.int64)
        for rows, part in projection.blocks():
            arriving = spikes[part.sources] * part.multiplicity
            row_of = np.repeat(np.arange(part.n_targets), np.diff(part.offsets))
            contacts[rows] = np.bincount(row_of, arriving, part.n_targets).astype(np.int64)
        reached = np.flatnonzero(contacts)
        yield Arrivals(projection.target_ids()[reached], contacts[reached], int(fired) + delay - 1 - step)
