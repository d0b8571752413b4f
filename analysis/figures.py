"""Draw results into axes; nothing is computed here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from eiassembly.analysis.activity import AFTER_ONSET, BEFORE_ONSET, Currents, Raster
from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.style import Look, population_look

Floats = NDArray[np.float64]

_SHADE = "#F1F1F1"
_RANGE = "#DDEEDD"


@dataclass(frozen=True)
class Point:
    """Value of an observable of one run: filled for learned odours, open for the others."""

    look: Look
    kind: str
    value: float


def draw_raster(ax: Axes, raster: Raster) -> None:
    """Spikes as dots, populations stacked, members of the assembly apart at the top of E."""
    _odor_axis(ax, raster.presentation.offset - raster.presentation.onset)
    top, ticks = 0, {}
    for name, n_rows in raster.n_rows.items():
        look = population_look(name)
        segments = np.stack([raster.times[name], top + raster.rows[name]], axis=1)
        ax.add_collection(
            LineCollection(
                [[(t, row - 0.2), (t, row + 1.2)] for t, row in segments],
                colors=look.color, linewidths=0.9, rasterized=True,
            )
        )  # fmt: skip
        ticks[top + n_rows / 2] = look.title
        top += n_rows + 12
        if name == "E" and raster.n_members:
            _bracket(ax, top - n_rows - 12, raster.n_members)
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(top - 10, -4)
    ax.spines["left"].set_visible(False)
    ax.set_ylabel("cells")


def _bracket(ax: Axes, first: int, n_rows: int) -> None:
    ax.plot([AFTER_ONSET + 40] * 2, [first, first + n_rows], color="black", linewidth=2, clip_on=False)
    ax.annotate(
        "assembly", (AFTER_ONSET + 70, first + n_rows / 2), rotation=-90, va="center", ha="left",
        annotation_clip=False, fontsize=8,
    )  # fmt: skip


def legend_below(ax: Axes) -> None:
    """Name the lines below the axes, where they hide nothing."""
    handles, labels = ax.get_legend_handles_labels()
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.legend(
            handles, labels, loc="outside lower center", ncols=min(4, len(labels)), columnspacing=1.0,
            handlelength=1.3, handletextpad=0.5,
        )  # fmt: skip


def _odor_axis(ax: Axes, length: float) -> None:
    ax.axvspan(0, length, color=_SHADE, linewidth=0, zorder=0)
    ax.set_xlim(-BEFORE_ONSET, AFTER_ONSET)
    ax.set_xlabel("time from odor onset (ms)")


def draw_time_courses(
    ax: Axes, times: Floats, courses: Sequence[tuple[Look, Floats]], length: float, ylabel: str
) -> None:
    """Rates over time, one line per run; the odour is shaded."""
    _odor_axis(ax, length)
    for look, rates in courses:
        ax.plot(times, rates, look.line, color=look.color, label=look.title)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(ylabel)


def draw_currents(
    ax: Axes, times: Floats, parts: Mapping[str, Floats], length: float, holding: float
) -> None:
    """Excitatory, inhibitory and net current over time."""
    _odor_axis(ax, length)
    ax.axhline(0, color="#999999", linewidth=0.6)
    for name, look in (("excitatory", population_look("E")), ("inhibitory", population_look("I"))):
        if name in parts:
            ax.plot(times, parts[name], color=look.color, linewidth=0.9, label=name)
    ax.plot(times, parts["net"], color="black", linewidth=0.9, label="net")
    ax.set_ylabel(f"current at {holding:.0f} mV (pA)".replace("-", "−"))


def draw_cell_and_mean(axes: Sequence[Axes], currents: Currents, length: float) -> None:
    """Currents of the example cell above those of the mean cell."""
    titles = (f"cell {currents.cell}", "mean over E cells")
    for ax, parts, title in zip(axes, (currents.of_cell, currents.of_mean), titles, strict=True):
        draw_currents(ax, currents.times, parts, length, currents.holding)
        ax.text(0.01, 0.98, title, transform=ax.transAxes, va="top", fontsize=8.5)
    axes[0].set_xlabel("")
    axes[0].tick_params(labelbottom=False)


def draw_exceedance(ax: Axes, curves: Sequence[tuple[Look, Floats, Floats]]) -> None:
    """Fraction of cells that fire at least so fast, on a logarithmic axis."""
    for look, rates, fraction in curves:
        ax.step(rates, fraction, look.line, where="pre", color=look.color, label=look.title)
    ax.set_yscale("log")
    ax.set_xlim(left=0)
    ax.set_ylim(top=1.2)
    ax.set_xlabel("rate during the odor (Hz)")
    ax.set_ylabel("fraction of E cells × odors\nat least as fast")


def draw_correlations(ax: Axes, matrix: Floats, blocks: Sequence[tuple[str, int]], limit: float) -> None:
    """Correlation matrix with a common colour scale; blocks of odours of one kind are named and ruled off."""
    image = ax.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    edges = np.cumsum([0, *(size for _, size in blocks)]) - 0.5
    for edge in edges[1:-1]:
        ax.axhline(edge, color="black", linewidth=0.8)
        ax.axvline(edge, color="black", linewidth=0.8)
    centers = (edges[:-1] + edges[1:]) / 2
    ax.set_xticks(centers, [f"{name} odors" for name, _ in blocks])
    ax.set_yticks(centers, [f"{name} odors" for name, _ in blocks], rotation=90, va="center")
    ax.tick_params(length=0)
    ax.set_facecolor("#BBBBBB")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="Pearson correlation", extend="both")


def draw_balance(
    ax: Axes, look: Look, g_exc: Floats, g_inh: Floats, slope: float, limits: tuple[float, float]
) -> None:
    """Conductance pairs of all cells and odours, and the axis of balance."""
    ax.plot(
        g_exc, g_inh, ".", markersize=1.6, alpha=0.25, color=look.color, markeredgewidth=0, rasterized=True
    )
    end = min(limits[0], limits[1] / slope) if slope > 0 else limits[0]
    ax.plot([0, end], [0, slope * end], color="black", linewidth=1)
    ax.set_xlim(0, limits[0])
    ax.set_ylim(0, limits[1])
    ax.set_xlabel("excitatory conductance (nS)")
    ax.set_ylabel("inhibitory conductance (nS)")


def draw_observable(ax: Axes, quantity: Quantity, points: Sequence[Point]) -> None:
    """One observable of all runs against the range of the paper (green)."""
    if quantity.has_range:
        low, high = (bound if np.isfinite(bound) else 0.0 for bound in (quantity.low, quantity.high))
        ax.axhspan(low, high, color=_RANGE, linewidth=0, zorder=0)
    names = list(dict.fromkeys(point.look.title for point in points))
    for point in points:
        offset, face = (-0.12, point.look.color) if point.kind == "learned" else (0.12, "white")
        ax.plot(
            names.index(point.look.title) + offset, point.value, "o", color=point.look.color,
            markerfacecolor=face, markersize=6.5, markeredgewidth=1.4,
        )  # fmt: skip
    is_crowded = len(names) > 3
    ax.set_xticks(range(len(names)), names, rotation=25 * is_crowded, ha="right" if is_crowded else "center")
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.margins(y=0.15)
    unit = "" if quantity.unit == "1" else f" ({quantity.unit})"
    ax.set_title(f"{quantity.title}{unit}", loc="left", fontsize=9.5)
