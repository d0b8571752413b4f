"""Distances between classes of patterns: Euclidean and Mahalanobis, in a few drawn neurons (Fig. 5B)."""

from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.subsampling import on_one_thread
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import EiassemblyError


class SingularCovarianceError(EiassemblyError):
    """The covariance of a class has no inverse, so neither d_M nor QDA exist.

    Parameters
    ----------
    message : str
        What is wrong.
    deficit : int
        By how much the rank falls short of the number of neurons, at least 1.
    """

    def __init__(self, message: str, deficit: int = 1) -> None:
        super().__init__(message)
        self.deficit = deficit


def inverse_root(patterns: Floats, name: str) -> tuple[Floats, Floats]:
    """Mean of patterns, and the matrix that makes their covariance the identity.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Of one class, Hz.
    name : str
        Of the class, for the message.

    Returns
    -------
    mean : ndarray of float64, shape (n_cells,)
        Hz.
    whitening : ndarray of float64, shape (n_cells, n_cells)
        W with Wᵀ W the inverse of the covariance, 1/Hz.

    Raises
    ------
    SingularCovarianceError
        Too few patterns, silent neurons, or neurons that depend on each other linearly.
    """
    n_patterns, n_cells = patterns.shape
    mean = patterns.mean(axis=0)
    if n_patterns <= n_cells:
        raise SingularCovarianceError(
            f"class {name}: singular covariance: {n_patterns} patterns cannot span {n_cells} neurons",
            n_cells - max(0, n_patterns - 1),
        )
    _, singular_values, axes = np.linalg.svd(patterns - mean, full_matrices=False)
    rank = int(np.sum(singular_values > singular_values[0] * n_patterns * np.finfo(np.float64).eps))
    if rank < n_cells:
        constant = int(np.sum(patterns.std(axis=0) == 0))
        raise SingularCovarianceError(
            f"class {name}: singular covariance: rank {rank} of {n_cells} neurons, {constant} of them "
            f"without any variance in {n_patterns} patterns",
            n_cells - rank,
        )
    return mean, np.sqrt(n_patterns - 1) * axes / singular_values[:, None]


def mahalanobis(patterns: Floats, reference: Floats, name: str = "reference") -> Floats:
    """Mahalanobis distance d_M = √((x − μ)ᵀ S⁻¹ (x − μ)) of patterns to a distribution (Fig. 5B).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    reference : ndarray of float64, shape (n_reference, n_cells)
        Patterns whose mean μ and covariance S (n − 1 in the denominator) are used, Hz.
    name : str
        Of the class of the reference, for messages.

    Returns
    -------
    ndarray of float64, shape (n_patterns,)
        In standard deviations.

    Raises
    ------
    SingularCovarianceError
        See `inverse_root`.
    """
    mean, whitening = inverse_root(reference, name)
    return np.asarray(np.linalg.norm((patterns - mean) @ whitening.T, axis=1))


@dataclass(frozen=True, eq=False)
class ClassDistances:
    """Distances from every class (row v) to every class (column Q), means over the subsamples of neurons.

    Parameters
    ----------
    classes : ndarray of int64, shape (n_classes,)
        Labels.
    between_centres : ndarray of float64, shape (n_classes, n_classes)
        Euclidean distance between the means, Hz.
    to_centre : ndarray of float64, shape (n_classes, n_classes)
        Mean Euclidean distance of the patterns of v to the mean of Q, Hz.
    mahalanobis : ndarray of float64, shape (n_classes, n_classes)
        Mean d_M of the patterns of v to the distribution of Q, in standard deviations, over the subsamples in
        which the covariance of Q has an inverse; NaN if there are none.
    deficits : ndarray of int64, shape (n_subsamples, n_classes)
        By how much the rank of a class's covariance falls short of the number of neurons; 0 where it has an
        inverse.
    singular : dict of int to str
        Classes whose covariance is singular in some draw, with the reason in the first of them.
    """

    classes: Ids
    between_centres: Floats
    to_centre: Floats
    mahalanobis: Floats
    deficits: Ids
    singular: dict[int, str]


def class_distances(patterns: Floats, labels: Ids, subsamples: Ids) -> ClassDistances:
    """Distances between all classes, averaged over subsamples of neurons.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    labels : ndarray of int64, shape (n_patterns,)
        Class of every pattern; below 0 for patterns of no class.
    subsamples : ndarray of int64, shape (n_subsamples, n_drawn)
        Neurons (see `subsampled_neurons`).
    """
    classes = np.unique(labels[labels >= 0])
    singular: dict[int, str] = {}
    rows = [np.flatnonzero(labels == label) for label in classes]
    found = np.full((3, len(subsamples), len(classes), len(classes)), np.nan)
    deficits = np.zeros((len(subsamples), len(classes)), np.int64)
    with on_one_thread():
        for subsample, cells in enumerate(subsamples):
            groups = [patterns[np.ix_(theirs, cells)] for theirs in rows]
            for column, (label, reference) in enumerate(zip(classes.tolist(), groups, strict=True)):
                found[:2, subsample, :, column] = _euclidean(groups, reference)
                try:
                    found[2, subsample, :, column] = _to_distribution(groups, reference, str(label))
                except SingularCovarianceError as error:
                    deficits[subsample, column] = error.deficit
                    singular.setdefault(label, str(error))
    between, to_centre = found[:2].mean(axis=1)
    return ClassDistances(classes, between, to_centre, _mean_of_regular(found[2]), deficits, singular)


def _euclidean(groups: list[Floats], reference: Floats) -> Floats:
    """Return the two Euclidean distances of all classes to one, shape (2, n_classes)."""
    center = reference.mean(axis=0)
    between = [np.linalg.norm(group.mean(axis=0) - center) for group in groups]
    return np.array([between, [np.linalg.norm(group - center, axis=1).mean() for group in groups]])


def _to_distribution(groups: list[Floats], reference: Floats, name: str) -> list[float]:
    mean, whitening = inverse_root(reference, name)
    return [float(np.linalg.norm((group - mean) @ whitening.T, axis=1).mean()) for group in groups]


def _mean_of_regular(distances: Floats) -> Floats:
    """Mean over the subsamples that are defined; NaN without any."""
    defined = ~np.isnan(distances)
    sums, numbers = np.where(defined, distances, 0).sum(axis=0), defined.sum(axis=0)
    return np.asarray(np.divide(sums, numbers, out=np.full(sums.shape, np.nan), where=numbers > 0))
