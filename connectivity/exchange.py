"""How parties that each own a slice of the targets agree: counts are summed, candidates are collected."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Exchange(Protocol):
    """What the algorithms need from a communicator; every party must make the same calls."""

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum arrays of the same shape over all parties."""

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Concatenate tables, shape (any, n_columns), of all parties, in any order."""


class Alone:
    """One party that owns all targets."""

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the counts."""
        return counts

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the table."""
        return rows
