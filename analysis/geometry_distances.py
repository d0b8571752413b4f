"""Distances between classes of patterns: Euclidean and Mahalanobis, in a few drawn neurons (Fig. 5B)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.draws import on_one_thread
from eiassembly.model.errors import EiassemblyError

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]


class SingularCovarianceError(EiassemblyError):
    """The covariance of a class has no inverse, so neither d_M nor QDA exist."""


@dataclass(frozen=True, eq=False)
class ClassDistances:
    """Distances from every class (row v) to every class (column Q), means over the draws of neurons.

    Parameters
    ----------
    classes : ndarray of int64, shape (n_classes,)
        Labels.
    between_centres : ndarray of float64, shape (n_classes, n_classes)
        Euclidean distance between the means, Hz.
    to_centre : ndarray of float64, shape (n_classes, n_classes)
        Mean Euclidean distance of the patterns of v to the mean of Q, Hz.
    mahalanobis : ndarray of float64, shape (n_classes, n_classes)
        Mean d_M of the patterns of v to the distribution of Q, in standard deviations; NaN where Q is
        singular in some draw.
    singular : dict of int to str
        Classes whose covariance is singular in some draw, with the reason.
    """

    classes: Ids
    between_centres: Floats
    to_centre: Floats
    mahalanobis: Floats
    singular: dict[int, str]


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
            f"class {name}: singular covariance: {n_patterns} patterns cannot span {n_cells} neurons"
        )
    _, singular_values, axes = np.linalg.svd(patterns - mean, full_matrices=False)
    rank = int(np.sum(singular_values > singular_values[0] * n_patterns * np.finfo(np.float64).eps))
    if rank < n_cells:
        constant = int(np.sum(patterns.std(axis=0) == 0))
        raise SingularCovarianceError(
            f"class {name}: singular covariance: rank {rank} of {n_cells} neurons, {constant} of them "
            f"without any variance in {n_patterns} patterns"
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


def class_distances(patterns: Floats, labels: Ids, draws: Ids) -> ClassDistances:
    """Distances between all classes, averaged over draws of neurons.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    labels : ndarray of int64, shape (n_patterns,)
        Class of every pattern; below 0 for patterns of no class.
    draws : ndarray of int64, shape (n_draws, n_drawn)
        Neurons (see `drawn_neurons`).
    """
    classes = np.unique(labels[labels >= 0])
    singular: dict[int, str] = {}
    sums = np.zeros((3, len(classes), len(classes)))
    rows = [np.flatnonzero(labels == label) for label in classes]
    with on_one_thread():
        for cells in draws:
            groups = [patterns[np.ix_(theirs, cells)] for theirs in rows]
            for column, (label, reference) in enumerate(zip(classes.tolist(), groups, strict=True)):
                sums[:, :, column] += _to_class(groups, reference, label, singular)
    means = sums / len(draws)
    return ClassDistances(classes, means[0], means[1], means[2], singular)


def _to_class(groups: list[Floats], reference: Floats, label: int, singular: dict[int, str]) -> Floats:
    """Return the three distances of all classes to one, shape (3, n_classes); remember if it is singular."""
    center = reference.mean(axis=0)
    found = np.full((3, len(groups)), np.nan)
    found[0] = [np.linalg.norm(group.mean(axis=0) - center) for group in groups]
    found[1] = [np.linalg.norm(group - center, axis=1).mean() for group in groups]
    if label not in singular:
        try:
            mean, whitening = inverse_root(reference, str(label))
        except SingularCovarianceError as error:
            singular[label] = str(error)
        else:
            found[2] = [np.linalg.norm((group - mean) @ whitening.T, axis=1).mean() for group in groups]
    return found
