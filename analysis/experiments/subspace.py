"""A square of mixtures of two learned and two novel odors: geometry and classification (Fig. 4, Fig. 5).

Conditions of the samples:

- ``all``, ``novel``, ``learned``: patterns related to all pure odors, or to those of a kind
- ``learned``, ``novel``: mean over the corners of this kind
- ``2 components``, …: components that are kept
- ``learned, assemblies``; ``novel, population``; …: kind of the true class or of the concentration, and the
  set from which 80 neurons are drawn, 50 times: members of the (pseudo-)assemblies of all four pure odors,
  or all E
- ``learned to novel, assemblies``, …: patterns of the first kind to distributions of the second, never of a
  class to itself
- ``assemblies``, ``population``: the set alone
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.subsampling import sampled_neurons_of_odors
from eiassembly.analysis.measures.subspace.classification import (
    SubspaceClassification,
    subspace_classification,
)
from eiassembly.analysis.measures.subspace.discriminant import agreement_by_place
from eiassembly.analysis.measures.subspace.distances import ClassDistances
from eiassembly.analysis.measures.subspace.geometry import SubspaceGeometry, subspace_geometry
from eiassembly.analysis.measures.subspace.responses import read_subspace
from eiassembly.analysis.runs.identity import network_config, network_name, odors_config
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Flags, Floats

NAME = "subspace"
Number = tuple[str, str, float]
"""Name of a quantity, condition, value."""

KINDS = ("learned", "novel")
FIRST = 5
"""Components over which variance is summed."""
_SHOWN_ERRORS = (2, 10, 40)

MEASURES = by_name(
    Measure("participation_ratio", "Participation ratio", "1", "Fig. 4F"),
    Measure("participation_ratio_of_few", "Participation ratio, 500 neurons", "1", "Fig. 4F"),
    Measure("explained", "Variance along the first components", "1", "Fig. 4H"),
    Measure("reconstruction_error", "1 − correlation of distances in few components", "1", "Fig. 4"),
    Measure("first_variance", f"Variance along the first {FIRST} components", "Hz²", "Fig. 4G"),
    Measure("angle", "Mean angle between edges near a pure odor", "rad", "Fig. 4H"),
    Measure("cluster_index", "Cluster index in the plane of two components", "1", "Fig. 4E"),
    Measure("n_clusters", "Clusters in the plane of two components", "1", "Fig. 4E"),
    Measure("center_distance", "Distance between class centers", "Hz", "Fig. 5B"),
    Measure("mahalanobis", "d_M from patterns of a class to another class", "SD", "Fig. 5B"),
    Measure("mahalanobis_asymmetry", "d_M learned to novel over novel to learned", "1", "Fig. 5B"),
    Measure("qda_correct", "QDA: patterns in their class", "1", "Fig. 5C"),
    Measure("qda_refused", "QDA impossible in a draw of neurons", "1", "Methods"),
    Measure("qda_refused_share", "Draws of neurons in which QDA is impossible", "1", "Methods"),
    Measure("rank_deficit", "Missing rank of the worst class covariance", "1", "Methods"),
    Measure("template_correct", "Template matching: patterns in their class", "1", "Fig. 5 s2"),
    Measure("path_dependence", "Path dependence of template matching", "1", "Fig. 5 s2"),
    Measure("regression_error", "Regression of concentration: squared error", "1", "Fig. 5E"),
    Measure("svm_accuracy", "Six classes of concentration: accuracy", "1", "Fig. 5F"),
)


def is_subspace(run: Run) -> bool:
    """Whether a run goes through a subspace of unrelated odors, and its network was not extended."""
    odors = odors_config(run)
    is_plain = odors.get("kind") == "subspace" and not odors.get("family")
    return is_plain and not network_config(run).get("added", 0)


@dataclass(frozen=True, eq=False)
class SubspaceResult:
    """What was measured of a run through a subspace.

    Parameters
    ----------
    network, structure : str
        Of the run.
    look : Look
        How it is named and drawn.
    places : ndarray of float64, shape (n_patterns, 2)
        Mixture coordinates.
    is_learned : ndarray of bool, shape (n_pure,)
        Whether a pure odor was learned.
    concentration_variances : ndarray of float64, shape (n_pure,)
        Variance of the concentration of every pure odor: the squared error of predicting its mean.
    geometry : SubspaceGeometry
        Of all E cells.
    classified : mapping of str to SubspaceClassification
        By the neurons to sample from: ``assemblies``, ``population``.
    agreement : tuple of ndarray
        Places of the test patterns, shape (n_places, 2), and the share of visits that template matching
        assigns to the most frequent class of the place, shape (n_places,).
    """

    network: str
    structure: str
    look: Look
    places: Floats
    is_learned: Flags
    concentration_variances: Floats
    geometry: SubspaceGeometry
    classified: Mapping[str, SubspaceClassification]
    agreement: tuple[Floats, Floats]

    def numbers(self) -> Iterator[Number]:
        """Yield everything a run gives: name of the quantity, condition, value."""
        yield from geometry_numbers(self.geometry, self.is_learned)
        for sampled_from, classified in self.classified.items():
            yield from distance_numbers(classified.distances, self.is_learned, sampled_from)
            yield from classification_numbers(classified, self.is_learned, sampled_from)


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[SubspaceResult]:
    """Measure every run by itself."""
    return MeasuredResults(NAME, tuple(measure_subspace(run) for run in runs))


EXPERIMENT = Experiment(
    name=NAME,
    title="Geometry of an odor subspace",
    measures=MEASURES,
    recognises=is_subspace,
    measure=measure,
    instead=True,
)


def measure_subspace(run: Run) -> SubspaceResult:
    """Measure a run through a subspace; see `read_subspace` for its errors."""
    subspace = read_subspace(run)
    all_cells = np.arange(subspace.halves.shape[2])
    samplings = {"assemblies": sampled_neurons_of_odors(run, subspace.odors), "population": all_cells}
    classified = {
        name: subspace_classification(subspace, sampled_from) for name, sampled_from in samplings.items()
    }
    return SubspaceResult(
        network=network_name(run),
        structure=run.structure,
        look=structure_look(run.structure, run.label),
        places=subspace.places,
        is_learned=subspace.is_learned,
        concentration_variances=subspace.concentrations.var(axis=0),
        geometry=subspace_geometry(subspace),
        classified=classified,
        agreement=agreement_by_place(
            classified["assemblies"].templates.assigned, subspace.places[~subspace.is_training]
        ),
    )


def geometry_numbers(geometry: SubspaceGeometry, is_learned: Flags) -> Iterator[Number]:
    """Yield the numbers of Fig. 4."""
    for kind, ratio in geometry.participation.items():
        yield "participation_ratio", kind, ratio
    yield "participation_ratio_of_few", "all", float(geometry.participation_of_few.mean())
    yield "explained", "400 components", geometry.explained
    for number, error in zip(geometry.numbers.tolist(), geometry.errors.tolist(), strict=True):
        if number in _SHOWN_ERRORS:
            yield "reconstruction_error", f"{number} components", error
    for kind, corners in _by_kind(is_learned):
        yield "first_variance", kind, float(geometry.variances[corners, :FIRST].sum(axis=1).mean())
        yield "angle", kind, mean_of_defined(geometry.angles[corners])
    yield "cluster_index", "", geometry.clusters.index
    yield "n_clusters", "", float(geometry.clusters.number)


def distance_numbers(distances: ClassDistances, is_learned: Flags, sampled_from: str) -> Iterator[Number]:
    """Yield mean distances by the kind of the class v and of the distribution Q, without v = Q."""
    means = {}
    for first in KINDS:
        for second in KINDS:
            pairs = _pairs(distances, is_learned, first, second)
            if pairs.any():
                condition = f"{first} to {second}, {sampled_from}"
                means[first, second] = mean_of_defined(distances.mahalanobis[pairs])
                yield "mahalanobis", condition, means[first, second]
                yield "center_distance", condition, float(distances.between_centres[pairs].mean())
    if ("learned", "novel") in means:
        yield "mahalanobis_asymmetry", sampled_from, means["learned", "novel"] / means["novel", "learned"]


def classification_numbers(
    classified: SubspaceClassification, is_learned: Flags, sampled_from: str
) -> Iterator[Number]:
    """Yield the numbers of Fig. 5C–F and of its supplement 2."""
    yield "qda_refused", sampled_from, float(bool(classified.refused))
    yield "qda_refused_share", sampled_from, classified.refused_share
    yield "rank_deficit", sampled_from, classified.deficit
    yield "path_dependence", sampled_from, classified.path_dependence
    for kind, corners in _by_kind(is_learned):
        condition = f"{kind}, {sampled_from}"
        discriminant = classified.discriminant
        found = discriminant.accuracies_of(corners) if discriminant else np.full(1, np.nan)
        yield "qda_correct", condition, float(found.mean())
        yield "template_correct", condition, float(classified.templates.accuracies_of(corners).mean())
        yield "regression_error", condition, float(classified.regression[corners].mean())
        yield "svm_accuracy", condition, float(classified.concentration_accuracy[corners].mean())


def _by_kind(is_learned: Flags) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Rows of the learned and of the novel corners, where there are any."""
    for kind in KINDS:
        corners = np.flatnonzero(is_learned == (kind == "learned"))
        if len(corners):
            yield kind, corners


def _pairs(distances: ClassDistances, is_learned: Flags, first: str, second: str) -> Flags:
    kinds = is_learned[distances.classes]
    rows, columns = kinds == (first == "learned"), kinds == (second == "learned")
    return np.asarray(rows[:, None] & columns[None, :] & ~np.eye(len(kinds), dtype=bool))
