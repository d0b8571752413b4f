"""Distance between twin runs after a small perturbation: growth, saturation, and the way back together."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.core.arrays import Floats

Counts = NDArray[np.int64] | NDArray[np.float64]

ABOVE_FIRST, BELOW_SATURATION = 5.0, 0.2
"""Growth is exponential between these multiples of the first distance and of the saturated one."""


def spike_distance(first: Counts, second: Counts) -> Floats:
    """Spikes that differ, as a fraction of all: Σ|n_a − n_b| / Σ(n_a + n_b) in every bin.

    Parameters
    ----------
    first, second : ndarray, shape (n_bins, n_cells)
        Counts of the twins.

    Returns
    -------
    ndarray of float64, shape (n_bins,)
        0 for equal spikes, 1 for disjoint ones; NaN in bins without a spike.
    """
    total = (first + second).sum(axis=1).astype(np.float64)
    differing = np.abs(first - second).sum(axis=1).astype(np.float64)
    return np.asarray(np.divide(differing, total, out=np.full(len(total), np.nan), where=total > 0))


def fraction_differing(first: Counts, second: Counts) -> Floats:
    """Fraction of cells whose counts differ in every bin, shape (n_bins,)."""
    return np.asarray(np.mean(first != second, axis=1))


def state_distance(
    first: Mapping[str, Floats],
    second: Mapping[str, Floats],
    scales: Mapping[str, float],
) -> Floats:
    """Norm of the difference of the states, d² = Σ_q mean_i((q_a − q_b)² / s_q²).

    Parameters
    ----------
    first, second : mapping of str to ndarray of float64, shape (n_times, n_cells)
        State variables of the twins, by name.
    scales : mapping of str to float
        Scale s_q of each variable that counts, in its unit; with ``{"V_m": 1.0}`` the distance is in mV.

    Returns
    -------
    ndarray of float64, shape (n_times,)
        Without unit.
    """
    squares = [np.mean(((first[q] - second[q]) / scale) ** 2, axis=1) for q, scale in scales.items()]
    return np.asarray(np.sqrt(np.sum(squares, axis=0)))


@dataclass(frozen=True)
class Growth:
    """Exponential part of a growing distance.

    Parameters
    ----------
    rate : float
        λ in d ∝ exp(λt), 1/s; NaN where the distance has no exponential part.
    start, stop : float
        Range of the fit, ms.
    n_points : int
        Points in it.
    """

    rate: float
    start: float
    stop: float
    n_points: int


_NO_GROWTH = Growth(math.nan, math.nan, math.nan, 0)


def growth(times: Floats, distance: Floats, saturated: float) -> Growth:
    """Fit ln d linearly where d lies between 5 times its first value and a fifth of its saturated one.

    Parameters
    ----------
    times : ndarray of float64, shape (n_times,)
        ms after the perturbation.
    distance : ndarray of float64, shape (n_times,)
        Distance; points before it first exceeds 0 are passed over.
    saturated : float
        Distance at which growth ends, from `saturation`.

    Returns
    -------
    Growth
        Of the first stretch of times in that range; three points at least.
    """
    apart = np.flatnonzero(distance > 0)
    if not apart.size:
        return _NO_GROWTH
    low, high = ABOVE_FIRST * distance[apart[0]], BELOW_SATURATION * saturated
    above = np.flatnonzero(distance >= low)
    if not above.size or low >= high:
        return _NO_GROWTH
    beyond = np.flatnonzero(distance[above[0] :] > high)
    part = slice(above[0], above[0] + (beyond[0] if beyond.size else len(distance) - above[0]))
    # A distance that returns to 0 inside the range has no logarithm there.
    chosen = np.flatnonzero(distance[part] > 0) + above[0]
    if len(chosen) < 3:
        return _NO_GROWTH
    slope = np.polyfit(times[chosen] / 1000, np.log(distance[chosen]), 1)[0]
    return Growth(float(slope), float(times[chosen[0]]), float(times[chosen[-1]]), len(chosen))


def saturation(times: Floats, distance: Floats, start: float = 300.0, stop: float = 800.0) -> float:
    """Mean distance from ``start`` to ``stop`` ms after the perturbation; undefined bins are left out."""
    part = distance[(times >= start) & (times <= stop)]
    return mean_of_defined(part)


def relative_saturation(saturated: float, unrelated: float) -> float:
    """Saturated distance of twins over that of two unrelated trials; 1: nothing in common any more."""
    return saturated / unrelated if unrelated else math.nan


def half_time(times: Floats, distance: Floats, saturated: float) -> float:
    """First time [ms] at which the distance is at least half its saturated value; NaN if it never is."""
    reached = np.flatnonzero(distance >= saturated / 2) if saturated > 0 else np.empty(0, np.int64)
    return float(times[reached[0]]) if reached.size else math.nan


def reset_time(times: Floats, distance: Floats, offset: float, tolerance: float = 0.0) -> float:
    """Time after ``offset`` from which the twins are one again, to the end.

    Parameters
    ----------
    times : ndarray of float64, shape (n_times,)
        ms, up to some time after the odor.
    distance : ndarray of float64, shape (n_times,)
        Distance of the states or of the spikes; where undefined, as without spikes, it does not count.
    offset : float
        End of the odor, ms.
    tolerance : float
        Distance up to which twins are the same.

    Returns
    -------
    float
        ms after ``offset``, 0 if they were never apart after it; infinite if they still are at the end.
    """
    after = times >= offset
    apart = np.flatnonzero(distance[after] > tolerance)
    if not apart.size:
        return 0.0
    later = times[after][apart[-1] + 1 :]
    return float(later[0] - offset) if later.size else math.inf
