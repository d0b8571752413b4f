"""Correlation of population patterns over time, within a trial and between trials."""

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.correlations import mean_of_defined, row_correlations, standardised

Floats = NDArray[np.float64]
Counts = NDArray[np.int64] | NDArray[np.float64]


def trial_correlations(first: Counts, second: Counts) -> Floats:
    """Pearson correlation between the patterns of two trials at the same time.

    Parameters
    ----------
    first, second : ndarray, shape (n_bins, n_cells)
        Counts.

    Returns
    -------
    ndarray of float64, shape (n_bins,)
        NaN where one of the patterns has no variance.
    """
    return row_correlations(np.asarray(first, np.float64), np.asarray(second, np.float64))


def chaos_share(frozen: Floats, resampled: Floats) -> Floats:
    """Share of the variability between trials that the network makes itself: (1 − c_f) / (1 − c_r).

    Parameters
    ----------
    frozen : ndarray of float64
        Correlations between trials with the same input spikes and one changed spike.
    resampled : ndarray of float64, same shape
        Correlations between trials with new input spikes of the same rates.

    Returns
    -------
    ndarray of float64, same shape
        0: the input makes all variability; 1: the network would vary as much with a frozen one. NaN where
        trials with new spikes do not vary.
    """
    varies = 1 - np.asarray(resampled, np.float64)
    share = np.divide(1 - frozen, varies, out=np.full(varies.shape, np.nan), where=varies > 0)
    return np.asarray(share)


def time_correlations(first: Counts, second: Counts) -> Floats:
    """Pearson correlation of every pattern of a trial with every pattern of another one (Fig. 2E).

    Parameters
    ----------
    first, second : ndarray, shape (n_bins, n_cells)
        Counts; give the same trial twice for the matrix within it.

    Returns
    -------
    ndarray of float64, shape (n_bins, n_bins)
        Rows: bins of the first trial. NaN where a pattern has no variance.
    """
    one, other = (standardised(np.asarray(counts, np.float64)) for counts in (first, second))
    return np.asarray(np.clip(one @ other.T, -1, 1))


class RunningMean:
    """Elementwise mean of arrays that come one at a time; undefined elements are left out.

    Parameters
    ----------
    shape : tuple of int
        Shape of the arrays.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._total = np.zeros(shape)
        self._number = np.zeros(shape, np.int64)

    def add(self, values: Floats) -> None:
        """Take one more array into the mean."""
        defined = ~np.isnan(values)
        self._number += defined
        self._total += np.where(defined, values, 0.0)

    @property
    def mean(self) -> Floats:
        """Mean so far; NaN where no value was defined."""
        empty = np.full(self._total.shape, np.nan)
        return np.asarray(np.divide(self._total, self._number, out=empty, where=self._number > 0))


def mean_between_bins(matrix: Floats) -> float:
    """Mean correlation of patterns in different bins: all of the matrix but its diagonal."""
    return mean_of_defined(matrix[~np.eye(len(matrix), dtype=bool)])


def lagged_correlations(matrix: Floats) -> Floats:
    """Mean correlation of patterns k bins apart, for k = 0, 1, …; shape (n_bins,).

    Parameters
    ----------
    matrix : ndarray of float64, shape (n_bins, n_bins)
        From `time_correlations` within a trial, or the mean over trials.
    """
    return np.array([mean_of_defined(np.diagonal(matrix, lag)) for lag in range(len(matrix))])
