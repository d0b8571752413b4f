"""Principal components of activity patterns, and their effective number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.subsampling import subsampled_neurons
from eiassembly.core.arrays import Floats

COMPONENTS = 400
"""Principal components in which angles are measured (Fig. 4H)."""
_RANK = 1e-12
"""Squared lengths below this fraction of the largest are rounding errors."""


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of some patterns.

    Parameters
    ----------
    mean : ndarray of float64, shape (n_cells,)
        Mean pattern, Hz.
    axes : ndarray of float64, shape (n_components, n_cells)
        Orthonormal, in the order of decreasing variance.
    variances : ndarray of float64, shape (n_components,)
        Along the axes, Hz².
    total : float
        Variance along all axes, Hz², also those that are left out.
    """

    mean: Floats
    axes: Floats
    variances: Floats
    total: float

    def scores(self, patterns: Floats) -> Floats:
        """Coordinates of patterns along the axes, Hz, shape (n_patterns, n_components)."""
        return np.asarray((patterns - self.mean) @ self.axes.T)

    def explained(self, number: int) -> float:
        """Fraction of the total variance along the first axes."""
        return float(self.variances[:number].sum() / self.total) if self.total else float("nan")


def principal_components(patterns: Floats, number: int = COMPONENTS) -> Components:
    """Find the first principal components.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Rates, Hz; at least two patterns.
    number : int
        Components; there are fewer if the patterns do not have so many dimensions.
    """
    # Imported here: SciPy's linear algebra is slow to import, and most of the analysis does without it.
    from scipy.linalg import eigh

    # From the smaller matrix of scalar products: the decomposition of all patterns × all cells that
    # scikit-learn would do takes five times as long.
    mean = patterns.mean(axis=0)
    centred = patterns - mean
    is_wide = len(patterns) <= patterns.shape[1]
    products = centred @ centred.T if is_wide else centred.T @ centred
    last = len(products) - 1
    squares, vectors = eigh(products, subset_by_index=(max(0, last + 1 - number), last))
    squares, vectors = squares[::-1], vectors[:, ::-1]
    kept = squares > squares[0] * _RANK
    squares, vectors = squares[kept], vectors[:, kept]
    axes = (vectors.T @ centred) / np.sqrt(squares)[:, None] if is_wide else vectors.T
    degrees = len(patterns) - 1
    return Components(mean, _oriented(axes), squares / degrees, float(np.trace(products)) / degrees)


def _oriented(axes: Floats) -> Floats:
    """Turn every axis so that its largest entry is positive: the sign is arbitrary, results should not be."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return np.asarray(axes * np.where(largest < 0, -1.0, 1.0))


def participation_ratio(variances: Floats) -> float:
    """Effective number of dimensions (Σλ)² / Σλ² of variances along all components; NaN without variance.

    Parameters
    ----------
    variances : ndarray of float64, shape (n_components,)
        Any common unit.
    """
    squares = float(np.square(variances).sum())
    return float(variances.sum()) ** 2 / squares if squares else float("nan")


def pattern_participation_ratio(patterns: Floats) -> float:
    """Participation ratio of patterns (Fig. 4F), from products of patterns: no components are needed.

    Σλ is the trace, Σλ² the sum of squares of the matrix of scalar products of the centred patterns.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    """
    centred = patterns - patterns.mean(axis=0)
    products = centred @ centred.T if len(patterns) <= patterns.shape[1] else centred.T @ centred
    squares = float(np.square(products).sum())
    return float(np.trace(products)) ** 2 / squares if squares else float("nan")


def subsampled_participation_ratios(patterns: Floats, size: int, n_subsamples: int, seed: int = 0) -> Floats:
    """Participation ratio of the patterns of a few neurons.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    size, n_subsamples, seed : int
        See `subsampled_neurons`.

    Returns
    -------
    ndarray of float64, shape (n_subsamples,)
    """
    chosen = subsampled_neurons(np.arange(patterns.shape[1]), size, n_subsamples, seed)
    return np.array([pattern_participation_ratio(patterns[:, cells]) for cells in chosen])


def reconstruction_errors(patterns: Floats, components: Components, numbers: Sequence[int]) -> Floats:
    """Loss of distances in few dimensions: 1 − correlation of pairwise distances with the true ones.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    components : Components
        With at least the largest of the numbers.
    numbers : sequence of int
        Numbers of first components to keep.

    Returns
    -------
    ndarray of float64, shape (n_numbers,)
        NaN where all distances are equal.
    """
    scores = components.scores(patterns)
    full = _distances(patterns)
    return np.array([1 - _correlation(full, _distances(scores[:, :number])) for number in numbers])


def _distances(points: Floats) -> Floats:
    from sklearn.metrics.pairwise import euclidean_distances

    distances: Floats = euclidean_distances(points)
    return distances[np.triu_indices(len(points), 1)]


def _correlation(first: Floats, second: Floats) -> float:
    if first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
