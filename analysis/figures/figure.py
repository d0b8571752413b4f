"""Pictures in a report: how one is drawn and embedded, and what a figure made of several is."""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.text import number

WIDTH, HEIGHT = 3.6, 2.8
_DPI = 220


@dataclass(frozen=True)
class Panel:
    """One picture: a data URI and what it shows in words."""

    image: str
    text: str


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the report: up to ``columns`` panels side by side, fewer on a narrow screen."""

    title: str
    panels: tuple[Panel, ...]
    caption: str
    columns: int = 4


def panel(text: str, draw: Callable[[Figure], None], width: float = WIDTH, height: float = HEIGHT) -> Panel:
    """Draw into a new figure and embed it as SVG (dots of rasters and scatters as pixels inside)."""
    with figure_style():
        figure = Figure(figsize=(width, height))
        draw(figure)
        target = io.BytesIO()
        figure.savefig(target, format="svg", dpi=_DPI, metadata={"Date": None, "Creator": None})
    return Panel("data:image/svg+xml;base64," + base64.b64encode(target.getvalue()).decode(), text)


def panel_with_legend(text: str, draw: Callable[[Axes], None]) -> Panel:
    """Draw into the axes of a new figure, with the names of the lines below; see `panel`."""

    def drawn(figure: Figure) -> None:
        ax = figure.subplots()
        draw(ax)
        legend_below(ax)

    return panel(text, drawn, height=3.2)


def titled_panel(title: str, draw_into: Callable[[Axes], None], has_legend: bool = True) -> Panel:
    """Draw into axes with a title, and below them the names of the lines."""

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_into(ax)
        if has_legend:
            legend_below(ax)

    return panel(title, draw)


def look_of(result: RunResult) -> Look:
    """Return the look of the run, see `look_of_run`."""
    return look_of_run(result.run)


def look_of_run(run: Recording) -> Look:
    """Return the colour of a run by its structure, and its label where that is not just the structure."""
    look = structure_look(run.structure, run.label)
    return look if run.label == run.structure else look._replace(title=run.label)


def listed(results: Sequence[RunResult], name: str, kinds: Sequence[str] = ()) -> str:
    """List an observable of all runs: ``rand 0.03 (learned), 0.05 (novel); …``; one kind without its name."""
    return _listed(results, [result.observables for result in results], name, kinds)


def listed_dynamics(results: Sequence[RunResult], name: str, kinds: Sequence[str] = ()) -> str:
    """List a measure of dynamics of all runs in the same way."""
    measures = [{kind: d.measures for kind, d in result.dynamics.items()} for result in results]
    return _listed(results, measures, name, kinds)


def _listed(
    results: Sequence[RunResult], measured: Sequence[Mapping[str, Any]], name: str, kinds: Sequence[str]
) -> str:
    parts = []
    for result, by_kind in zip(results, measured, strict=True):
        shown = {k: o for k, o in by_kind.items() if not kinds or k in kinds}
        note = {k: "" if len(kinds) == 1 else f" ({k})" for k in shown}
        values = ", ".join(f"{number(getattr(o, name))}{note[k]}" for k, o in shown.items())
        parts.append(f"{look_of(result).title} {values}")
    return "; ".join(parts)
