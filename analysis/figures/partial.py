"""Figures of partial stimulation: what the rest of an assembly does (Fig. 3 s1)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.partial import GROUPS, PartialResult
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.figure import ReportFigure, panel

Results = Sequence[PartialResult]


def partial_figures(results: Results) -> list[ReportFigure]:
    """Draw one figure per network."""
    networks = dict.fromkeys(result.network for result in results)
    return [_figure([r for r in results if r.network == network]) for network in networks]


def _figure(results: Results) -> ReportFigure:
    def drawn(figure: Figure) -> None:
        ax = figure.subplots()
        draw_changes(ax, results)
        legend_below(ax)

    caption = (
        "Rate of E cells during a current into a part of an assembly, minus that in as much time before it: "
        "members with current, the rest of the assembly, all other cells. Dots: assemblies; bars: their mean."
    )
    panels = (panel("Change of the rate by the current", drawn, width=5.0, height=3.2),)
    return ReportFigure(f"Partial reactivation: {results[0].network}", panels, caption, 1)


def draw_changes(ax: Axes, results: Results) -> None:
    """Change of the rate by group on an axis that is linear around 0 and logarithmic beyond 1 Hz."""
    for place, result in enumerate(results):
        shift = 0.6 * ((place + 0.5) / len(results) - 0.5)
        for column in range(len(GROUPS)):
            values = result.changes[:, column]
            xs = np.full(len(values), column + shift)
            label = result.look.title if column == 0 else None
            ax.plot(xs, values, "o", color=result.look.color, markersize=4, label=label)
            ax.plot(column + shift, values.mean(), "_", color=result.look.color, markersize=14)
    ax.axhline(0, color="#999999", linewidth=0.8)
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_xticks(range(len(GROUPS)), GROUPS)
    ax.set_ylabel("change of the rate (Hz)")
