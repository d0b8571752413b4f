"""Variability of spike counts: Fano factors over trials or over time, and quenching."""

import numpy as np

from eiassembly.core.arrays import Counts, Floats

MIN_MEAN = 0.3
"""Mean count below which a Fano factor is left undefined."""


def fano_factors(counts: Counts, min_mean: float = MIN_MEAN) -> Floats:
    """Variance over mean of the counts of every cell.

    Parameters
    ----------
    counts : ndarray, shape (n_trials, n_cells)
        Counts in equal windows: of several trials, or of successive windows of one.
    min_mean : float
        Cells with a smaller mean count are left undefined.

    Returns
    -------
    ndarray of float64, shape (n_cells,)
        Var(n) / mean(n) with n − 1 in the variance; NaN with fewer than two trials.
    """
    if len(counts) < 2:
        return np.full(counts.shape[1], np.nan)
    mean, variance = counts.mean(axis=0), counts.var(axis=0, ddof=1)
    defined = (mean > 0) & (mean >= min_mean)
    return np.asarray(np.divide(variance, mean, out=np.full(mean.shape, np.nan), where=defined))


def quenching_index(before: float, during: float) -> float:
    """Part of the Fano factor before an odor that the odor removes: (before − during) / before."""
    return (before - during) / before if before else float("nan")
