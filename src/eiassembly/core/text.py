"""Numbers as people read them, and JSON."""

import math
from collections.abc import Sequence

import numpy as np


def number(value: float) -> str:
    """Three significant digits, a true minus sign; thousands are set off by a comma."""
    if abs(value) >= 999.5:
        return f"{float(f'{value:.3g}'):,.0f}".replace("-", "−")
    return f"{value:#.3g}".rstrip(".").replace("-", "−")


def mean_and_spread(values: Sequence[float]) -> str:
    """Mean ± standard deviation (n − 1), with as many decimals as that needs; of one value, the value."""
    if len(values) < 2:
        return number(values[0])
    mean, deviation = float(np.mean(values)), float(np.std(values, ddof=1))
    if not (math.isfinite(deviation) and deviation > 0):
        return f"{number(mean)} ± 0"
    decimals = min(6, max(0, 1 - math.floor(math.log10(deviation))))
    return f"{mean:,.{decimals}f} ± {deviation:,.{decimals}f}".replace("-", "−")


def finite_or_none(value: float) -> float | None:
    """Return the number, or None (null) for NaN and infinity, which JSON has not."""
    return value if math.isfinite(value) else None
