"""How long patterns last, and assemblies outlast their odor (Fig. 2E)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.axes import kind_with_assemblies, legend_below
from eiassembly.analysis.figures.figure import Panel, ReportFigure, listed_dynamics, look_of, panel
from eiassembly.analysis.measures.dynamics.reliability import BIN, lagged_correlations
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats

_SHADE = "#F1F1F1"
FEWEST_PAIRS = 5
"""Distances in time that fewer pairs of bins have are not shown."""


def persistence(results: Sequence[RunResult]) -> ReportFigure:
    """How long patterns last, and assemblies outlast their odor (Fig. 2E)."""
    panels = []
    for kind in kinds_of(results):
        curves = lagged(results, kind)
        if curves:
            panels.append(_curve_panel(f"patterns, {kind} odors", draw_lagged, curves))
    kind = kind_with_assemblies(results)
    ended = after_offset(results, kind, "members")
    if ended:
        panels.append(_curve_panel(f"assembly, {kind} odors", draw_after_offset, ended))
    caption = (
        "Patterns: correlation of the patterns of E in bins of 100 ms against the time between them, during "
        "the first 1.5 s. Assembly: mean rate of the members of the odor's assembly around its end, relative "
        "to the last 500 ms of the odor (shaded). Rate 0.5 to 1 s after the odor relative to that: "
        f"{listed_dynamics(results, 'persistence', [kind])}; time constant of the decay in ms: "
        f"{listed_dynamics(results, 'decay_time', [kind])}. The paper finds that activity outlasts odors in "
        "Scaled I only."
    )
    return ReportFigure("Persistence", tuple(panels), caption, columns=3)


@dataclass(frozen=True, eq=False)
class LabelledCurve:
    """A line of a run: x and y, shape (n_points,)."""

    look: Look
    x: Floats
    y: Floats


def _curve_panel(
    title: str, draw_curves: Callable[[Axes, Sequence[LabelledCurve]], None], curves: Sequence[LabelledCurve]
) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_curves(ax, curves)
        legend_below(ax)

    return panel(f"Persistence: {title}", draw)


def draw_lagged(ax: Axes, curves: Sequence[LabelledCurve]) -> None:
    """Correlation of patterns against the time between them, one line per run."""
    ax.axhline(0, color="#999999", linewidth=0.6)
    _draw_lines(ax, curves)
    ax.set_xlim(left=0)
    ax.set_ylim(-0.05, 1)
    ax.set_xlabel("time between patterns (ms)")
    ax.set_ylabel("Pearson correlation")


def draw_after_offset(ax: Axes, curves: Sequence[LabelledCurve]) -> None:
    """Rates around the end of the odor, which is shaded, relative to those before it."""
    ax.axvspan(min(c.x[0] for c in curves), 0, color=_SHADE, linewidth=0, zorder=0)
    _draw_lines(ax, curves)
    ax.set_xlim(curves[0].x[0], curves[0].x[-1])
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time from odor offset (ms)")
    ax.set_ylabel("rate / rate during the odor")


def _draw_lines(ax: Axes, curves: Sequence[LabelledCurve]) -> None:
    for curve in curves:
        ax.plot(curve.x, curve.y, curve.look.line, color=curve.look.color, label=curve.look.title)


def lagged(results: Sequence[RunResult], kind: str) -> tuple[LabelledCurve, ...]:
    """Correlation of patterns against their distance in time [ms], during the first 1.5 s of an odor.

    The longest distances, between the first moments and the last, are left out.
    """
    curves = []
    for result in results:
        if kind in result.dynamics:
            patterns = result.dynamics[kind].patterns
            found = lagged_correlations(patterns.during(patterns.within))
            shown = np.arange(1, len(found) - FEWEST_PAIRS + 1)
            curves.append(LabelledCurve(look_of(result), np.asarray(BIN * shown), found[shown]))
    return tuple(curve for curve in curves if not np.isnan(curve.y).all())


def after_offset(results: Sequence[RunResult], kind: str, group: str) -> tuple[LabelledCurve, ...]:
    """Rates [Hz] around the offset [ms] relative to those in the last 500 ms of the odor."""
    curves = []
    for result in results:
        if kind in result.dynamics:
            offsets = result.dynamics[kind].offsets
            times, rates = _coarser(offsets.times), _coarser(offsets.rates[group])
            during = rates[times < 0].mean()
            if during > 0:
                curves.append(LabelledCurve(look_of(result), times, rates / during))
    return tuple(curves)


def _coarser(values: Floats) -> Floats:
    """Means over bins five times as long."""
    return np.asarray(values.reshape(-1, 5).mean(axis=1))
