"""States that are displaced between two steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np

from eiassembly.config.interventions.displace import Displace
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.random import Streams, uniform
from eiassembly.model.protocol.abilities import DISPLACE
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import Interventions, Neurons
from eiassembly.model.protocol.selection import chosen_ids
from eiassembly.model.state.snapshot import COLUMNS

NEEDS = (DISPLACE,)


def effects(requested: Sequence[Displace], context: Context) -> Interventions:
    """Return one displacement for each table.

    Raises
    ------
    ConfigError
        Names what does not fit.
    """
    return Interventions(
        edits=tuple(context.each("displace", requested, lambda one: [_displaced(one, context)]))
    )


def _displaced(requested: Displace, context: Context) -> "Displacement":
    ids = chosen_ids(requested, context.wiring, "displace")
    return Displacement(context.step(requested.at), requested.population, ids, requested)


@dataclass(frozen=True, eq=False)
class Displacement:
    """States of neurons that are displaced after a step (1-based; 0: before the first).

    Parameters
    ----------
    step : int
        The step.
    population : str
        Name of the population.
    ids : ndarray of int64, shape (n_neurons,)
        0-based.
    requested : Displace
        By how much.
    """

    step: int
    population: str
    ids: Ids
    requested: Displace
    holds: ClassVar[bool] = False

    def apply(self, neurons: Neurons) -> None:
        """Read the states, and set others."""
        states = neurons.states(self.population, self.ids)
        neurons.set_states(self.population, self.ids, self.displaced(states))

    def displaced(self, states: Floats) -> Floats:
        """Return states (columns as in `Snapshot`) plus what is drawn for every neuron; conductances >= 0."""
        states = states.copy()
        first = len(COLUMNS)
        conductances = {f"g{column}": column for column in range(first, states.shape[1])}
        places = {name: COLUMNS.index(name) for name in ("V_m", "z")} | conductances
        sizes = {
            "V_m": self.requested.V_m,
            "z": self.requested.z,
            **dict.fromkeys(conductances, self.requested.g),
        }
        for name, column in places.items():
            if size := sizes[name]:
                states[:, column] += size * self._factors(name)
        states[:, first:] = np.maximum(states[:, first:], 0.0)
        return states

    def _factors(self, quantity: str) -> Floats:
        """Numbers that belong to the neurons, whoever draws them, shape (n_neurons,)."""
        if self.requested.draw == "same":
            return np.ones(len(self.ids))
        purpose = f"displace {quantity} {self.population}"
        drawn = uniform(Streams(self.requested.seed, purpose).word(self.ids))
        inverse = NormalDist().inv_cdf
        return np.array([inverse(x) for x in np.clip(drawn, 2.0**-53, None)])
