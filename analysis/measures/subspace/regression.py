"""Read the concentration of an odor in mixtures from few neurons: regression, six classes (Fig. 5E, F)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from eiassembly.analysis.measures.subsampling import on_one_thread
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import EiassemblyError
from eiassembly.core.processors import usable_processors

CLASSES = 6
"""Classes of concentration for the support vector machine (Methods)."""
CONCENTRATION_SUBSAMPLES = 20
"""Draws of neurons and of the two halves (Methods)."""
_FOLDS = 2


def concentration_classes(concentration: Floats, number: int = CLASSES) -> Ids:
    """Divide concentrations from 0 to 1 into classes of equal width.

    Parameters
    ----------
    concentration : ndarray of float64, shape (n_patterns,)
        Fraction of the pure odor, 0 to 1.
    number : int
        Classes.

    Returns
    -------
    ndarray of int64, shape (n_patterns,)
        0 for the lowest class.
    """
    # A bit is added so that concentrations on an edge, such as 0.5, do not fall below it by rounding.
    return np.minimum((concentration * number + 1e-9).astype(np.int64), number - 1)


def regression_errors(patterns: Floats, concentration: Floats, subsamples: Ids, seed: int = 0) -> Floats:
    """Mean squared error of linear regression of the concentration on rates, two-fold (Fig. 5E).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    concentration : ndarray of float64, shape (n_patterns,)
        Fraction of the pure odor, 0 to 1.
    subsamples : ndarray of int64, shape (n_subsamples, n_drawn)
        Neurons (see `subsampled_neurons`).
    seed : int
        Of the division into halves, which differs between subsamples.

    Returns
    -------
    ndarray of float64, shape (n_subsamples,)
        Mean over all patterns, each predicted by the regression on the half it is not in. The variance of the
        concentration is what predicting its mean would give.

    Raises
    ------
    EiassemblyError
        Half of the patterns are not more than the neurons of a subsample, so any concentration could be
        fitted.
    """
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import KFold, cross_val_predict

    if len(patterns) // _FOLDS <= subsamples.shape[1]:
        raise EiassemblyError(
            f"regression of concentration: expected more than {_FOLDS * subsamples.shape[1]} patterns "
            f"for {subsamples.shape[1]} neurons, found {len(patterns)}"
        )

    def error(number: int, cells: Ids) -> float:
        halves = KFold(_FOLDS, shuffle=True, random_state=seed + number)
        predicted = cross_val_predict(LinearRegression(), patterns[:, cells], concentration, cv=halves)
        return float(np.square(predicted - concentration).mean())

    return _over_subsamples(error, subsamples)


def svm_accuracies(patterns: Floats, classes: Ids, subsamples: Ids, seed: int = 0) -> Floats:
    """Accuracy of a linear support vector machine on classes of concentration, two-fold (Fig. 5F).

    Parameters
    ----------
    patterns : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    classes : ndarray of int64, shape (n_patterns,)
        From `concentration_classes`.
    subsamples : ndarray of int64, shape (n_subsamples, n_drawn)
        Neurons.
    seed : int
        Of the division into halves with the same share of every class, which differs between subsamples.

    Returns
    -------
    ndarray of float64, shape (n_subsamples,)
        Fraction of patterns in their class, each classified by the machine trained on the other half.

    Raises
    ------
    EiassemblyError
        A class has fewer than two patterns, or there is only one class.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.svm import SVC

    found, counts = np.unique(classes, return_counts=True)
    if len(found) < 2 or counts.min() < _FOLDS:
        raise EiassemblyError(
            f"classes of concentration: expected at least two with {_FOLDS} patterns each, "
            f"found {dict(zip(found.tolist(), counts.tolist(), strict=True))}"
        )

    def accuracy(number: int, cells: Ids) -> float:
        halves = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed + number)
        predicted = cross_val_predict(SVC(kernel="linear"), patterns[:, cells], classes, cv=halves)
        return float((predicted == classes).mean())

    return _over_subsamples(accuracy, subsamples)


def _over_subsamples(measure: Callable[[int, Ids], float], subsamples: Ids) -> Floats:
    """Measure every subsample, given its number and neurons, side by side: fitting releases Python's lock."""
    with on_one_thread(), ThreadPoolExecutor(len(usable_processors())) as pool:
        return np.array(list(pool.map(measure, range(len(subsamples)), subsamples)))
