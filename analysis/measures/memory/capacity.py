"""How many memories a structure holds before its rates leave the range of ±15 %."""

from dataclasses import dataclass

import numpy as np

from eiassembly.core.arrays import Floats

TOLERANCE = 0.15
"""Deviation from the rate of rand that the paper's networks were tuned to stay within (Fig. 2C)."""


@dataclass(frozen=True)
class Capacity:
    """Where the rates of a structure leave the tolerated range.

    Parameters
    ----------
    holds : int
        Largest measured number of memories up to which all rates are within; 0 if there is none.
    crossing : float
        Number at which the line through the measured points leaves the range; infinite if they never do, NaN
        if already the first is outside.
    """

    holds: int
    crossing: float


def capacity(numbers: Floats, rates: Floats, reference: float, tolerance: float = TOLERANCE) -> Capacity:
    """Find the capacity on measured points.

    Parameters
    ----------
    numbers : ndarray, shape (n_points,)
        Numbers of memories, in any order, each once.
    rates : ndarray of float64, shape (n_points,)
        Mean rate with so many memories, Hz.
    reference : float
        Rate they are compared with (rand, or before memories were added), Hz, above 0.
    tolerance : float
        Tolerated relative deviation.

    Raises
    ------
    ValueError
        No point, or a reference that is not above 0.
    """
    if len(numbers) == 0 or not reference > 0:
        raise ValueError(
            f"capacity: expected points and a reference above 0 Hz, found {len(numbers)}, {reference}"
        )
    order = np.argsort(numbers)
    counts, deviations = np.asarray(numbers, float)[order], np.asarray(rates)[order] / reference - 1
    # Not "greater than": a rate that is NaN is outside as well.
    outside = np.flatnonzero(~(np.abs(deviations) <= tolerance))
    if len(outside) == 0:
        return Capacity(int(counts[-1]), float("inf"))
    first = int(outside[0])
    if first == 0:
        return Capacity(0, float("nan"))
    return Capacity(int(counts[first - 1]), _crossing(counts, deviations, first, tolerance))


def _crossing(counts: Floats, deviations: Floats, first: int, tolerance: float) -> float:
    before, after = deviations[first - 1], deviations[first]
    bound = np.copysign(tolerance, after)
    share = (bound - before) / (after - before)
    return float(counts[first - 1] + share * (counts[first] - counts[first - 1]))
