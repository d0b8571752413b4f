"""The distribution of rates over cells and odors."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.figure import Panel, ReportFigure, look_of, panel
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats
from eiassembly.core.text import number


def distributions(results: Sequence[RunResult]) -> ReportFigure:
    """Distribution of rates over cells and odors."""
    panels = []
    for kind in kinds_of(results):
        shown = [result for result in results if kind in result.observables]
        curves = [(look_of(r), *exceedance(r.responses.of_kind(kind).rates)) for r in shown]
        panels.append(_distribution_panel(kind, curves))
    caption = (
        "Fraction of pairs of E cell and odor whose rate during the first 1.5 s of the odor is at least the "
        "value on the axis. " + _silent_sentence(results)
    )
    return ReportFigure("Distribution of firing rates", tuple(panels), caption, columns=3)


def _distribution_panel(kind: str, curves: Sequence[tuple[Look, Floats, Floats]]) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(f"{kind} odors", loc="left")
        draw_exceedance(ax, curves)
        legend_below(ax)

    return panel(f"Distribution of rates, {kind} odors", draw)


def _silent_sentence(results: Sequence[RunResult]) -> str:
    parts = [
        f"{look_of(result).title} {100 * np.mean(result.responses.rates == 0):.0f} %, up to "
        f"{number(float(result.responses.rates.max()))} Hz"
        for result in results
    ]
    return f"Silent pairs and highest rate: {'; '.join(parts)}."


def exceedance(rates: Floats) -> tuple[Floats, Floats]:
    """Distinct rates [Hz] and the fraction of values that are at least as large."""
    values, counts = np.unique(rates, return_counts=True)
    return values, np.cumsum(counts[::-1])[::-1] / rates.size


def draw_exceedance(ax: Axes, curves: Sequence[tuple[Look, Floats, Floats]]) -> None:
    """Fraction of cells that fire at least so fast, on a logarithmic axis."""
    for look, rates, fraction in curves:
        ax.step(rates, fraction, look.line, where="pre", color=look.color, label=look.title)
    ax.set_yscale("log")
    ax.set_xlim(left=0)
    ax.set_ylim(top=1.2)
    ax.set_xlabel("rate during the odor (Hz)")
    ax.set_ylabel("fraction of E cells × odors\nat least as fast")
