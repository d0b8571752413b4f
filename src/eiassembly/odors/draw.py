"""Odors drawn as in Methods, "Olfactory bulb input": which mitral cells respond, how strongly and when.

*Measured* in the published odor sets where text and sets differ: inhibited cells fire at 0 … 4 Hz, latencies
are 1 … 200 ms in steps of 1 ms, and learned odors draw their cells from the same 1125 of 1500, novel ones
from 750 of these (`odors.novel_pool`; by default from all 1125).
"""

import math
from dataclasses import dataclass

import numpy as np

from eiassembly.config.config import Config
from eiassembly.config.odors import CountedOdors, MorphOdors
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.random import Streams, Words, below
from eiassembly.odors.odors import Odor

N_MITRAL = 1500
"""Mitral cells at scale 1."""
DECAYS = {"measured": (1100.0, 1600.0, 2200.0), "text": (1000.0, 2000.0, 4000.0)}
"""Time constants of the three classes of activated cells, ms."""

_POOL, _ACTIVATED, _INHIBITED = 1125, 150, 75
_RATES = (8, 32)
_LATENCIES = (1, 200)
_INHIBITED_RATES = (0, 4)
_CORNERS = 4
_ROUNDING = 1e-9


def learned_odors(config: Config) -> tuple[Odor, ...]:
    """Draw the odors that the assemblies are built from: number k belongs to assembly k."""
    return tuple(odor_of(config, number) for number in range(config.network.assemblies))


def added_odors(config: Config) -> tuple[Odor, ...]:
    """Draw the odors that are stored after the learned ones: the first novel ones (Fig. 6)."""
    first, added = config.network.assemblies, config.network.added
    return tuple(odor_of(config, number) for number in range(first, first + added))


def novel_odors(config: Config) -> tuple[Odor, ...]:
    """Draw the presented odors that are not among the learned ones, whose numbers theirs follow."""
    first = config.network.assemblies
    return tuple(odor_of(config, number) for number in sorted(presented_odors(config)) if number >= first)


def presented_odors(config: Config) -> tuple[int, ...]:
    """Numbers of the pure odors of a protocol, in the order in which it names them.

    Of a sequence and of trials, the novel odors come first: in Scaled I networks the activity that a learned
    odor evokes may persist after its offset and would be taken for the response to the novel odor that
    follows. The corners of a subspace are given clockwise from the top left.
    """
    novel, odors = config.network.assemblies, config.odors
    if isinstance(odors, CountedOdors):
        return (*range(novel, novel + odors.novel), *range(odors.learned))
    if isinstance(odors, MorphOdors):
        return (novel if odors.first is None else odors.first, odors.last)
    if odors.corners is not None:
        return tuple(odors.corners)
    if odors.family is not None:
        return tuple(range(novel, novel + _CORNERS))
    others = max(novel, 2)  # without memories, all four are novel
    return (0, 1, others + 1, others)


def odor_of(config: Config, number: int) -> Odor:
    """Draw one odor: learned, or novel from the number ``network.assemblies`` on, presented or not.

    Novel ones do not depend on how many are learned. They may share the part ``odors.share`` of their
    activated and of their inhibited cells: with the learned odor ``odors.overlap_with``, and no others of
    its cells, or within an ``odors.family``.
    """
    index = number - config.network.assemblies
    purpose = f"learned odor {number}" if index < 0 else f"novel odor {index}"
    words = Streams(config.odors.seed, purpose).words(np.arange(_POOL * config.network.scale), 4)
    return _responding(config, number, _cells(config, index, np.argsort(words[:, 0])), words)


@dataclass(frozen=True, eq=False)
class _RespondingCells:
    """Mitral cells that an odor activates and inhibits."""

    activated: Ids
    inhibited: Ids


def _cells(config: Config, index: int, order: Ids) -> _RespondingCells:
    """Choose the cells of the novel odor ``index`` (below 0: learned) by a random order of all there are."""
    odors, sizes = config.odors, (_ACTIVATED * config.network.scale, _INHIBITED * config.network.scale)
    if index >= 0 and odors.overlap_with is not None:
        return _sharing(order, sizes, odor_of(config, odors.overlap_with), odors.share)
    if index >= 0 and odors.family is not None:
        return _relative(config, index, sizes)
    pool = _POOL if index < 0 else odors.novel_pool
    return _first(order[order < pool * config.network.scale], sizes)


def _first(order: Ids, sizes: tuple[int, int]) -> _RespondingCells:
    """Take the first cells of a random order."""
    return _RespondingCells(order[: sizes[0]], order[sizes[0] : sum(sizes)])


def _sharing(order: Ids, sizes: tuple[int, int], other: Odor, share: float) -> _RespondingCells:
    """Take a part of the cells of another odor, the others from those that it does not change."""
    activated = order[np.isin(order, other.activated)][: round(share * sizes[0])]
    inhibited = order[np.isin(order, other.inhibited)][: round(share * sizes[1])]
    rest = order[~np.isin(order, np.concatenate([other.activated, other.inhibited]))]
    own = _first(rest, (sizes[0] - len(activated), sizes[1] - len(inhibited)))
    return _RespondingCells(
        np.concatenate([activated, own.activated]), np.concatenate([inhibited, own.inhibited])
    )


def _relative(config: Config, index: int, sizes: tuple[int, int]) -> _RespondingCells:
    """Cells of a member of a family: windows that move on along circles of cells.

    Successive windows overlap by the part that is shared. The circles of a square have room for four moves,
    those of a chain for all cells there are, two thirds of them activated.
    """
    odors, pool = config.odors, _POOL * config.network.scale
    is_square = odors.family == "square"
    group, place = divmod(index, _CORNERS) if is_square else (0, index)
    purpose = f"{odors.family} {group} of novel odors"
    order = np.argsort(Streams(odors.seed, purpose).words(np.arange(pool), 1)[:, 0])
    moves = [size - math.floor(odors.share * size + _ROUNDING) for size in sizes]
    lengths = [_CORNERS * move for move in moves] if is_square else [pool * 2 // 3, pool // 3]
    circles = order[: lengths[0]], order[lengths[0] : sum(lengths)]
    windows = (
        circle[(place * move + np.arange(size)) % len(circle)]
        for circle, move, size in zip(circles, moves, sizes, strict=True)
    )
    return _RespondingCells(*windows)


def _responding(config: Config, number: int, cells: _RespondingCells, words: Words) -> Odor:
    """Draw the responses of the cells from words per cell of which the first is taken."""
    decays = np.array(DECAYS[config.odors.decay])
    return Odor(
        number=number,
        activated=cells.activated,
        rate=_between(words[cells.activated, 1], _RATES),
        decay=decays[np.arange(len(cells.activated)) % len(decays)],
        latency=_between(words[cells.activated, 2], _LATENCIES),
        inhibited=cells.inhibited,
        inhibited_rate=_between(words[cells.inhibited, 1], _INHIBITED_RATES),
        inhibited_latency=_between(words[cells.inhibited, 2], _LATENCIES),
    )


def _between(words: Words, limits: tuple[int, int]) -> Floats:
    """Whole numbers, both limits included."""
    low, high = limits
    return (low + below(words, high - low + 1)).astype(np.float64)
