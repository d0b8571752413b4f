"""Distance between twin runs after a small perturbation: growth, saturation, and reconvergence."""

import math
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.core.arrays import Floats

ABOVE_FIRST, BELOW_SATURATION = 5.0, 0.2
"""Growth is exponential between these multiples of the first distance and of the saturated one."""


@dataclass(frozen=True)
class ExponentialGrowth:
    """Exponential part of a growing distance.

    Parameters
    ----------
    rate : float
        λ in d ∝ exp(λt), 1/s; NaN where the distance has no exponential part.
    start, stop : float
        Range of the fit, ms.
    """

    rate: float
    start: float
    stop: float


_NO_GROWTH = ExponentialGrowth(math.nan, math.nan, math.nan)


def growth(times: Floats, distance: Floats, saturated: float) -> ExponentialGrowth:
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
    return ExponentialGrowth(float(slope), float(times[chosen[0]]), float(times[chosen[-1]]))


def saturation(times: Floats, distance: Floats, start: float = 300.0, stop: float = 800.0) -> float:
    """Mean distance from ``start`` to ``stop`` ms after the perturbation; undefined bins are left out."""
    part = distance[(times >= start) & (times <= stop)]
    return mean_of_defined(part)


def half_time(times: Floats, distance: Floats, saturated: float) -> float:
    """First time [ms] at which the distance is at least half its saturated value; NaN if it never is."""
    reached = np.flatnonzero(distance >= saturated / 2) if saturated > 0 else np.empty(0, np.int64)
    return float(times[reached[0]]) if reached.size else math.nan


def reset_time(times: Floats, distance: Floats, offset: float, tolerance: float = 0.0) -> float:
    """Time after ``offset`` from which the twins resynchronise, to the end.

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
