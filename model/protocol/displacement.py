"""What a protocol changes between two steps: states that are displaced, and resting conductances."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from eiassembly.config.interventions import Displace
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.random import Streams, uniform


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
    asked : Displace
        By how much.
    """

    step: int
    population: str
    ids: Ids
    asked: Displace

    def displaced(self, states: Floats) -> Floats:
        """Return states (columns as in `Snapshot`) plus what is drawn for every neuron; conductances >= 0."""
        states = states.copy()
        conductances = {f"g{column}": column for column in range(3, states.shape[1])}
        sizes = {"V_m": self.asked.V_m, "z": self.asked.z, **dict.fromkeys(conductances, self.asked.g)}
        for name, column in {"V_m": 0, "z": 1, **conductances}.items():
            if size := sizes[name]:
                states[:, column] += size * self._factors(name)
        states[:, 3:] = np.maximum(states[:, 3:], 0.0)
        return states

    def _factors(self, quantity: str) -> Floats:
        """Numbers that belong to the neurons, whoever draws them, shape (n_neurons,)."""
        if self.asked.draw == "same":
            return np.ones(len(self.ids))
        purpose = f"displace {quantity} {self.population}"
        drawn = uniform(Streams(self.asked.seed, purpose).word(self.ids))
        inverse = NormalDist().inv_cdf
        return np.array([inverse(x) for x in np.clip(drawn, 2.0**-53, None)])


@dataclass(frozen=True, eq=False)
class RestingConductance:
    """A new g_rest [nS] of neurons, from the step after ``step`` on."""

    step: int
    population: str
    ids: Ids
    g_rest: float


Edit = Displacement | RestingConductance


def edits_from(edits: Sequence[Edit], start: int) -> list[Edit]:
    """Return what is still to be done, or holds, where a simulation goes on after a step.

    Parameters
    ----------
    edits : sequence of Edit
        In the order of the steps.
    start : int
        Displacements before this step are part of the state.
    """
    return [edit for edit in edits if edit.step >= start or isinstance(edit, RestingConductance)]
