"""Assign patterns to classes: quadratic discriminant analysis and template matching (Fig. 5C, 5 s2)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import standardised
from eiassembly.analysis.measures.subsampling import on_one_thread
from eiassembly.analysis.measures.subspace.distances import inverse_root
from eiassembly.core.arrays import Flags, Floats, Ids

TEMPLATE_SUBSAMPLES = 10
"""Draws of neurons for template matching (Methods)."""


@dataclass(frozen=True, eq=False)
class Classified:
    """What a classifier made of the test patterns, for every subsample of neurons.

    Parameters
    ----------
    classes : ndarray of int64, shape (n_classes,)
        Labels.
    labels : ndarray of int64, shape (n_test,)
        True class of every test pattern.
    assigned : ndarray of int64, shape (n_subsamples, n_test)
        Class it was assigned to; −1 where none fits (a pattern or all templates without variance).
    """

    classes: Ids
    labels: Ids
    assigned: Ids

    @property
    def accuracies(self) -> Floats:
        """Fraction of patterns assigned to their class, shape (n_subsamples,); NaN without test patterns."""
        if not len(self.labels):
            return np.full(len(self.assigned), np.nan)
        return np.asarray((self.assigned == self.labels).mean(axis=1))

    def accuracies_of(self, classes: Ids) -> Floats:
        """Fraction of the patterns of some classes assigned to their own; see `accuracies`."""
        chosen = np.isin(self.labels, classes)
        return Classified(self.classes, self.labels[chosen], self.assigned[:, chosen]).accuracies


def quadratic_discriminant(patterns: Floats, labels: Ids, is_training: Flags, subsamples: Ids) -> Classified:
    """Classify by quadratic discriminant analysis, without regularisation (Fig. 5C).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Half-second patterns, Hz.
    labels : ndarray of int64, shape (n_patterns,)
        Class of every pattern (see `by_input`).
    is_training : ndarray of bool, shape (n_patterns,)
        Patterns to learn from; the others are classified.
    subsamples : ndarray of int64, shape (n_subsamples, n_drawn)
        Neurons (see `subsampled_neurons`).

    Raises
    ------
    SingularCovarianceError
        The covariance of a class is singular in a subsample: then its inverse, and so the rule, does not
        exist.
    """
    from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis

    def fitted(training: Floats, classes: Ids, test: Floats) -> Ids:
        for label in np.unique(classes):
            inverse_root(training[classes == label], str(label))
        # Singularity was just decided, in units of the class; the library's threshold is absolute.
        return np.asarray(QuadraticDiscriminantAnalysis(tol=0).fit(training, classes).predict(test))

    return _classified(patterns, labels, is_training, subsamples, fitted)


def template_matching(patterns: Floats, labels: Ids, is_training: Flags, subsamples: Ids) -> Classified:
    """Assign every pattern to the class with whose mean training pattern it correlates most (Fig. 5 s2).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    labels : ndarray of int64, shape (n_patterns,)
        Class of every pattern.
    is_training : ndarray of bool, shape (n_patterns,)
        Patterns that make the templates; the others are classified.
    subsamples : ndarray of int64, shape (n_subsamples, n_drawn)
        Neurons.
    """

    def matched(training: Floats, classes: Ids, test: Floats) -> Ids:
        known = np.unique(classes)
        templates = np.array([training[classes == label].mean(axis=0) for label in known])
        return np.append(known, -1)[best_template(test, templates)]

    return _classified(patterns, labels, is_training, subsamples, matched)


def best_template(patterns: Floats, templates: Floats) -> Ids:
    """Row of the template with the largest Pearson correlation; −1 where none is defined.

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Any unit.
    templates : ndarray of float64, shape (n_templates, n_cells)
        The same unit.

    Returns
    -------
    ndarray of int64, shape (n_patterns,)
    """
    correlations = standardised(patterns) @ standardised(templates).T
    best = np.argmax(np.nan_to_num(correlations, nan=-np.inf), axis=1)
    return np.where(np.isnan(correlations).all(axis=1), -1, best)


def path_dependence(assigned: Ids, places: Floats) -> float:
    """How far the class of a mixture depends on the way to it: hysteresis of classification (Fig. 5 s2).

    The probability that two visits of a place are assigned to different classes, minus the probability that
    the two halves of one visit are. The latter is what noise alone does: without memory of the path it is 0.

    Parameters
    ----------
    assigned : ndarray of int64, shape (n_subsamples, n_visits, 2)
        Classes of the half-second patterns.
    places : ndarray of float64, shape (n_visits, 2)
        Mixture coordinates.

    Returns
    -------
    float
        −1 to 1; NaN if no place was visited twice.
    """
    _, place_of = np.unique(places, axis=0, return_inverse=True)
    first, second = np.triu_indices(len(places), 1)
    same = place_of[first] == place_of[second]
    if not same.any():
        return float("nan")
    one, other = assigned[:, first[same]], assigned[:, second[same]]
    between = np.mean(one[:, :, :, None] != other[:, :, None, :])
    within = np.mean(assigned[:, :, 0] != assigned[:, :, 1])
    return float(between - within)


def agreement_by_place(assigned: Ids, places: Floats) -> tuple[Floats, Floats]:
    """How far visits of the same mixture are assigned to the same class (Fig. 5 s2).

    Parameters
    ----------
    assigned : ndarray of int64, shape (n_subsamples, n_visits)
        Classes.
    places : ndarray of float64, shape (n_visits, 2)
        Mixture coordinates.

    Returns
    -------
    places : ndarray of float64, shape (n_places, 2)
        Every place once.
    shares : ndarray of float64, shape (n_places,)
        Share of the visits of a place in its most frequent class, mean over subsamples; 1 without hysteresis.
    """
    distinct, place_of = np.unique(places, axis=0, return_inverse=True)
    shares = np.empty(len(distinct))
    for place in range(len(distinct)):
        visits = assigned[:, place_of == place]
        counts = (visits[:, :, None] == visits[:, None, :]).sum(axis=2)
        shares[place] = (counts.max(axis=1) / visits.shape[1]).mean()
    return distinct, shares


def _classified(
    patterns: Floats,
    labels: Ids,
    is_training: Flags,
    subsamples: Ids,
    classify: Callable[[Floats, Ids, Floats], Ids],
) -> Classified:
    classes = np.unique(labels)
    training, test = np.flatnonzero(is_training), np.flatnonzero(~is_training)
    with on_one_thread():
        assigned = [
            classify(patterns[np.ix_(training, cells)], labels[training], patterns[np.ix_(test, cells)])
            for cells in subsamples
        ]
    return Classified(classes, labels[test], np.array(assigned, np.int64).reshape(len(subsamples), len(test)))
