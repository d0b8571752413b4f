"""Draw memories into axes; nothing is computed here."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from eiassembly.analysis.memory_amplification import Amplification
from eiassembly.analysis.memory_capacity import TOLERANCE
from eiassembly.analysis.memory_completion import CompletionCurve
from eiassembly.analysis.style import Look

Floats = NDArray[np.float64]


def draw_activity_overlaps(
    ax: Axes, overlaps: Floats, blocks: Sequence[tuple[str, int]], limit: float
) -> None:
    """Overlap of every odour (row) with every memory (column) on a common colour scale."""
    image = ax.imshow(
        overlaps, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest", aspect="auto"
    )
    edges = np.cumsum([0, *(size for _, size in blocks)]) - 0.5
    for edge in edges[1:-1]:
        ax.axhline(edge, color="black", linewidth=0.8)
    ax.set_yticks((edges[:-1] + edges[1:]) / 2, [f"{n} odors" for n, _ in blocks], rotation=90, va="center")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.tick_params(length=0)
    ax.set_facecolor("#BBBBBB")
    ax.set_xlabel("memory")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="overlap (Hz)", extend="both")


def draw_amplification(ax: Axes, runs: Sequence[tuple[Look, Amplification]]) -> None:
    """Rates relative to rand on a logarithmic axis: filled inside the assembly, open outside."""
    ax.axhline(1, color="#333333", linewidth=0.8, linestyle=":")
    for place, (look, ratio) in enumerate(runs):
        for offset, value, face in ((-0.12, ratio.inside, look.color), (0.12, ratio.outside, "white")):
            ax.plot(
                place + offset, value, "o", color=look.color, markerfacecolor=face, markersize=6.5,
                markeredgewidth=1.4,
            )  # fmt: skip
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 0.5), max(high, 2.0))
    ticks = [t for t in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if low * 0.99 <= t <= max(high, 2.0)]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xticks(range(len(runs)), [look.title for look, _ in runs], rotation=20, ha="right")
    ax.set_xlim(-0.6, len(runs) - 0.4)
    ax.set_ylabel("rate / rate in rand")


def draw_completion(ax: Axes, curves: Sequence[tuple[Look, CompletionCurve]]) -> None:
    """Output against input correlation along a morph (Fig. 3B); above the diagonal patterns are completed."""
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for look, curve in curves:
        ax.plot(
            curve.inputs,
            curve.outputs,
            look.line,
            marker="o",
            markersize=3.5,
            color=look.color,
            label=look.title,
        )
    ax.set_xlabel("correlation of the input\nwith the learned odor")
    ax.set_ylabel("correlation of the output")
    ax.set_aspect("equal")


def draw_capacity(ax: Axes, curves: Sequence[tuple[Look, Floats, Floats]]) -> None:
    """Rate relative to the reference against the number of memories; the tolerated range is shaded."""
    ax.axhspan(1 - TOLERANCE, 1 + TOLERANCE, color="#DDEEDD", linewidth=0, zorder=0)
    for look, numbers, ratios in curves:
        ax.plot(numbers, ratios, look.line, marker="o", markersize=4, color=look.color, label=look.title)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_xlabel("stored memories")
    ax.set_ylabel("rate / reference")
