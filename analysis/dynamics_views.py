"""What figures of dynamics show, side by side for several runs, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.correlations import mean_of_defined
from eiassembly.analysis.panels import look_of
from eiassembly.analysis.reliability import lagged_correlations
from eiassembly.analysis.style import Look
from eiassembly.analysis.tables import RunResult
from eiassembly.analysis.trial_patterns import BIN

Floats = NDArray[np.float64]

FEWEST_PAIRS = 5
"""Distances in time that fewer pairs of bins have are not shown."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a run: x and y, shape (n_points,)."""

    look: Look
    x: Floats
    y: Floats


@dataclass(frozen=True)
class Spread:
    """Distribution of a measure over pairs of cell and odour.

    Parameters
    ----------
    look : Look
        Of the run.
    group : str
        ``members`` or ``others``.
    mean, low, high : float
        Mean and quartiles.
    n_values : int
        Pairs.
    """

    look: Look
    group: str
    mean: float
    low: float
    high: float
    n_values: int


def spreads(results: Sequence[RunResult], kind: str, measure: str) -> tuple[Spread, ...]:
    """Distributions of a measure (a field of `Variability`) for members and others of every run."""
    found = []
    for result in results:
        if kind in result.dynamics:
            groups = getattr(result.dynamics[kind].variability, measure)
            found += [_spread(look_of(result), name, getattr(groups, name)) for name in ("members", "others")]
    return tuple(spread for spread in found if spread.n_values)


def _spread(look: Look, group: str, values: Floats) -> Spread:
    low, high = np.quantile(values, [0.25, 0.75]) if values.size else (np.nan, np.nan)
    return Spread(look, group, mean_of_defined(values), float(low), float(high), values.size)


def lagged(results: Sequence[RunResult], kind: str) -> tuple[Curve, ...]:
    """Correlation of patterns against their distance in time [ms], during the first 1.5 s of an odour.

    The longest distances, between the first moments and the last, are left out.
    """
    curves = []
    for result in results:
        if kind in result.dynamics:
            patterns = result.dynamics[kind].patterns
            found = lagged_correlations(patterns.during(patterns.within))
            shown = np.arange(1, len(found) - FEWEST_PAIRS + 1)
            curves.append(Curve(look_of(result), np.asarray(BIN * shown), found[shown]))
    return tuple(curve for curve in curves if not np.isnan(curve.y).all())


def after_offset(results: Sequence[RunResult], kind: str, group: str) -> tuple[Curve, ...]:
    """Rates [Hz] around the offset [ms] relative to those in the last 500 ms of the odour."""
    curves = []
    for result in results:
        if kind in result.dynamics:
            offsets = result.dynamics[kind].offsets
            times, rates = _coarser(offsets.times), _coarser(offsets.rates[group])
            during = rates[times < 0].mean()
            if during > 0:
                curves.append(Curve(look_of(result), times, rates / during))
    return tuple(curves)


def _coarser(values: Floats) -> Floats:
    """Means over bins five times as long."""
    return np.asarray(values.reshape(-1, 5).mean(axis=1))
