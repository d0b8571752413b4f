"""Unstructured wiring: every neuron receives the same number of inputs (Methods, "Connectivity")."""

import math

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.arrays import Ids
from eiassembly.core.random import Streams

_ROWS = 512
"""Targets drawn at a time, so that their numbers stay in the processor's cache."""


def n_inputs(probability: float, n_sources: int) -> int:
    """Return the inputs per neuron: the authors' comparison by >= lets one more than p·N pass."""
    return min(math.floor(probability * n_sources + 1e-9) + 1, n_sources)


def draw_inputs(streams: Streams, targets: Ids, n_sources: int, count: int) -> NDArray[np.int32]:
    """Draw ``count`` different sources for every target, all subsets being equally probable.

    Parameters
    ----------
    streams : Streams
        Of this projection; a target's inputs depend on its own stream only.
    targets : ndarray of int64, shape (n_targets,)
        Ids of the targets.
    n_sources : int
        Size of the source population.
    count : int
        Inputs per target, at most ``n_sources``.

    Returns
    -------
    ndarray of int32, shape (n_targets, count)
        Increasing within a row.
    """
    chosen = np.empty((len(targets), count), np.int32)
    if count == n_sources:
        chosen[:] = np.arange(n_sources, dtype=np.int32)
        return chosen
    for low in range(0, len(targets), _ROWS):
        rows = slice(low, low + _ROWS)
        chosen[rows] = _first_distinct(streams, targets[rows], n_sources, count)
    return chosen


def _first_distinct(streams: Streams, targets: Ids, n_sources: int, count: int) -> NDArray[np.int32]:
    """Take each stream's first ``count`` distinct numbers: as many as are missing, again and again."""
    numbers = _numbers(streams, targets, n_sources, count, 0)
    chosen = np.sort(numbers[:, :count], axis=1)
    rows, current = np.arange(len(targets)), chosen
    used = np.full(len(targets), count)
    block = 0
    while len(rows):
        row, position = np.divmod(np.flatnonzero(current[:, 1:] == current[:, :-1]), max(count - 1, 1))
        missing = np.bincount(row, minlength=len(rows))
        while (used + missing).max() > numbers.shape[1]:
            block += 1
            numbers = np.hstack([numbers, _numbers(streams, targets, n_sources, count, block)])
        rank = np.arange(len(row)) - np.repeat(np.cumsum(missing) - missing, missing)
        current[row, position + 1] = numbers[rows[row], used[row] + rank]
        current.sort(axis=1)
        chosen[rows] = current
        unsettled = missing > 0
        rows, current, used = rows[unsettled], current[unsettled], (used + missing)[unsettled]
    return chosen


def _numbers(streams: Streams, targets: Ids, n_sources: int, count: int, block: int) -> NDArray[np.int32]:
    """Numbers 0 … n_sources − 1 from each stream, nearly always enough for ``count`` distinct ones."""
    expected = n_sources * math.log((n_sources + 1) / (n_sources - count + 1))
    enough = expected + 6 * math.sqrt(expected * expected / n_sources) + 8
    # Two numbers of 32 bits per word; mapped to 0 … 3999 all are equally probable to within 1e-6.
    words = np.ascontiguousarray(streams.words(targets, math.ceil(enough / 2), block))
    halves = words.astype("<u8", copy=False).view("<u4")
    return ((halves * np.uint64(n_sources)) >> np.uint64(32)).astype(np.int32)
