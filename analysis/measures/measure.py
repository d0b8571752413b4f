"""What a measure is called, and what the paper says about it."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """What an observable is, and where the paper says it should lie.

    Parameters
    ----------
    title, unit : str
        As in tables and on axes.
    source : str
        Figure or section of the paper.
    low, high : float
        Range of the paper; infinite where it gives no bound.
    only : str
        Structure for which the paper states the range; empty for all.
    """

    title: str
    unit: str
    source: str
    low: float = -math.inf
    high: float = math.inf
    only: str = ""

    @property
    def has_range(self) -> bool:
        """Whether the paper gives a range."""
        return math.isfinite(self.low) or math.isfinite(self.high)

    @property
    def unit_text(self) -> str:
        """The unit in brackets after a space, for labels; empty for pure numbers."""
        return "" if self.unit == "1" else f" ({self.unit})"

    @property
    def range_text(self) -> str:
        """The range in words, e.g. ``0.03 to 0.16``; empty if there is none."""
        if not self.has_range:
            return ""
        low_text = "" if math.isinf(self.low) else f"{self.low:g}".replace("-", "−")
        text = f"{low_text} to {self.high:g}" if low_text else f"below {self.high:g}"
        return f"{text} ({self.only})" if self.only else text

    def verdict(self, value: float, structure: str) -> str:
        """``in range``, ``below``, ``above``, ``undefined``, or empty where the paper states no range."""
        if math.isnan(value):
            return "undefined"
        if not self.has_range or (self.only and structure != self.only):
            return ""
        if value > self.high or (math.isinf(self.low) and value == self.high):
            return "above"
        return "below" if value < self.low else "in range"
