"""Mixtures of odors: the steps of a morph, and odors put together from cells of several."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.odors import MIXTURES
from eiassembly.core.arrays import Flags, Ids
from eiassembly.core.random import Streams
from eiassembly.odors.odors import Odor


@dataclass(frozen=True, eq=False)
class MixturePart:
    """Which cells of an odor are in a mixture: rows of its arrays."""

    odor: Odor
    activated: Ids
    inhibited: Ids


def mixture(number: int, parts: Sequence[MixturePart]) -> Odor:
    """Put cells of several odors together, each with its response.

    Parameters
    ----------
    number : int
        Of the mixture.
    parts : sequence of MixturePart
        A cell that several parts activate, or several inhibit, responds as in the first of them; one that
        some activate and others inhibit is activated.
    """
    first = _rows(parts, "activated")
    activated = np.concatenate([part.odor.activated[part.activated] for part in parts])
    is_new = _is_first(activated)
    inhibited = np.concatenate([part.odor.inhibited[part.inhibited] for part in parts])
    is_only_inhibited = _is_first(inhibited) & ~np.isin(inhibited, activated)
    second = _rows(parts, "inhibited")
    return Odor(
        number=number,
        activated=activated[is_new],
        rate=first["rate"][is_new],
        decay=first["decay"][is_new],
        latency=first["latency"][is_new],
        inhibited=inhibited[is_only_inhibited],
        inhibited_rate=second["inhibited_rate"][is_only_inhibited],
        inhibited_latency=second["inhibited_latency"][is_only_inhibited],
    )


_RESPONSES = {"activated": ("rate", "decay", "latency"), "inhibited": ("inhibited_rate", "inhibited_latency")}


def _rows(parts: Sequence[MixturePart], cells: str) -> dict[str, NDArray[np.float64]]:
    """Responses of the chosen cells of all parts."""
    return {
        name: np.concatenate([getattr(part.odor, name)[getattr(part, cells)] for part in parts])
        for name in _RESPONSES[cells]
    }


def _is_first(cells: Ids) -> Flags:
    """Which entries are the first of their cell."""
    is_first = np.zeros(len(cells), bool)
    is_first[np.unique(cells, return_index=True)[1]] = True
    return is_first


def morph(first: Odor, last: Odor, steps: int, seed: int) -> tuple[Odor, ...]:
    """Replace the cells of an odor step by step by those of another (Fig. 3).

    Every step replaces the same number of activated and of inhibited cells, in random order; cells that
    respond to both odors stay, but change their response when it is their turn.

    Parameters
    ----------
    first, last : Odor
        Both pure, with as many cells each.
    steps : int
        From one to the other.
    seed : int
        Of the order in which cells are replaced.

    Returns
    -------
    tuple of Odor
        ``steps + 1`` odors: the first, the mixtures, the last.
    """
    purpose = f"morph from {first.number} to {last.number}"
    own = {name: _in_turn(getattr(first, name), getattr(last, name), seed, f"{purpose}, {name}")
           for name in _RESPONSES}  # fmt: skip
    mixtures = []
    for step in range(1, steps):
        done = {name: round(len(rows[0]) * step / steps) for name, rows in own.items()}
        old = MixturePart(first, *(own[name][0][done[name] :] for name in _RESPONSES))
        new = MixturePart(last, *(own[name][1][: done[name]] for name in _RESPONSES))
        mixtures.append(mixture(MIXTURES + step, (old, new)))
    return (first, *mixtures, last)


def _in_turn(old: Ids, new: Ids, seed: int, purpose: str) -> tuple[Ids, Ids]:
    """Rows of cells that are replaced, and of those that replace them, in the same random order.

    Cells of both odors replace themselves, so that their number is the same at every step.
    """
    _, here, there = np.intersect1d(old, new, return_indices=True)
    pairs = np.stack([
        np.concatenate([here, np.setdiff1d(np.arange(len(old)), here)]),
        np.concatenate([there, np.setdiff1d(np.arange(len(new)), there)]),
    ])  # fmt: skip
    order = np.argsort(Streams(seed, purpose).words(np.arange(len(old)), 1)[:, 0])
    return pairs[0, order], pairs[1, order]
