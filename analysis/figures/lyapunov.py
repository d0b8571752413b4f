"""Growth of small differences."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from eiassembly.analysis.experiments.lyapunov import Exponents
from eiassembly.analysis.runs.labels import structure_look

_GREY = "#999999"


def draw_one_spike(ax: Axes, found: Sequence[Exponents]) -> None:
    """Distance to a copy with an added spike against time; baseline is thin."""
    for one in found:
        look, is_quiet = structure_look(one.structure), one.condition == "baseline"
        label = None if is_quiet else look.title
        width = 0.8 if is_quiet else 1.6
        ax.plot(one.times, one.course, look.line, color=look.color, linewidth=width, label=label)
    ax.set_yscale("log")
    ax.set_xlabel("time after an added spike (ms)")
    ax.set_ylabel("rms difference (mV)")


def draw_exponents(ax: Axes, found: Sequence[Exponents]) -> None:
    """Growth rate against the size of the difference, with standard errors."""
    ax.axhline(0, color=_GREY, linewidth=0.8)
    for one in found:
        look = structure_look(one.structure)
        errors = [exponent.error for exponent in one.exponents]
        ax.errorbar(
            one.sizes, one.values, errors, fmt=look.line, marker="o", markersize=3.5, color=look.color,
            label=look.title,
        )  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlabel("size of the difference (mV)")
    ax.set_ylabel("growth rate (1/s)")
