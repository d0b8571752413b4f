"""What stays when the input has gone: decay after offset, memory of the pattern, hysteresis."""

import math
from dataclasses import dataclass

import numpy as np

from eiassembly.core.arrays import Floats

LONGEST = 10.0
"""Decay times longer than this many times the fitted stretch are reported as this long."""


SIGNIFICANCE = 1e-3
"""Probability below which more spikes than before are not taken for chance."""
FEWEST_SPIKES = 20
"""Spikes without which a decay time says nothing: its relative error is about 1 / sqrt(spikes)."""


@dataclass(frozen=True)
class Decay:
    """Exponential decay A·exp(−t/τ) + c.

    Parameters
    ----------
    tau : float
        Time constant, ms; at most `LONGEST` times the fitted stretch. NaN without activity at offset.
    amplitude : float
        A, Hz.
    floor : float
        c, Hz.
    """

    tau: float
    amplitude: float
    floor: float


def decay(times: Floats, rates: Floats, floor: float | None = None) -> Decay:
    """Fit an exponential decay by least squares.

    Parameters
    ----------
    times : ndarray of float64, shape (n_times,)
        ms after offset.
    rates : ndarray of float64, shape (n_times,)
        Hz.
    floor : float, optional
        Rate to which activity decays, Hz, e.g. that before the odor; fitted if not given. Give it where
        activity may outlast ``times``: a slow decay is otherwise taken for a high floor.

    Returns
    -------
    Decay
        The best fit with A ≥ 0.
    """
    from scipy.optimize import minimize_scalar

    stretch = float(times[-1] - times[0])
    if stretch <= 0 or not np.any(rates > (floor or 0.0)):
        return Decay(math.nan, 0.0, floor or 0.0)
    # Linear in A and c: only τ is searched for, on a logarithmic scale in two steps, as there may be
    # several local minima.
    shortest = stretch / len(times) / 10
    candidates = np.geomspace(shortest, LONGEST * stretch, 200)
    errors = [_fit(times, rates, tau, floor)[2] for tau in candidates]
    best = int(np.argmin(errors))
    low, high = candidates[max(best - 1, 0)], candidates[min(best + 1, len(candidates) - 1)]
    found = minimize_scalar(
        lambda log_tau: _fit(times, rates, math.exp(log_tau), floor)[2],
        bounds=(math.log(low), math.log(high)),
        method="bounded",
        options={"xatol": 1e-9},
    )
    tau = math.exp(found.x)
    amplitude, level, _ = _fit(times, rates, tau, floor)
    return Decay(tau if amplitude > 0 else math.nan, amplitude, level)


def _fit(times: Floats, rates: Floats, tau: float, floor: float | None) -> tuple[float, float, float]:
    """Best amplitude and floor for a time constant, and the sum of squares that remains."""
    shape = np.exp(-times / tau)
    if floor is None:
        columns = np.stack([shape, np.ones_like(shape)], axis=1)
        (amplitude, level), *_ = np.linalg.lstsq(columns, rates, rcond=None)
    else:
        level, norm = floor, float(shape @ shape)
        amplitude = float(shape @ (rates - floor)) / norm if norm else 0.0
    if amplitude < 0:
        amplitude, level = 0.0, float(np.mean(rates)) if floor is None else floor
    remainder = float(np.sum((rates - amplitude * shape - level) ** 2))
    return float(amplitude), float(level), remainder


def is_above(n_after: int, after: float, n_before: int, before: float) -> bool:
    """Whether a rate is above an earlier one by more than chance, and by enough spikes to follow it.

    At equal rates each spike falls into the second stretch with probability after / (after + before): the
    exact conditional test of two Poisson rates (Przyborowski & Wilenski 1940), one-sided.

    Parameters
    ----------
    n_after : int
        Spikes of the later stretch.
    after : float
        Its length.
    n_before : int
        Spikes of the earlier stretch.
    before : float
        Its length, in the same unit.
    """
    from scipy.special import betainc

    if n_after < FEWEST_SPIKES:
        return False
    by_chance = betainc(n_after, n_before + 1, after / (after + before))  # at least so many, binomially
    return bool(by_chance < SIGNIFICANCE)


def persistent_share(during: float, after: float) -> float:
    """Rate some time after offset over that at the end of the odor; NaN if that is 0."""
    return after / during if during > 0 else math.nan


def integral_time(correlations: Floats, width: float) -> float:
    """Integral of an autocorrelation from lag 0 to its first zero, by the trapezoidal rule.

    Parameters
    ----------
    correlations : ndarray of float64, shape (n_lags,)
        Correlation at lags 0, ``width``, 2·``width``, …; not normalised.
    width : float
        Distance of the lags, ms.

    Returns
    -------
    float
        ms; τ for exp(−t/τ) where ``width`` is much shorter than τ and the lags are many times longer.
    """
    ends = np.flatnonzero(~(correlations > 0))
    part = correlations[: ends[0]] if ends.size else correlations
    return float(width * np.trapezoid(np.append(part, 0.0) if ends.size else part)) if part.size else math.nan


def hysteresis(positions: Floats, up: Floats, down: Floats) -> float:
    """Area between the courses of a measure along a morph and back, (1/|X|) ∫ |c_up − c_down| dx.

    Parameters
    ----------
    positions : ndarray of float64, shape (n_positions,)
        Positions along the morph, increasing; the same for both directions.
    up, down : ndarray of float64, shape (n_positions,)
        E.g. correlation to the pattern of the learned odor, by position (not by time).

    Returns
    -------
    float
        In the unit of the measure; 0 for a network without memory of where it comes from.
    """
    between = np.trapezoid(np.abs(up - down), positions)
    return float(between / (positions[-1] - positions[0]))
