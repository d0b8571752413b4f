"""Rows of a compressed matrix in blocks that fit into memory, or into the processor's cache."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def row_blocks(offsets: NDArray[np.int64], size: int) -> Iterator[slice]:
    """Cut rows into successive ones that have at most ``size`` entries together, or are a single row.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n_rows + 1,)
        Row i has the entries ``offsets[i]:offsets[i + 1]``.
    size : int
        Entries per block.
    """
    low = 0
    while low < len(offsets) - 1:
        high = int(np.searchsorted(offsets, offsets[low] + size, side="right")) - 1
        high = max(high, low + 1)  # a row is never split
        yield slice(low, high)
        low = high
