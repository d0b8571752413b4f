"""Rates with shuffled inhibition."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from eiassembly.analysis.experiments.shuffled import Shuffled
from eiassembly.analysis.figures.figure import ReportFigure, titled_panel
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.config.structures import place_of

_GREY = "#999999"


def shuffled_figure(found: Sequence[Shuffled]) -> ReportFigure:
    """Rates of all odors with shuffled inhibition."""
    caption = (
        "Mean rate of E in the first 1.5 s of every odor (dots) while recorded inhibition is transmitted "
        "shuffled in place of the live one; line: 10 Hz, above which activity counts as runaway."
    )
    drawn = titled_panel("shuffled inhibition", partial(draw_shuffled, found=found), has_legend=False)
    return ReportFigure("Shuffled inhibition", (drawn,), caption)


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
