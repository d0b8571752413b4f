"""Trials with new input spikes."""

from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes

from eiassembly.analysis.experiments.trials import Trials
from eiassembly.analysis.figures.figure import ReportFigure, titled_panel
from eiassembly.analysis.runs.labels import structure_look

_GREY = "#999999"


def trial_figure(found: Sequence[Trials]) -> ReportFigure:
    """Correlations between trials, one panel per kind of odor."""
    panels = []
    for condition in dict.fromkeys(one.condition for one in found):
        same = [one for one in found if one.condition == condition]
        panels.append(titled_panel(condition, partial(draw_resampled, found=same)))
    caption = "Correlation of E patterns, 100 ms, between trials with new spikes of the mitral cells."
    return ReportFigure("Trials with new input spikes", tuple(panels), caption)


def draw_resampled(ax: Axes, found: Sequence[Trials]) -> None:
    """Correlation between trials with new input spikes against the time from onset."""
    for one in found:
        look, times = structure_look(one.structure), one.patterns.times
        ax.plot(times, one.course, look.line, color=look.color, label=look.title)
    ax.axvline(0, color=_GREY, linewidth=0.8)
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlabel("time from odor onset (ms)")
    ax.set_ylabel("correlation of trials")
