"""Lyapunov exponents from how differences grew: means over intervals, and against the size."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.arrays import Floats


@dataclass(frozen=True, eq=False)
class Exponent:
    """A Lyapunov exponent and how it converged.

    Parameters
    ----------
    value : float
        Per unit of the interval.
    error : float
        Standard error of the mean over intervals, as if they were independent.
    running : ndarray of float64, shape (n_intervals,)
        Mean over the first intervals.
    """

    value: float
    error: float
    running: Floats


def mean_rate(rates: Floats) -> Exponent:
    """Average the growth rates of all intervals.

    Parameters
    ----------
    rates : ndarray of float64, shape (n_intervals,)
        ln(d / size) per unit of time; minus infinity where the copies became identical.
    """
    n_intervals = len(rates)
    if np.isneginf(rates).any():
        return Exponent(-math.inf, math.nan, np.cumsum(rates))
    error = rates.std(ddof=1) / math.sqrt(n_intervals) if n_intervals > 1 else math.nan
    return Exponent(float(rates.mean()), float(error), np.cumsum(rates) / np.arange(1, n_intervals + 1))


def _between(crossings: Floats) -> Floats:
    """Gains over times between crossings: (n_samples, n_sizes + 1, 2), when and logarithm of how far."""
    durations, gains = (np.diff(crossings[..., column], axis=1) for column in (0, 1))
    went_on = ~np.isnan(durations)
    return _ratio(np.sum(gains, axis=0, where=went_on), np.sum(durations, axis=0, where=went_on))


def passage_exponents(times: Floats, distances: Floats, sizes: Floats) -> Floats:
    """Finite-size Lyapunov exponents (Aurell et al. 1996): how fast differences grow from size to size.

    With T the time from one crossing of a size to the next and d the distances found there,
    λ(δ) = mean(ln(d_next / d)) / mean(T), which allows for what a step overshoots by.

    Parameters
    ----------
    times : ndarray of float64, shape (n_times,)
        Increasing.
    distances : ndarray of float64, shape (n_samples, n_times)
        Distances at these times.
    sizes : ndarray of float64, shape (n_sizes + 1,)
        Increasing sizes δ, e.g. each twice the one before.

    Returns
    -------
    ndarray of float64, shape (n_sizes,)
        λ(δ) for every size but the last, per unit of ``times``. Those that pass two sizes at once take no
        time between them. NaN where none went on, or none took time.
    """
    crossings = np.full((len(distances), len(sizes), 2), np.nan)
    for course, found in zip(distances, crossings, strict=True):
        for k, size in enumerate(sizes):
            passed = np.flatnonzero(course >= size)
            if passed.size:
                found[k] = times[passed[0]], math.log(course[passed[0]])
    return _between(crossings)


def _ratio(numerator: Floats | NDArray[np.int64], denominator: Floats | NDArray[np.int64]) -> Floats:
    empty = np.full(len(numerator), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=empty, where=denominator > 0))
