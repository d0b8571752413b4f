"""How parties that each own a slice of the targets agree: counts are summed, candidates are collected."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Exchange(Protocol):
    """What the algorithms need from a communicator; every party must make the same calls."""

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum arrays of the same shape over all parties."""

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Concatenate tables, shape (any, n_columns), of all parties, in any order."""

    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Arrays, shape (any, …), of all parties, one after the other in the order of the parties.

        Only for the first party, which never has more than one of them in memory; for the others, which must
        exhaust the iterator, there are none.
        """


class Alone:
    """One party that owns all targets."""

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the counts."""
        return counts

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the table."""
        return rows

    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Yield the array."""
        yield rows
