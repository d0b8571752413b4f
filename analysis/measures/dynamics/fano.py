"""Variability of spike counts: Fano factors over trials or over time, mean-matched ones, and quenching."""

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.core.arrays import Floats, Ids

Counts = NDArray[np.int64] | NDArray[np.float64]

MIN_MEAN = 0.3
"""Mean count below which a Fano factor is left undefined."""
_SOFTENING = 0.01
"""Added to mean counts in the weights of the regression, so that silent cells do not decide it."""


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


def fano_course(counts: Counts, min_mean: float = MIN_MEAN) -> Floats:
    """Mean Fano factor over cells in sliding windows.

    Parameters
    ----------
    counts : ndarray, shape (n_windows, n_trials, n_cells)
        Counts in windows of equal length, which may overlap.
    min_mean : float
        See `fano_factors`.

    Returns
    -------
    ndarray of float64, shape (n_windows,)
        NaN where no cell fires enough.
    """
    return np.array([mean_of_defined(fano_factors(window, min_mean)) for window in counts])


def mean_matched_fano(
    counts: Counts, seed: int, n_draws: int = 50, n_bins: int = 20, edges: Floats | None = None
) -> Floats:
    """Fano factor over time at equal distributions of mean counts (Churchland et al. 2010).

    At every time, cells are left out at random until the histogram of the mean counts is the one that all
    times have in common; the Fano factor is the slope of the line through the origin of variance on
    mean count, with weights 1/(mean + 0.01)², as the error of a variance grows with the mean.

    Parameters
    ----------
    counts : ndarray, shape (n_windows, n_trials, n_cells)
        At least two trials; cells may be pairs of cell and odor.
    seed : int
        Of the choice of cells.
    n_draws : int
        Choices to average over.
    n_bins : int
        Bins of the histogram, of equal width up to the largest mean count.
    edges : ndarray of float64, shape (n_bins + 1,), optional
        Edges of the histogram in place of those.

    Returns
    -------
    ndarray of float64, shape (n_windows,)
        NaN everywhere if the times have no mean count above 0 in common.
    """
    means, variances = counts.mean(axis=1), counts.var(axis=1, ddof=1)
    if edges is None:
        edges = np.linspace(0, max(float(means.max()), 1e-9), n_bins + 1)
    bins = np.clip(np.digitize(means, edges[1:-1]), 0, len(edges) - 2)
    # Cells that are silent at a time say nothing about variability: they match nothing.
    bins[means == 0] = -1
    common = np.min([np.bincount(row[row >= 0], minlength=len(edges) - 1) for row in bins], axis=0)
    if not common.any():
        return np.full(len(counts), np.nan)
    rng = np.random.default_rng(seed)
    draws = [
        [_slope(m[kept], v[kept]) for m, v, kept in _matched(means, variances, bins, common, rng)]
        for _ in range(n_draws)
    ]
    return np.asarray(np.mean(draws, axis=0))


def _matched(
    means: Floats, variances: Floats, bins: Ids, common: Ids, rng: np.random.Generator
) -> list[tuple[Floats, Floats, Ids]]:
    kept = [_chosen(row, common, rng) for row in bins]
    return list(zip(means, variances, kept, strict=True))


def _chosen(bins: Ids, common: Ids, rng: np.random.Generator) -> Ids:
    """Cells drawn so that bin b holds ``common[b]`` of them."""
    parts = [
        rng.choice(np.flatnonzero(bins == b), number, replace=False)
        for b, number in enumerate(common)
        if number
    ]
    return np.concatenate(parts)


def _slope(means: Floats, variances: Floats) -> float:
    weights = 1 / (means + _SOFTENING) ** 2
    return float(np.sum(weights * means * variances) / np.sum(weights * means**2))


def quenching_index(before: float, during: float) -> float:
    """Part of the Fano factor before an odor that the odor removes: (before − during) / before."""
    return (before - during) / before if before else float("nan")
