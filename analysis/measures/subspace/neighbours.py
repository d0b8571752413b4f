"""The responses around a pure odor: variance and angles towards its nearest mixtures (Fig. 4G, H)."""

import numpy as np

from eiassembly.analysis.measures.subspace.components import Components
from eiassembly.core.arrays import Floats, Ids

NEIGHBOURS = 7
"""Mixtures that count as near: those within √5 steps of a corner of the square (Methods)."""


def nearest_places(places: Floats, pure: Floats, number: int = NEIGHBOURS) -> Floats:
    """Find the mixtures that are nearest to a pure odor, from near to far.

    Parameters
    ----------
    places : ndarray of float64, shape (n_patterns, 2)
        Mixture coordinates; a place may occur many times.
    pure : ndarray of float64, shape (2,)
        Coordinates of the pure odor.
    number : int
        Places to find.

    Returns
    -------
    ndarray of float64, shape (number, 2)
        Of places at the same distance, those with smaller coordinates come first.

    Raises
    ------
    ValueError
        There are fewer other places.
    """
    distinct = np.unique(places, axis=0)
    distances = np.linalg.norm(distinct - pure, axis=1)
    # Rounded: places at the same distance differ by how their coordinates are rounded.
    order = np.argsort(distances.round(9), kind="stable")
    others = order[distances[order] > 1e-9]
    if len(others) < number:
        raise ValueError(
            f"nearest mixtures: expected at least {number} besides the pure odor, found {len(others)}"
        )
    return np.asarray(distinct[others[:number]])


def rows_at(places: Floats, wanted: Floats) -> Ids:
    """Rows of the patterns at some places, in the order of the patterns.

    Parameters
    ----------
    places : ndarray of float64, shape (n_patterns, 2)
        Mixture coordinates.
    wanted : ndarray of float64, shape (n_places, 2)
        Coordinates to find.
    """
    apart = np.abs(places[:, None, :] - wanted[None, :, :]).max(axis=2)
    return np.flatnonzero((apart < 1e-9).any(axis=1))


def visits(places: Floats) -> Ids:
    """Count how often the place of every pattern was visited before.

    These are the numbers of the trajectories, if each of them visits every place once.

    Parameters
    ----------
    places : ndarray of float64, shape (n_patterns, 2)
        Mixture coordinates in the order of presentation.

    Returns
    -------
    ndarray of int64, shape (n_patterns,)
    """
    _, place_of = np.unique(places, axis=0, return_inverse=True)
    order = np.argsort(place_of, kind="stable")
    starts = np.searchsorted(place_of[order], place_of[order], side="left")
    numbers = np.empty(len(places), np.int64)
    numbers[order] = np.arange(len(places)) - starts
    return numbers


def variances_along(patterns: Floats, components: Components, number: int = 40) -> Floats:
    """Variance of some patterns along the components of all (Fig. 4G).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        For example those of a pure odor and its nearest mixtures, Hz; at least two.
    components : Components
        Of all patterns.
    number : int
        Components.

    Returns
    -------
    ndarray of float64, shape (number,)
        Hz².
    """
    return np.asarray(components.scores(patterns)[:, :number].var(axis=0, ddof=1))


def edge_angles(center: Floats, neighbours: Floats) -> Floats:
    """Angles between all pairs of edges from a point to its neighbours.

    Parameters
    ----------
    center : ndarray of float64, shape (n_dimensions,)
        Response to the pure odor.
    neighbours : ndarray of float64, shape (n_neighbours, n_dimensions)
        Responses to mixtures.

    Returns
    -------
    ndarray of float64, shape (n_neighbours · (n_neighbours − 1) / 2,)
        Radians; NaN where a neighbour coincides with the centre.
    """
    edges = neighbours - center
    lengths = np.linalg.norm(edges, axis=1, keepdims=True)
    units = np.divide(edges, lengths, out=np.full_like(edges, np.nan), where=lengths > 0)
    cosines = (units @ units.T)[np.triu_indices(len(edges), 1)]
    return np.asarray(np.arccos(np.clip(cosines, -1, 1)))


def angles_near(scores: Floats, places: Floats, pure: Floats, number: int = NEIGHBOURS) -> Floats:
    """Angles between the edges from a pure odor to its nearest mixtures, trajectory by trajectory (Fig. 4H).

    Parameters
    ----------
    scores : ndarray of float64, shape (n_patterns, n_components)
        Patterns along the first principal components, in the order of presentation.
    places : ndarray of float64, shape (n_patterns, 2)
        Mixture coordinates.
    pure : ndarray of float64, shape (2,)
        Coordinates of the pure odor.
    number : int
        Mixtures; 7 give 21 angles per trajectory.

    Returns
    -------
    ndarray of float64, shape (n_trajectories, number · (number − 1) / 2)
        Radians.
    """
    near = nearest_places(places, pure, number)
    trajectory = visits(places)
    rows, center_rows = rows_at(places, near), rows_at(places, pure[None, :])
    angles = []
    for center in center_rows:
        theirs = rows[trajectory[rows] == trajectory[center]]
        if len(theirs) == number:
            angles.append(edge_angles(scores[center], scores[theirs]))
    return np.array(angles).reshape(len(angles), number * (number - 1) // 2)
