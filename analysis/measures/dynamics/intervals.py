"""Irregularity of spike trains, from the intervals between the spikes of each cell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.arrays import Floats, Ids

MIN_INTERVALS = 5
"""Cells with fewer intervals have no measure of irregularity."""


@dataclass(frozen=True, eq=False)
class Irregularity:
    """Measures of irregularity of every cell, all without unit; 1 for Poisson spikes, 0 for regular ones.

    Parameters
    ----------
    n_intervals : ndarray of int64, shape (n_cells,)
        Intervals between spikes.
    cv, cv2, lv : ndarray of float64, shape (n_cells,)
        See `irregularity`; NaN for cells with too few intervals.
    """

    n_intervals: Ids
    cv: Floats
    cv2: Floats
    lv: Floats


def irregularity(
    times: NDArray[np.int64] | Floats,
    ids: Ids,
    n_cells: int,
    at_least: int = MIN_INTERVALS,
) -> Irregularity:
    """Coefficient of variation and local variation of the intervals I_1, I_2, … of every cell.

    CV = SD(I) / mean(I), with n − 1 in the SD; CV2 = mean of 2·|I_{k+1} − I_k| / (I_{k+1} + I_k) (Holt et al.
    1996); LV = mean of 3·(I_k − I_{k+1})² / (I_k + I_{k+1})² (Shinomoto et al. 2003).

    Parameters
    ----------
    times : ndarray, shape (n_spikes,)
        Time of every spike, in any order and unit.
    ids : ndarray of int64, shape (n_spikes,)
        Cell of every spike.
    n_cells : int
        Size of the population.
    at_least : int
        Cells with fewer intervals are left undefined.

    Returns
    -------
    Irregularity
        Of all cells.
    """
    intervals, owners = intervals_of(times, ids)
    n_intervals = np.bincount(owners, minlength=n_cells)
    enough = n_intervals >= max(2, at_least)
    local = _local_variations(intervals)
    follows = owners[1:] == owners[:-1]
    means = [
        np.where(enough, _mean_by(term[follows], owners[1:][follows], n_cells), np.nan) for term in local
    ]
    cv = np.where(enough, _coefficients_of_variation(intervals, owners, n_cells), np.nan)
    return Irregularity(n_intervals, cv, *means)


def intervals_of(times: NDArray[np.int64] | Floats, ids: Ids) -> tuple[Floats, Ids]:
    """Intervals between successive spikes of the same cell, and the cells they belong to, cell by cell."""
    order = np.lexsort((times, ids))
    sorted_times, owners = times[order], ids[order]
    same = owners[1:] == owners[:-1]
    return np.asarray(np.diff(sorted_times)[same], np.float64), owners[1:][same]


def _local_variations(intervals: Floats) -> tuple[Floats, Floats]:
    sums, differences = intervals[1:] + intervals[:-1], np.diff(intervals)
    # Two intervals of length 0 are equal: no variation, rather than 0 / 0.
    relative = np.divide(differences, sums, out=np.zeros_like(sums), where=sums > 0)
    return 2 * np.abs(relative), 3 * relative**2


def _coefficients_of_variation(intervals: Floats, owners: Ids, n_cells: int) -> Floats:
    means = _mean_by(intervals, owners, n_cells)
    number = np.bincount(owners, minlength=n_cells)
    squares = np.bincount(owners, weights=(intervals - means[owners]) ** 2, minlength=n_cells)
    variance = np.divide(squares, number - 1, out=np.full(n_cells, np.nan), where=number > 1)
    return np.asarray(np.divide(np.sqrt(variance), means, out=np.full(n_cells, np.nan), where=means > 0))


def _mean_by(values: Floats, owners: Ids, n_cells: int) -> Floats:
    number = np.bincount(owners, minlength=n_cells)
    total = np.bincount(owners, weights=values, minlength=n_cells)
    return np.asarray(np.divide(total, number, out=np.full(n_cells, np.nan), where=number > 0))
