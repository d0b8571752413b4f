"""Whether patterns form clusters in the plane of the first two components, or a continuum (Fig. 4D, E)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.core.arrays import Floats

NUMBERS = (2, 3, 4, 5, 6)
"""Numbers of clusters that are tried; the four pure odors and background leave room for one more."""


@dataclass(frozen=True)
class Clusters:
    """How well points separate into clusters.

    Parameters
    ----------
    index : float
        Largest mean silhouette over the numbers of clusters: 1 for points that coincide within clusters,
        about 0.4 for points spread evenly over a square. NaN for fewer than three distinct points.
    number : int
        Clusters with which it is reached; 0 if undefined.
    """

    index: float
    number: int


def clusters(points: Floats, numbers: Sequence[int] = NUMBERS, seed: int = 0) -> Clusters:
    """Cluster index: the best mean silhouette (Rousseeuw 1987) of k-means clusterings.

    Parameters
    ----------
    points : ndarray of float64, shape (n_points, n_dimensions)
        Scores along the first (two) components.
    numbers : sequence of int
        Numbers of clusters to try.
    seed : int
        Of the starts of k-means.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    n_distinct = len(np.unique(points, axis=0))
    # As many clusters as points have no silhouette.
    tried = [number for number in numbers if number <= min(n_distinct, len(points) - 1)]
    best = Clusters(float("nan"), 0)
    for number in tried:
        labels = KMeans(number, n_init=10, random_state=seed).fit_predict(points)
        index = float(silhouette_score(points, labels))
        if not best.index >= index:
            best = Clusters(index, number)
    return best
