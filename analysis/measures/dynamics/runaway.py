"""Stabilisation by inhibition: what happens when inhibitory spikes are replayed shuffled."""

from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.runs.spikes import Spikes
from eiassembly.core.arrays import Floats, Ids

RUNAWAY = 10.0
"""E rate in the first 1.5 s of an odor above which activity has run away, Hz."""
SILENT = 0.3
"""E rate below which the odor got no response, Hz."""


@dataclass(frozen=True)
class Outcome:
    """What became of some odors with shuffled inhibition.

    Parameters
    ----------
    runaway, silent : float
        Fractions of the odors with E rates above `RUNAWAY` and below `SILENT`.
    error : float
        Standard error of the first, √(P(1 − P)/n).
    n_odors : int
        Odors.
    """

    runaway: float
    silent: float
    error: float
    n_odors: int


def outcome(rates: Floats) -> Outcome:
    """Probability of runaway activity and of silence.

    Parameters
    ----------
    rates : ndarray of float64, shape (n_odors,)
        Mean rate of E in the first 1.5 s of every odor, inhibition being replayed shuffled, Hz.
    """
    n = len(rates)
    if not n:
        return Outcome(np.nan, np.nan, np.nan, 0)
    runaway = float(np.mean(rates > RUNAWAY))
    return Outcome(runaway, float(np.mean(rates < SILENT)), float(np.sqrt(runaway * (1 - runaway) / n)), n)


def permuted_cells(spikes: Spikes, seed: int) -> Spikes:
    """Give the spikes of every cell to another one: times and the population rate stay as they are."""
    order = np.random.default_rng(seed).permutation(spikes.n_cells)
    return Spikes(spikes.n_cells, spikes.steps, order[spikes.ids])


def jittered(spikes: Spikes, width: int, n_steps: int, seed: int) -> Spikes:
    """Shift every spike by up to ``width`` steps, each with equal probability; reflected at the ends.

    Two spikes of a cell may end up in the same step.

    Parameters
    ----------
    spikes : Spikes
        What to shift.
    width : int
        Largest shift, steps.
    n_steps : int
        Length of the run; longer than ``width``.
    seed : int
        Of the shifts.
    """
    shifts = np.random.default_rng(seed).integers(-width, width + 1, len(spikes.steps))
    moved = spikes.steps + shifts
    moved = np.where(moved < 1, 2 - moved, moved)
    moved = np.where(moved > n_steps, 2 * n_steps - moved, moved)
    return _sorted(spikes.n_cells, moved, spikes.ids)


def shuffled_intervals(spikes: Spikes, seed: int) -> Spikes:
    """Put the intervals between the spikes of every cell in random order; its first and last spike stay."""
    rng = np.random.default_rng(seed)
    order = np.lexsort((spikes.steps, spikes.ids))
    steps, ids = spikes.steps[order], spikes.ids[order]
    starts = np.flatnonzero(np.diff(ids, prepend=-1))
    for low, high in zip(starts, np.append(starts[1:], len(ids)), strict=True):
        intervals = rng.permutation(np.diff(steps[low:high]))
        steps[low + 1 : high] = steps[low] + np.cumsum(intervals)
    return _sorted(spikes.n_cells, steps, ids)


def _sorted(n_cells: int, steps: Ids, ids: Ids) -> Spikes:
    order = np.lexsort((ids, steps))
    return Spikes(n_cells, steps[order], ids[order])
