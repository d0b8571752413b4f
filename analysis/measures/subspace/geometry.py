"""The geometry of the responses to a whole odor subspace, in one call (Fig. 4)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.subsampling import on_one_thread
from eiassembly.analysis.measures.subspace.clusters import Clusters, clusters
from eiassembly.analysis.measures.subspace.components import (
    Components,
    pattern_participation_ratio,
    principal_components,
    reconstruction_errors,
    subsampled_participation_ratios,
)
from eiassembly.analysis.measures.subspace.neighbours import (
    angles_near,
    nearest_places,
    rows_at,
    variances_along,
)
from eiassembly.core.arrays import Flags, Floats, Ids

NUMBERS = (1, 2, 5, 10, 20, 40, 100, 200, 400)
"""Numbers of components whose loss of distances is measured."""
VARIANCES = 40
"""Components along which variances are shown (Fig. 4G)."""
FEW_NEURONS, FEW_SUBSAMPLES = 500, 10
"""Neurons and subsamples for the participation ratio of subsampled neurons."""


@dataclass(frozen=True, eq=False)
class Subspace:
    """Responses to the mixtures of some pure odors.

    Parameters
    ----------
    halves : ndarray of float64, shape (n_patterns, 2, n_cells)
        Rates of E in the two halves of a second of every presentation, Hz, in the order of presentation.
    places : ndarray of float64, shape (n_patterns, 2)
        Mixture coordinates.
    pure : ndarray of float64, shape (n_pure, 2)
        Coordinates of the pure odors.
    odors : tuple of int
        Numbers of the pure odors.
    is_learned : ndarray of bool, shape (n_pure,)
        Whether a pure odor was learned.
    labels : ndarray of int64, shape (n_patterns,)
        Pure odor whose input is most similar (see `by_input`).
    is_training : ndarray of bool, shape (n_patterns,)
        Whether the input is so similar that the pattern trains classifiers.
    concentrations : ndarray of float64, shape (n_patterns, n_pure)
        Fraction of every pure odor in the mixture, 0 to 1.
    """

    halves: Floats
    places: Floats
    pure: Floats
    odors: tuple[int, ...]
    is_learned: Flags
    labels: Ids
    is_training: Flags
    concentrations: Floats

    @property
    def patterns(self) -> Floats:
        """Rates over the whole second, Hz, shape (n_patterns, n_cells)."""
        return np.asarray(self.halves.mean(axis=1))

    def related(self, to_learned: bool) -> Flags:
        """Mark the patterns whose most similar pure odor is learned, or novel; shape (n_patterns,)."""
        return np.asarray((self.is_learned == to_learned)[self.labels])


@dataclass(frozen=True, eq=False)
class SubspaceGeometry:
    """Geometry of a subspace.

    Parameters
    ----------
    participation : mapping of str to float
        Participation ratio of the patterns related to ``novel``, to ``learned``, and of ``all`` (Fig. 4F).
    participation_of_few : ndarray of float64, shape (n_draws,)
        Participation ratio of all patterns in subsampled neurons.
    explained : float
        Fraction of the variance along the first 400 components.
    variances : ndarray of float64, shape (n_pure, n_components)
        Variance along the first components of the responses to a pure odor and its 7 nearest mixtures, Hz².
    angles : ndarray of float64, shape (n_pure, n_trajectories, 21)
        Between the edges from a pure odor to its 7 nearest mixtures, radians.
    numbers : ndarray of int64, shape (n_numbers,)
        Numbers of components of ``errors``.
    errors : ndarray of float64, shape (n_numbers,)
        1 − correlation of pairwise distances in so many components with the true ones.
    plane : ndarray of float64, shape (n_patterns, 2)
        Scores along the first two components, Hz.
    clusters : Clusters
        In that plane (Fig. 4E).
    """

    participation: Mapping[str, float]
    participation_of_few: Floats
    explained: float
    variances: Floats
    angles: Floats
    numbers: Ids
    errors: Floats
    plane: Floats
    clusters: Clusters


def subspace_geometry(subspace: Subspace, seed: int = 0) -> SubspaceGeometry:
    """Measure the geometry of a subspace.

    Parameters
    ----------
    subspace : Subspace
        Responses; the paper's has 8 trajectories × 121 places.
    seed : int
        Of the subsamples of neurons and of the search for clusters.
    """
    with on_one_thread():
        return _measured(subspace, seed)


def _measured(subspace: Subspace, seed: int) -> SubspaceGeometry:
    patterns = subspace.patterns
    components = principal_components(patterns)
    scores = components.scores(patterns)
    numbers = [number for number in NUMBERS if number <= len(components.axes)]
    few = min(FEW_NEURONS, patterns.shape[1])
    return SubspaceGeometry(
        participation=_participation(subspace, patterns),
        participation_of_few=subsampled_participation_ratios(patterns, few, FEW_SUBSAMPLES, seed),
        explained=components.explained(len(components.axes)),
        variances=_variances(subspace, patterns, components),
        angles=np.array([angles_near(scores, subspace.places, pure) for pure in subspace.pure]),
        numbers=np.array(numbers, np.int64),
        errors=reconstruction_errors(patterns, components, numbers),
        plane=scores[:, :2],
        clusters=clusters(scores[:, :2], seed=seed),
    )


def _participation(subspace: Subspace, patterns: Floats) -> dict[str, float]:
    chosen = {"novel": subspace.related(False), "learned": subspace.related(True)}
    found = {name: pattern_participation_ratio(patterns[rows]) for name, rows in chosen.items() if rows.any()}
    return found | {"all": pattern_participation_ratio(patterns)}


def _variances(subspace: Subspace, patterns: Floats, components: Components) -> Floats:
    near = [
        rows_at(subspace.places, np.vstack([pure, nearest_places(subspace.places, pure)]))
        for pure in subspace.pure
    ]
    return np.array([variances_along(patterns[rows], components, VARIANCES) for rows in near])
