"""Which class a mixture belongs to, by the similarity of its input to the pure odors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import standardised
from eiassembly.core.arrays import Flags, Floats, Ids
from eiassembly.odors.odors import Odor

SIMILAR = 0.6
"""Correlation with a pure odor in OB above which a mixture is used for training (Methods)."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """Classes by input.

    Parameters
    ----------
    labels : ndarray of int64, shape (n_patterns,)
        Number of the pure odor whose input is most similar.
    is_training : ndarray of bool, shape (n_patterns,)
        Whether that similarity exceeds the threshold: pure odors and the mixtures close to them.
    """

    labels: Ids
    is_training: Flags


def by_input(inputs: Floats, pure: Floats, threshold: float = SIMILAR) -> Assignment:
    """Assign every pattern to the pure odor whose input correlates most with its own.

    Parameters
    ----------
    inputs : ndarray of float64, shape (n_patterns, n_mitral)
        Rates of OB behind every pattern, Hz, without the noise of single trials: rates the odor defines (see
        `mitral_rates`), or means over trials.
    pure : ndarray of float64, shape (n_pure, n_mitral)
        The same for the pure odors.
    threshold : float
        Correlation above which a pattern is used for training.
    """
    correlations = standardised(inputs) @ standardised(pure).T
    return Assignment(np.argmax(correlations, axis=1), correlations.max(axis=1) > threshold)


def mitral_rates(odors: Sequence[Odor], n_mitral: int, baseline: float = 6.0) -> Floats:
    """Rates that odors give to the mitral cells at onset (Methods, "Olfactory bulb input").

    Parameters
    ----------
    odors : sequence of Odor
        Pure odors and mixtures.
    n_mitral : int
        Mitral cells.
    baseline : float
        Rate of the cells that the odor does not change, Hz.

    Returns
    -------
    ndarray of float64, shape (n_odors, n_mitral)
        Hz.
    """
    rates = np.full((len(odors), n_mitral), baseline)
    for row, odor in enumerate(odors):
        rates[row, odor.activated] += odor.rate
        rates[row, odor.inhibited] = odor.inhibited_rate
    return rates


def concentrations(odors: Sequence[Odor], pure: Sequence[Odor]) -> Floats:
    """Fraction of the activated cells of every pure odor that every odor activates too.

    Parameters
    ----------
    odors, pure : sequence of Odor
        Mixtures, and what they are made of.

    Returns
    -------
    ndarray of float64, shape (n_odors, n_pure)
        0 to 1: the entries of Table 3 for mixtures of a subspace, apart from cells that two odors share.
        Of a pure odor that activates no cell 0.
    """
    parts = [[np.isin(one.activated, odor.activated).sum() for one in pure] for odor in odors]
    sizes = [max(1, len(one.activated)) for one in pure]
    return np.array(parts, np.float64).reshape(len(odors), len(pure)) / sizes
