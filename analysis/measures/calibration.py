"""How strongly to inhibit: the learned-odor rate against χ, β, γ or α (Fig. 2B, C), and what keeps it.

The paper chooses the strength of inhibition such that networks with assemblies respond to learned odors at
the mean rate of the network without, within 15 % (Methods). Here a curve of measured rates is searched for
the value at which they are equal, and, for α, for the value from which on the activity runs away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np

TOLERANCE = 0.15
"""Largest deviation of the learned-odor rate from that of rand, relative (Methods)."""
RUNAWAY = 20.0
"""Activity has run away where the rate exceeds so many times that of rand: amid the leap of Fig. 2B."""
_CLOSE = 0.02
"""Relative deviation from the rate that is looked for below which nothing more is measured."""
SYMBOLS = MappingProxyType({"chi": "χ", "alpha": "α", "beta": "β", "gamma": "γ"})
"""Parameters that can be calibrated, and what the paper calls them."""


@dataclass(frozen=True)
class CalibrationPoint:
    """Networks with one value of the parameter, one per seed.

    Parameters
    ----------
    value : float
        Of the parameter.
    rates, reference : tuple of float
        Mean rate of E cells to learned odors, Hz, of every network and of rand with the same seed.
    achieved : float
        What the wiring has, mean over seeds: α, β and γ are means over members; equal to ``value`` for χ.
    """

    value: float
    rates: tuple[float, ...]
    reference: tuple[float, ...]
    achieved: float

    @property
    def ratio(self) -> float:
        """Mean rate over that of rand."""
        return float(np.mean(self.rates) / np.mean(self.reference))

    @property
    def keeps_rate(self) -> bool:
        """Whether the rate is that of rand by the criterion of the paper."""
        return abs(self.ratio - 1) <= TOLERANCE


@dataclass(frozen=True)
class CalibrationCurve:
    """Learned-odor rate against one parameter.

    Parameters
    ----------
    parameter : str
        One of ``SYMBOLS``.
    measurements : tuple of CalibrationPoint
        In increasing order of their values.
    """

    parameter: str
    measurements: tuple[CalibrationPoint, ...]

    @property
    def symbol(self) -> str:
        """What the paper calls the parameter."""
        return SYMBOLS[self.parameter]

    def joined(self, more: Sequence[CalibrationPoint]) -> "CalibrationCurve":
        """Return the curve with more measurements."""
        ordered = sorted((*self.measurements, *more), key=lambda measurement: measurement.value)
        return CalibrationCurve(self.parameter, tuple(ordered))

    @property
    def critical(self) -> float | None:
        """The value at which activity runs away; None if it does not."""
        return self.crossing(RUNAWAY)

    @property
    def keeping(self) -> tuple[float, ...]:
        """The measured values with which the rate is that of rand by the criterion of the paper."""
        return tuple(m.value for m in self.measurements if m.keeps_rate)

    @property
    def best(self) -> CalibrationPoint:
        """The measurement whose rate is nearest to that of rand."""
        return min(self.measurements, key=lambda measurement: abs(np.log(max(measurement.ratio, 1e-9))))

    def crossing(self, level: float = 1.0) -> float | None:
        """Value at which the rate, interpolated, first crosses ``level`` times that of rand; None if nowhere.

        Interpolated linearly in the logarithm of the ratio, which spans orders of magnitude where activity
        runs away.
        """
        bracket = self.bracket(level)
        if bracket is None:
            return None
        low, high = bracket
        logs = [np.log(max(m.ratio, 1e-9) / level) for m in (low, high)]
        share = 0.5 if logs[0] == logs[1] else logs[0] / (logs[0] - logs[1])
        return float(low.value + share * (high.value - low.value))

    def bracket(self, level: float = 1.0) -> tuple[CalibrationPoint, CalibrationPoint] | None:
        """Return the first neighbours between which the rate crosses ``level`` times that of rand."""
        for low, high in pairwise(self.measurements):
            if (low.ratio - level) * (high.ratio - level) <= 0 and low.ratio != high.ratio:
                return low, high
        return None

    def next_value(self) -> float | None:
        """Where to measure next; None if that is known well enough, or not between the measured values.

        For α that is where activity runs away, for all others where the rate is that of rand.
        """
        level = RUNAWAY if self.parameter == "alpha" else 1.0
        known = [measurement.value for measurement in self.measurements]
        crossing = self.crossing(level)
        if crossing is None or any(abs(m.ratio / level - 1) <= _CLOSE for m in self.measurements):
            return None
        nearest = min(known, key=lambda value: abs(value - crossing))
        return None if abs(nearest - crossing) <= _CLOSE * crossing / 4 else round(crossing, 4)
