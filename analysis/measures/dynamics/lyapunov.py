"""Lyapunov exponents of any system that can be advanced: Benettin's method and finite-size exponents."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.arrays import Flags, Floats

Advance = Callable[[Floats], Floats]
"""Takes a state, shape (n_variables,), one interval further; must not change what it is given."""


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


def benettin(
    advance: Advance,
    state: Floats,
    interval: float,
    size: float,
    n_intervals: int,
    seed: int,
    n_discarded: int = 0,
    perturbed: Flags | None = None,
) -> Exponent:
    """Mean growth rate of a displacement that is set back to ``size`` after every interval (Benettin 1980).

    The smaller ``size``, the closer to the largest Lyapunov exponent; at the size of the effect of one spike
    it tells what one spike does. The displaced copy takes over all variables that are not perturbed, such
    as counters of refractory steps.

    Parameters
    ----------
    advance : callable
        Takes a state one interval further.
    state : ndarray of float64, shape (n_variables,)
        Where to start.
    interval : float
        Its length, in any unit of time.
    size : float
        Euclidean norm of the displacement.
    n_intervals : int
        Intervals to average over.
    seed : int
        Of the direction of the first displacement.
    n_discarded : int
        Intervals before those, in which the displacement turns to the direction that grows.
    perturbed : ndarray of bool, shape (n_variables,), optional
        Variables that are displaced; all by default.

    Returns
    -------
    Exponent
        Minus infinity if the copies became identical.
    """
    chosen = np.ones(len(state), bool) if perturbed is None else perturbed
    direction = _random_direction(chosen, seed)
    rates = np.empty(n_discarded + n_intervals)
    for k in range(len(rates)):
        state, other = advance(state), advance(state + size * direction)
        difference = np.where(chosen, other - state, 0.0)
        distance = float(np.linalg.norm(difference))
        if distance == 0:
            return Exponent(-math.inf, math.nan, np.full(n_intervals, -math.inf))
        rates[k] = math.log(distance / size) / interval
        direction = difference / distance
    return mean_rate(rates[n_discarded:])


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


def _random_direction(chosen: Flags, seed: int) -> Floats:
    drawn = np.where(chosen, np.random.default_rng(seed).standard_normal(len(chosen)), 0.0)
    return np.asarray(drawn / np.linalg.norm(drawn))


@dataclass(frozen=True, eq=False)
class FiniteSizeExponents:
    """Growth rate against the size of a perturbation.

    Parameters
    ----------
    sizes : ndarray of float64, shape (n_sizes,)
        Sizes δ.
    values : ndarray of float64, shape (n_sizes,)
        λ(δ), per unit of the interval; NaN where no perturbation of that size has grown.
    grown : ndarray of float64, shape (n_sizes,)
        Fraction of the perturbations, among those that reached δ, that went on to r·δ.
    """

    sizes: Floats
    values: Floats
    grown: Floats


def finite_size_exponents(
    advance: Advance,
    state: Floats,
    interval: float,
    sizes: Floats,
    n_samples: int,
    seed: int,
    max_intervals: int,
    perturbed: Flags | None = None,
) -> FiniteSizeExponents:
    """Finite-size Lyapunov exponents (Aurell et al. 1996): how fast a perturbation grows from size to size.

    A displacement much smaller than the first size (a hundredth) is followed until it exceeds one size after
    the other. With T the time from one crossing to the next and d the distances found there,
    λ(δ) = mean(ln(d_next / d)) / mean(T), which allows for what a step overshoots by.

    Parameters
    ----------
    advance : callable
        Takes a state one interval further.
    state : ndarray of float64, shape (n_variables,)
        Where to start; every sample starts where the last one ended.
    interval : float
        Its length, in any unit of time.
    sizes : ndarray of float64, shape (n_sizes + 1,)
        Increasing sizes δ, e.g. each twice the one before.
    n_samples : int
        Perturbations.
    seed : int
        Of their directions.
    max_intervals : int
        A perturbation that has not passed the last size by then has not grown.
    perturbed : ndarray of bool, shape (n_variables,), optional
        Variables that are displaced; all by default.

    Returns
    -------
    FiniteSizeExponents
        For all sizes but the last.
    """
    chosen = np.ones(len(state), bool) if perturbed is None else perturbed
    crossings = np.full((n_samples, len(sizes), 2), np.nan)
    for sample in range(n_samples):
        direction = _random_direction(chosen, seed + sample)
        displaced = state + sizes[0] / 100 * direction
        state = _follow(advance, state, displaced, sizes, max_intervals, chosen, crossings[sample])
    crossings[..., 0] *= interval
    reached = np.sum(~np.isnan(crossings[:, :-1, 0]), axis=0)
    grown = np.sum(~np.isnan(np.diff(crossings[..., 0], axis=1)), axis=0)
    return FiniteSizeExponents(sizes[:-1], _between(crossings), _ratio(grown, reached))


def _between(crossings: Floats) -> Floats:
    """Gains over times between crossings: (n_samples, n_sizes + 1, 2), when and logarithm of how far."""
    durations, gains = (np.diff(crossings[..., column], axis=1) for column in (0, 1))
    went_on = ~np.isnan(durations)
    return _ratio(np.sum(gains, axis=0, where=went_on), np.sum(durations, axis=0, where=went_on))


def passage_exponents(times: Floats, distances: Floats, sizes: Floats) -> Floats:
    """Finite-size exponents of differences that were followed already.

    Parameters
    ----------
    times : ndarray of float64, shape (n_times,)
        Increasing.
    distances : ndarray of float64, shape (n_samples, n_times)
        Distances at these times.
    sizes : ndarray of float64, shape (n_sizes + 1,)
        Increasing sizes, see `finite_size_exponents`.

    Returns
    -------
    ndarray of float64, shape (n_sizes,)
        mean(ln(d_next / d)) / mean(T) for every size but the last, per unit of ``times``. Those that pass
        two sizes at once take no time between them. NaN where none went on, or none took time.
    """
    crossings = np.full((len(distances), len(sizes), 2), np.nan)
    for course, found in zip(distances, crossings, strict=True):
        for k, size in enumerate(sizes):
            passed = np.flatnonzero(course >= size)
            if passed.size:
                found[k] = times[passed[0]], math.log(course[passed[0]])
    return _between(crossings)


def _follow(
    advance: Advance, state: Floats, other: Floats, sizes: Floats, limit: int, chosen: Flags, found: Floats
) -> Floats:
    """Enter into ``found`` when each size was passed and the logarithm of the distance; return the state."""
    for k in range(1, limit + 1):
        state, other = advance(state), advance(other)
        distance = float(np.linalg.norm((other - state)[chosen]))
        passed = (distance >= sizes) & np.isnan(found[:, 0])
        if passed.any():
            found[passed] = k, math.log(distance)
        if distance >= sizes[-1]:
            break
    return state


def _ratio(numerator: Floats | NDArray[np.int64], denominator: Floats | NDArray[np.int64]) -> Floats:
    empty = np.full(len(numerator), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=empty, where=denominator > 0))
