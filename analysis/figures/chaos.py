"""Figures of experiments about chaos and stability: twins, trials and shuffled inhibition."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.lyapunov import Exponents
from eiassembly.analysis.experiments.shuffled import Shuffled
from eiassembly.analysis.experiments.trials import Trials
from eiassembly.analysis.experiments.twins import Twins
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.figure import Panel, Plate, panel
from eiassembly.analysis.measures.dynamics.reliability import BIN
from eiassembly.analysis.measures.dynamics.twin_courses import WIDTH
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.config.structures import in_order, place_of
from eiassembly.core.arrays import Floats

_GREY = "#999999"
_STABLE = "#F1F1F1"


def twin_plate(found: Sequence[Twins]) -> Plate:
    """Distances and correlations of twins, one pair of panels per condition."""
    panels = []
    for condition in dict.fromkeys(one.condition for one in found):
        same = [one for one in found if one.condition == condition]
        panels.append(_panel(condition, partial(draw_twin_distances, found=same)))
        if condition != "baseline":
            panels.append(_panel(condition, partial(draw_frozen, found=same)))
    caption = (
        "Twins with the same input, one of which has a changed spike at time 0. Left: fraction of E spikes "
        "that differ (bins of 10 ms, mean over 5); shaded: odor. Right: correlation of E patterns, 100 ms."
    )
    return Plate("Twins that differ in one spike", tuple(panels), caption)


def trial_plate(found: Sequence[Trials]) -> Plate:
    """Correlations between trials, one panel per kind of odor."""
    panels = []
    for condition in dict.fromkeys(one.condition for one in found):
        same = [one for one in found if one.condition == condition]
        panels.append(_panel(condition, partial(draw_resampled, found=same)))
    caption = "Correlation of E patterns, 100 ms, between trials with new spikes of the mitral cells."
    return Plate("Trials with new input spikes", tuple(panels), caption)


def shuffled_plate(found: Sequence[Shuffled]) -> Plate:
    """Rates of all odors with shuffled inhibition."""
    caption = (
        "Mean rate of E in the first 1.5 s of every odor (dots) while recorded inhibition is sent shuffled "
        "in place of the live one; line: 10 Hz, above which activity counts as runaway."
    )
    drawn = _panel("shuffled inhibition", partial(draw_shuffled, found=found), has_legend=False)
    return Plate("Shuffled inhibition", (drawn,), caption)


def _panel(title: str, draw_into: Callable[[Axes], None], has_legend: bool = True) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_into(ax)
        if has_legend:
            legend_below(ax)

    return panel(title, draw)


def draw_one_spike(ax: Axes, found: Sequence[Exponents]) -> None:
    """Distance to a copy with one spike more against time; baseline is thin."""
    for one in found:
        look, is_quiet = structure_look(one.structure), one.condition == "baseline"
        label = None if is_quiet else look.title
        width = 0.8 if is_quiet else 1.6
        ax.plot(one.times, one.course, look.line, color=look.color, linewidth=width, label=label)
    ax.set_yscale("log")
    ax.set_xlabel("time after one spike more (ms)")
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


def draw_resampled(ax: Axes, found: Sequence[Trials]) -> None:
    """Correlation between trials with new input spikes against the time from onset."""
    for one in found:
        look, times = structure_look(one.structure), one.patterns.times
        ax.plot(times, one.course, look.line, color=look.color, label=look.title)
    ax.axvline(0, color=_GREY, linewidth=0.8)
    ax.set_ylim(-0.02, 1.02)
    ax.set_xlabel("time from odor onset (ms)")
    ax.set_ylabel("correlation of trials")


def draw_by_structure(
    ax: Axes, values: Mapping[str, Sequence[float]], label: str, is_open: bool = False
) -> None:
    """Values of networks as dots, one column per structure, in the order of the table of structures."""
    columns = in_order(values)
    for x, structure in enumerate(columns):
        look, numbers = structure_look(structure), values[structure]
        offset = 0.15 if is_open else -0.15
        ax.plot(
            [x + offset] * len(numbers), numbers, "o", markersize=5.5, color=look.color,
            markerfacecolor="white" if is_open else look.color,
        )  # fmt: skip
    titles = [structure_look(structure).title for structure in columns]
    ax.set_xticks(range(len(columns)), titles, rotation=25, ha="right")
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylabel(label)


def draw_shuffled(ax: Axes, found: Sequence[Shuffled]) -> None:
    """Rates of all odors with shuffled inhibition, one column per structure and shuffle."""
    pairs = list(dict.fromkeys((one.structure, one.shuffle) for one in found))
    names = sorted(pairs, key=lambda pair: place_of(pair[0]))
    for one in found:
        look, x = structure_look(one.structure), names.index((one.structure, one.shuffle))
        spread = np.linspace(-0.25, 0.25, len(one.rates))
        ax.plot(x + spread, np.maximum(one.rates, 0.01), "o", markersize=2.5, color=look.color)
    ax.axhline(10, color=_GREY, linewidth=0.8)
    ax.set_yscale("log")
    ax.set_xticks(range(len(names)), [_named(*name) for name in names], rotation=25, ha="right")
    ax.set_ylabel("odor rate, E (Hz)")


def _named(structure: str, shuffle: str) -> str:
    look: Look = structure_look(structure)
    return f"{look.title}, {shuffle}"
