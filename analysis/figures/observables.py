"""Every observable of all runs against the range of the paper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.figure import Panel, ReportFigure, look_of, panel
from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.measures.observables import GROUP
from eiassembly.analysis.runs.labels import Look

_RANGE = "#DDEEDD"


@dataclass(frozen=True)
class Point:
    """Value of an observable of one run: filled for learned odors, open for the others."""

    look: Look
    kind: str
    value: float


def draw_observable(ax: Axes, measure: Measure, points: Sequence[Point]) -> None:
    """One observable of all runs against the range of the paper (green)."""
    if measure.has_range:
        low, high = (bound if np.isfinite(bound) else 0.0 for bound in (measure.low, measure.high))
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
    ax.set_title(f"{measure.title}{measure.unit_text}", loc="left", fontsize=9.5)


def observed(results: Sequence[RunResult]) -> ReportFigure:
    """Every observable of all runs against the range of the paper (Fig. 1F–H, Fig. 2F–I)."""
    panels = tuple(
        _observable_panel(results, measure)
        for measure in catalogue.of_group(GROUP)
        if any(not np.isnan(result.value(measure, kind)) for result in results for kind in result.observables)
    )
    caption = (
        "Filled: learned odors; open: others. Green: the range of the paper; that of the odor rate "
        "is stated for "
        "rand only."
    )
    return ReportFigure("Observables against the ranges of the paper", panels, caption)


def _observable_panel(results: Sequence[RunResult], measure: Measure) -> Panel:
    points = [
        Point(look_of(result), kind, result.value(measure, kind))
        for result in results
        for kind in result.observables
    ]

    def draw(figure: Figure) -> None:
        draw_observable(figure.subplots(), measure, points)

    return panel(f"{measure.title} of all runs", draw, width=3.3, height=2.4)
