"""The odor subspace: 11 × 11 mixtures of four odors (Methods, Tables 3 and 4), and paths through it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.odors import MIXTURES
from eiassembly.core.arrays import Ids
from eiassembly.core.random import Streams, Words, below
from eiassembly.odors.mixtures import MixturePart, mixture
from eiassembly.odors.odors import Odor

Place = tuple[int, int]
"""Row and column, from the top left."""

SIDE = 11
"""Places along a side of the square."""
ACTIVE = np.array([
    [100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 0],
    [90, 90, 80, 70, 60, 50, 40, 30, 15, 5, 0],
    [80, 80, 70, 60, 50, 40, 35, 25, 15, 5, 0],
    [70, 70, 60, 50, 50, 35, 30, 20, 15, 5, 0],
    [60, 60, 50, 50, 40, 30, 25, 20, 15, 5, 0],
    [50, 50, 40, 35, 30, 25, 25, 15, 10, 5, 0],
    [40, 40, 35, 30, 25, 25, 15, 10, 10, 5, 0],
    [30, 30, 25, 20, 20, 15, 10, 10, 5, 5, 0],
    [20, 15, 15, 15, 15, 10, 10, 5, 5, 5, 0],
    [10, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
])  # fmt: skip
"""Cells of the odor top left that respond, % (Table 3)."""
FASTEST = np.array([
    [100, 100, 100, 90, 80, 70, 60, 50, 40, 30, 0],
    [100, 100, 100, 90, 80, 70, 60, 50, 35, 25, 0],
    [100, 100, 90, 60, 70, 60, 55, 45, 35, 25, 0],
    [90, 90, 80, 70, 70, 55, 50, 40, 35, 25, 0],
    [80, 80, 70, 70, 60, 50, 45, 40, 35, 25, 0],
    [70, 70, 60, 55, 50, 45, 45, 35, 30, 25, 0],
    [60, 60, 55, 50, 45, 45, 35, 30, 30, 25, 0],
    [50, 50, 45, 40, 40, 35, 30, 30, 25, 25, 0],
    [40, 35, 35, 35, 35, 30, 30, 25, 25, 25, 0],
    [30, 25, 25, 25, 25, 25, 25, 25, 25, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
])  # fmt: skip
"""Cells of the odor top left, shortest latencies first, of which those are drawn, % (Table 4)."""

_LAST = SIDE - 1
_CORNERS = ((0, 0), (0, _LAST), (_LAST, _LAST), (_LAST, 0))
_WIDTH = 8
"""Random words per cell and place: one for every corner's choice, and one for the change of rate."""
_RATE_WORD = 4


def subspace(corners: Sequence[Odor], seed: int) -> dict[Place, Odor]:
    """Mix four odors at all places of the square.

    Parameters
    ----------
    corners : sequence of Odor
        Top left, top right, bottom right, bottom left.
    seed : int
        Of the choice of cells and of the rates, which vary by up to 1 Hz around those of the pure odors.
    """
    square = {(row, column): _mixed(corners, (row, column), seed) for row, column in np.ndindex(SIDE, SIDE)}
    return square | dict(zip(_CORNERS, corners, strict=True))


def _mixed(corners: Sequence[Odor], place: Place, seed: int) -> Odor:
    """Draw the mixture at one place."""
    names = " ".join(str(odor.number) for odor in corners)
    last = max(int(odor_cells.max()) for odor in corners for odor_cells in (odor.activated, odor.inhibited))
    purpose = f"place {place[0]} {place[1]} between odors {names}"
    words = Streams(seed, purpose).words(np.arange(last + 1), _WIDTH)
    is_free = np.ones(last + 1, bool)
    activated = [
        _drawn(o.activated, o.latency, q, place, words[:, q], is_free) for q, o in enumerate(corners)
    ]
    inhibited = [
        _drawn(o.inhibited, o.inhibited_latency, q, place, words[:, q], is_free)
        for q, o in enumerate(corners)
    ]
    parts = [MixturePart(*part) for part in zip(corners, activated, inhibited, strict=True)]
    odor = mixture(MIXTURES + SIDE * place[0] + place[1], parts)
    return replace(
        odor,
        rate=odor.rate + _change(words, odor.activated),
        inhibited_rate=np.maximum(odor.inhibited_rate + _change(words, odor.inhibited), 0),
    )


def _drawn(
    cells: Ids,
    latency: NDArray[np.float64],
    corner: int,
    place: Place,
    words: Words,
    is_free: NDArray[np.bool_],
) -> Ids:
    """Draw rows of an odor's cells for a place and mark them as taken: no cell counts for two odors.

    Where too many of the fastest cells are taken, the next ones take their place: the numbers stay.
    """
    percent, fastest = (int(np.rot90(table, -corner)[place]) for table in (ACTIVE, FASTEST))
    by_latency = np.argsort(latency, kind="stable")
    is_fast = np.arange(len(cells)) < len(cells) * fastest // 100
    is_left = is_free[cells[by_latency]]
    n_drawn = len(cells) * percent // 100
    pool = by_latency[is_left][: max(n_drawn, np.count_nonzero(is_left & is_fast))]
    rows = pool[np.argsort(words[cells[pool]])][:n_drawn]
    is_free[cells[rows]] = False
    return rows


def _change(words: Words, cells: Ids) -> NDArray[np.int64]:
    """−1, 0 or 1 Hz."""
    return below(words[cells, _RATE_WORD], 3) - 1


def trajectories() -> tuple[tuple[Place, ...], ...]:
    """Eight paths from neighbour to neighbour that visit every place once.

    From each corner along the rows and along the columns, forth and back.
    """
    return tuple(_paths())


def _paths() -> Iterator[tuple[Place, ...]]:
    numbers = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    for turns in range(4):
        turned = np.rot90(numbers, turns)
        for square in (turned, turned.T):
            path = np.concatenate([row[:: 1 if k % 2 == 0 else -1] for k, row in enumerate(square)])
            yield tuple((int(number) // SIDE, int(number) % SIDE) for number in path)
