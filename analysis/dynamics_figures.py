"""Draw dynamics into axes; nothing is computed here."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from eiassembly.analysis.dynamics_views import Curve, Spread

Floats = NDArray[np.float64]

_SHADE = "#F1F1F1"


def draw_time_correlations(ax: Axes, times: Floats, matrix: Floats, length: float, limit: float) -> None:
    """Correlation matrix of patterns over time; lines at onset and offset of the odour."""
    half = (times[1] - times[0]) / 2
    ends = (times[0] - half, times[-1] + half)
    image = ax.imshow(
        matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, extent=(*ends, *ends), origin="lower",
        interpolation="nearest",
    )  # fmt: skip
    for edge in (0, length):
        ax.axhline(edge, color="black", linewidth=0.6)
        ax.axvline(edge, color="black", linewidth=0.6)
    ax.set_xlabel("time from odor onset (ms)")
    ax.set_ylabel("time from odor onset (ms)")
    ticks = np.arange(0, ends[1] + 1, 1000)
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    ax.set_facecolor("#BBBBBB")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="correlation", extend="both")


def draw_lagged(ax: Axes, curves: Sequence[Curve]) -> None:
    """Correlation of patterns against the time between them, one line per run."""
    ax.axhline(0, color="#999999", linewidth=0.6)
    _draw_lines(ax, curves)
    ax.set_xlim(left=0)
    ax.set_ylim(-0.05, 1)
    ax.set_xlabel("time between patterns (ms)")
    ax.set_ylabel("Pearson correlation")


def draw_after_offset(ax: Axes, curves: Sequence[Curve]) -> None:
    """Rates around the end of the odour, which is shaded, relative to those before it."""
    ax.axvspan(min(c.x[0] for c in curves), 0, color=_SHADE, linewidth=0, zorder=0)
    _draw_lines(ax, curves)
    ax.set_xlim(curves[0].x[0], curves[0].x[-1])
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time from odor offset (ms)")
    ax.set_ylabel("rate / rate during the odor")


def draw_growth(ax: Axes, curves: Sequence[Curve], label: str) -> None:
    """Distance of twins on a logarithmic axis against the time [ms] since they were made to differ."""
    _draw_lines(ax, curves)
    ax.set_yscale("log")
    ax.set_xlabel("time from perturbation (ms)")
    ax.set_ylabel(label)


def _draw_lines(ax: Axes, curves: Sequence[Curve]) -> None:
    for curve in curves:
        ax.plot(curve.x, curve.y, curve.look.line, color=curve.look.color, label=curve.look.title)


def draw_spreads(ax: Axes, spreads: Sequence[Spread], label: str) -> None:
    """Mean (dot) and quartiles (line) of every run, members filled; the grey line is Poisson's 1."""
    ax.axhline(1, color="#999999", linewidth=0.8)
    names = list(dict.fromkeys(spread.look.title for spread in spreads))
    for spread in spreads:
        is_member = spread.group == "members"
        x = names.index(spread.look.title) + (-0.14 if is_member else 0.14)
        ax.plot([x, x], [spread.low, spread.high], color=spread.look.color, linewidth=1.4)
        ax.plot(
            x, spread.mean, "o", color=spread.look.color, markersize=6.5, markeredgewidth=1.4,
            markerfacecolor=spread.look.color if is_member else "white",
        )  # fmt: skip
    is_crowded = len(names) > 3
    ax.set_xticks(range(len(names)), names, rotation=25 * is_crowded, ha="right" if is_crowded else "center")
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_ylim(0, 1.08 * max(1.0, *(spread.high for spread in spreads)))
    ax.set_ylabel(label)


def draw_side_by_side(
    axes: Sequence[Axes], irregularity: Sequence[Spread], lagged: Sequence[Curve], ended: Sequence[Curve]
) -> None:
    """Structures side by side: regularity of spikes, how long a pattern lasts, what outlasts the odour."""
    draw_spreads(axes[0], irregularity, "CV of intervals")
    draw_lagged(axes[1], lagged)
    draw_after_offset(axes[2], ended)
    titles = ("variability of spikes", "patterns during an odor", "assembly after the odor")
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, loc="left")
