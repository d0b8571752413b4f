"""How many contacts neurons receive and make: distributions, not only means."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Ids


@dataclass(frozen=True, eq=False)
class Distribution:
    """Whole numbers and how often each occurs.

    Parameters
    ----------
    values : ndarray of int64, shape (n_values,)
        Increasing.
    counts : ndarray of int64, shape (n_values,)
        At least 1.
    """

    values: Ids
    counts: Ids

    @classmethod
    def of(cls, numbers: NDArray[np.integer[Any]]) -> "Distribution":
        """Count at least one whole number."""
        return cls(*(array.astype(np.int64) for array in np.unique(numbers, return_counts=True)))

    @property
    def least(self) -> int:
        """Smallest."""
        return int(self.values[0])

    @property
    def most(self) -> int:
        """Largest."""
        return int(self.values[-1])

    @property
    def mean(self) -> float:
        """Mean."""
        return float(np.average(self.values, weights=self.counts))

    @property
    def sd(self) -> float:
        """Standard deviation, of all and not of a sample."""
        return float(np.sqrt(np.average((self.values - self.mean) ** 2, weights=self.counts)))

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        summary = {"min": self.least, "mean": self.mean, "max": self.most, "sd": self.sd}
        return summary | {"values": self.values.tolist(), "counts": self.counts.tolist()}


@dataclass(frozen=True, eq=False)
class Degrees:
    """A projection in numbers: contacts received per target, and made per source."""

    source: str
    target: str
    strength: float
    n_connections: int
    n_contacts: int
    largest_multiplicity: int
    inputs: Distribution
    outputs: Distribution

    @classmethod
    def of(cls, projection: Projection) -> "Degrees":
        """Count a whole projection."""
        return cls(
            projection.source,
            projection.target,
            projection.strength,
            len(projection.sources),
            projection.n_contacts,
            int(projection.multiplicity.max(initial=0)),
            Distribution.of(projection.in_degree()),
            Distribution.of(projection.out_degree()),
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values; the strength in nS."""
        return {
            "source": self.source,
            "target": self.target,
            "strength_nS": self.strength,
            "connections": self.n_connections,
            "contacts": self.n_contacts,
            "largest_multiplicity": self.largest_multiplicity,
            "inputs_per_neuron": self.inputs.as_json(),
            "outputs_per_neuron": self.outputs.as_json(),
        }
