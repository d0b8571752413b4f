"""Twins that differ in one spike."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from eiassembly.analysis.experiments.twins import Twins
from eiassembly.analysis.figures.figure import ReportFigure, titled_panel
from eiassembly.analysis.measures.dynamics.reliability import BIN
from eiassembly.analysis.measures.dynamics.twin_courses import WIDTH
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.core.arrays import Floats

_STABLE = "#F1F1F1"


def twin_figure(found: Sequence[Twins]) -> ReportFigure:
    """Distances and correlations of twins, one pair of panels per condition."""
    panels = []
    for condition in dict.fromkeys(one.condition for one in found):
        same = [one for one in found if one.condition == condition]
        panels.append(titled_panel(condition, partial(draw_twin_distances, found=same)))
        if condition != "baseline":
            panels.append(titled_panel(condition, partial(draw_frozen, found=same)))
    caption = (
        "Twins with the same input, one of which has a changed spike at time 0. Left: fraction of E spikes "
        "that differ (bins of 10 ms, mean over 5); shaded: odor. Right: correlation of E patterns, 100 ms."
    )
    return ReportFigure("Twins that differ in one spike", tuple(panels), caption)


def draw_twin_distances(ax: Axes, found: Sequence[Twins]) -> None:
    """Fraction of spikes that differ after one changed spike, up to after the odor, which is shaded."""
    for one in found:
        look, times = structure_look(one.structure), one.courses.times(WIDTH)
        ax.axvspan(0, one.courses.after, color=_STABLE, linewidth=0, zorder=0)
        distance = _smooth(one.courses.distances["all"])
        ax.plot(times, distance, look.line, color=look.color, linewidth=1.1, label=look.title)
    ax.set_ylim(0, 1)
    ax.set_xlim(left=0)
    ax.set_xlabel("time after one changed spike (ms)")
    ax.set_ylabel("E spikes that differ")


def _smooth(values: Floats) -> Floats:
    """Mean over five bins of what is defined."""
    padded = np.pad(values, 2, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 5)
    defined = ~np.isnan(windows)
    number = defined.sum(axis=1)
    total = np.where(defined, windows, 0.0).sum(axis=1)
    return np.asarray(np.divide(total, number, out=np.full(len(values), np.nan), where=number > 0))


def draw_frozen(ax: Axes, found: Sequence[Twins]) -> None:
    """Correlation of twins with frozen input against the time after the changed spike."""
    for one in found:
        look, times = structure_look(one.structure), one.courses.times(BIN)
        shown = times < one.courses.after
        ax.plot(times[shown], one.courses.correlations[shown], look.line, color=look.color, label=look.title)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("time after one changed spike (ms)")
    ax.set_ylabel("correlation of twins")
