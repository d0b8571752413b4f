"""Distances between the classes of an odor subspace, and how well few neurons tell them apart (Fig. 5)."""

from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.subsampling import N_SUBSAMPLES, SUBSAMPLE_SIZE, subsampled_neurons
from eiassembly.analysis.measures.subspace.discriminant import (
    TEMPLATE_SUBSAMPLES,
    Classified,
    path_dependence,
    quadratic_discriminant,
    template_matching,
)
from eiassembly.analysis.measures.subspace.distances import ClassDistances, class_distances
from eiassembly.analysis.measures.subspace.geometry import Subspace
from eiassembly.analysis.measures.subspace.regression import (
    CONCENTRATION_SUBSAMPLES,
    concentration_classes,
    regression_errors,
    svm_accuracies,
)
from eiassembly.core.arrays import Floats, Ids


@dataclass(frozen=True, eq=False)
class SubspaceClassification:
    """What few neurons tell about the mixtures of a subspace.

    Parameters
    ----------
    distances : ClassDistances
        Between the classes of training patterns (Fig. 5B).
    discriminant : Classified or None
        QDA (Fig. 5C) in the subsamples in which the covariances of all classes have inverses; None without
        any.
    refused : str
        Why QDA was refused in the other subsamples, from the first of them; empty if there are none.
    templates : Classified
        Template matching (Fig. 5 s2).
    path_dependence : float
        Hysteresis of template matching (see `path_dependence`).
    regression : ndarray of float64, shape (n_pure, n_subsamples)
        Mean squared error of the concentration of every pure odor (Fig. 5E).
    concentration_accuracy : ndarray of float64, shape (n_pure, n_subsamples)
        Accuracy of the support vector machine on six classes of concentration (Fig. 5F).
    """

    distances: ClassDistances
    discriminant: Classified | None
    refused: str
    templates: Classified
    path_dependence: float
    regression: Floats
    concentration_accuracy: Floats

    @property
    def refused_share(self) -> float:
        """Fraction of the subsamples in which QDA is impossible (C3), 0 to 1."""
        return float((self.distances.deficits > 0).any(axis=1).mean())

    @property
    def deficit(self) -> float:
        """Mean over subsamples of the largest rank deficit among the classes, neurons."""
        return float(self.distances.deficits.max(axis=1).mean())


def subspace_classification(subspace: Subspace, sampled_from: Ids, seed: int = 0) -> SubspaceClassification:
    """Classify the patterns of a subspace from 80 drawn neurons.

    Distances and QDA use half-second patterns, two per presentation; the others those of the whole second.

    Parameters
    ----------
    subspace : Subspace
        Responses.
    sampled_from : ndarray of int64
        Neurons to draw from: members of the (pseudo-)assemblies of the pure odors, or all.
    seed : int
        Of all subsamples.

    Raises
    ------
    EiassemblyError
        Too few neurons or patterns.
    """
    subsamples = subsampled_neurons(sampled_from, SUBSAMPLE_SIZE, N_SUBSAMPLES, seed)
    halves = subspace.halves.reshape(-1, subspace.halves.shape[2])
    labels, is_training = subspace.labels.repeat(2), subspace.is_training.repeat(2)
    distances = class_distances(halves, np.where(is_training, labels, -1), subsamples)
    regular = subsamples[(distances.deficits == 0).all(axis=1)]
    patterns, few, fewest = (
        subspace.patterns,
        subsamples[:CONCENTRATION_SUBSAMPLES],
        subsamples[:TEMPLATE_SUBSAMPLES],
    )
    by_half = template_matching(halves, labels, is_training, fewest).assigned
    parts = subspace.concentrations.T
    return SubspaceClassification(
        distances=distances,
        discriminant=quadratic_discriminant(halves, labels, is_training, regular) if len(regular) else None,
        refused=next(iter(distances.singular.values()), ""),
        templates=template_matching(patterns, subspace.labels, subspace.is_training, fewest),
        path_dependence=path_dependence(
            by_half.reshape(len(fewest), -1, 2), subspace.places[~subspace.is_training]
        ),
        regression=np.array([regression_errors(patterns, part, few, seed) for part in parts]),
        concentration_accuracy=np.array(
            [svm_accuracies(patterns, concentration_classes(part), few, seed) for part in parts]
        ),
    )
