"""What a claim looks at, as a figure: a dot for every network, by structure."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.claims.claim import Judged, Values
from eiassembly.analysis.experiments.experiment import Measures
from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.config.structures import in_order

_WIDTH, _HEIGHT = 3.2, 2.9
_MARKERS = "o^sDv"
_GROUP = 0.8
"""Width that a structure takes, of the distance between structures."""
_ROOM = 0.08
"""Room above the highest dot, of the height of the axes."""
_LINE = 30
"""Characters of a line of a label."""


def claim_figure(judged: Sequence[Judged], measures: Measures) -> Figure:
    """One panel for every statement of a claim that was judged.

    Parameters
    ----------
    judged : sequence of Judged
        Statements with values.
    measures : mapping
        What is measured, by experiment and name.
    """
    figure = Figure(figsize=(_WIDTH * len(judged), _HEIGHT), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(judged)))
    for ax, one in zip(axes, judged, strict=True):
        series = one.statement.series
        draw_values(ax, one.values, [s.title for s in series])
        ax.set_ylabel(_label([measures[s.experiment][s.measure] for s in series]))
        conditions = {s.condition for s in series if s.condition}
        ax.set_title(conditions.pop() if len(conditions) == 1 else "", loc="left")
    return figure


def _label(measures: Sequence[Measure]) -> str:
    """Title and unit; of several measures what their titles begin with, up to the comma."""
    titles = {measure.title for measure in measures}
    beginnings = {title.split(", ")[0] for title in titles}
    unit = measures[0].unit
    title = (titles if len(titles) == 1 else beginnings).pop()
    return textwrap.fill(f"{title} ({unit})".strip() if unit != "1" else title, _LINE)


def draw_values(ax: Axes, series: Sequence[Values], titles: Sequence[str]) -> None:
    """Dots of all networks and their mean, structures side by side, one marker for every series."""
    structures = in_order(structure for values in series for structure in values)
    width = _GROUP / len(series)
    for number, (values, marker, title) in enumerate(zip(series, _MARKERS, titles, strict=False)):
        offset = (number - (len(series) - 1) / 2) * width
        for structure, networks in values.items():
            color = structure_look(structure).color
            place = structures.index(structure) + offset
            _draw_networks(ax, place, 0.7 * width, list(networks.values()), color, marker)
        if title:
            ax.plot([], [], marker, color="#555555", markersize=4, label=title)
    ax.set_xticks(range(len(structures)), [structure_look(s).title for s in structures])
    ax.set_xlim(-0.6, len(structures) - 0.4)
    _include_zero(ax, [v for values in series for networks in values.values() for v in networks.values()])
    if any(titles):
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, handletextpad=0.2)


def _include_zero(ax: Axes, shown: Sequence[float]) -> None:
    """Let differences look as large as they are, with some room above and below."""
    low, high = min(0.0, *shown), max(0.0, *shown)
    room = _ROOM * ((high - low) or 1.0)
    ax.set_ylim(low - (room if low < 0 else 0), high + (room if high > 0 or low == 0 else 0))


def _draw_networks(
    ax: Axes, place: float, width: float, values: Sequence[float], color: str, marker: str
) -> None:
    spread = width / 2 if len(values) > 1 else 0.0
    places = place + np.linspace(-spread, spread, len(values))
    ax.plot(places, values, marker, color=color, markersize=4, alpha=0.7, clip_on=False)
    ax.hlines(float(np.mean(values)), place - width / 2, place + width / 2, color=color, linewidth=1.6)
