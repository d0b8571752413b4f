"""Figures of added memories: before and after, structures of the same network side by side (Fig. 6)."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.added import MEASURES, AddedResult
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.figure import Panel, ReportFigure, panel

Results = Sequence[AddedResult]

_SHOWN = (
    ("rate", "{}, stored"),
    ("correlation", "{}"),
    ("mahalanobis", "{}, stored to unstored"),
    ("mahalanobis", "{}, unstored to stored"),
)
_MOMENTS = ("before", "after")


def added_figures(results: Results) -> list[ReportFigure]:
    """Draw one figure per network."""
    networks = dict.fromkeys(result.network for result in results)
    return [_figure([r for r in results if r.network == network]) for network in networks]


def _figure(results: Results) -> ReportFigure:
    panels = tuple(_panel(results, quantity, condition) for quantity, condition in _SHOWN)
    caption = (
        "Before and after two related odors are stored in addition: rate of E to these odors, correlation of "
        "their mean patterns, d_M from their classes to the classes that are not stored, and back."
    )
    return ReportFigure(f"Two more, overlapping memories: {results[0].network}", panels, caption)


def _panel(results: Results, quantity: str, condition: str) -> Panel:
    title = condition.format("").strip(", ")

    def drawn(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        _draw(ax, results, quantity, condition)
        legend_below(ax)

    return panel(f"{MEASURES[quantity].title}, {title}".strip(", "), drawn, height=3.2)


def _draw(ax: Axes, results: Results, quantity: str, condition: str) -> None:
    for result in results:
        values = [result.values.get((quantity, condition.format(m)), float("nan")) for m in _MOMENTS]
        ax.plot(
            [0, 1], values, result.look.line, marker="o", color=result.look.color, label=result.look.title
        )
    ax.set_xticks([0, 1], _MOMENTS)
    ax.set_xlim(-0.3, 1.3)
    shown = MEASURES[quantity]
    ax.set_ylabel(f"{shown.title.split(' from')[0]}{shown.unit_text}")
