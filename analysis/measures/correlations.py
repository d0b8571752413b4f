"""Pearson correlations between many patterns, and between the rows of two matrices."""

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.arrays import Floats


def standardised(values: Floats) -> Floats:
    """Rows with mean 0 and norm 1; NaN for constant rows. Shape (n_rows, n_columns), kept."""
    centred = values - values.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    scale = np.linalg.norm(values, axis=1, keepdims=True)
    constant = norm <= 1e-12 * scale
    return np.asarray(np.divide(centred, norm, out=np.full_like(centred, np.nan), where=~constant))


def pattern_correlations(patterns: Floats) -> Floats:
    """Pearson correlation of every pair of patterns (Fig. 1H).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Rates over the cells, one row per presentation.

    Returns
    -------
    ndarray of float64, shape (n_patterns, n_patterns)
        NaN in rows and columns of patterns without variance.
    """
    unit = standardised(patterns)
    return np.asarray(np.clip(unit @ unit.T, -1, 1))


def mean_between_odors(correlations: Floats, odors: NDArray[np.int64]) -> float:
    """Mean correlation over all pairs of patterns of different odors; NaN if there is none.

    Parameters
    ----------
    correlations : ndarray of float64, shape (n_patterns, n_patterns)
        From `pattern_correlations`.
    odors : ndarray of int64, shape (n_patterns,)
        Odor of every pattern.
    """
    first, second = np.triu_indices(len(odors), 1)
    pairs = correlations[first, second][odors[first] != odors[second]]
    return mean_of_defined(pairs)


def row_correlations(first: Floats, second: Floats) -> Floats:
    """Pearson correlation of every row with the same row of another matrix; NaN where one is constant."""
    return np.asarray(np.sum(standardised(first) * standardised(second), axis=1))


def mean_of_defined(values: Floats) -> float:
    """Mean over everything that is not NaN; NaN if nothing is left."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")
