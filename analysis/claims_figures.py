"""What a claim looks at, as a figure: a dot for every network, by structure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.claims import Judged, Quantities, Values
from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.style import structure_look

_WIDTH, _HEIGHT = 3.0, 2.5
_MARKERS = "o^sDv"
_SPREAD = 0.28
"""Width that the dots of a structure take, of the distance between structures."""


def claim_figure(judged: Sequence[Judged], quantities: Quantities) -> Figure:
    """One panel for every statement of a claim that was judged.

    Parameters
    ----------
    judged : sequence of Judged
        Statements with values.
    quantities : mapping
        What is measured, by experiment and name.
    """
    figure = Figure(figsize=(_WIDTH * len(judged), _HEIGHT), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(judged)))
    for ax, one in zip(axes, judged, strict=True):
        series = one.statement.series
        draw_values(ax, one.values, [s.title for s in series])
        ax.set_ylabel(_label([quantities[s.experiment][s.quantity] for s in series]))
        conditions = {s.condition for s in series if s.condition}
        ax.set_title(conditions.pop() if len(conditions) == 1 else "", loc="left")
    return figure


def _label(quantities: Sequence[Quantity]) -> str:
    """Title and unit; of several quantities what their titles begin with, up to the comma."""
    titles = {quantity.title for quantity in quantities}
    beginnings = {title.split(", ")[0] for title in titles}
    unit = quantities[0].unit
    title = (titles if len(titles) == 1 else beginnings).pop()
    return f"{title} ({unit})".strip() if unit != "1" else title


def draw_values(ax: Axes, series: Sequence[Values], titles: Sequence[str]) -> None:
    """Dots of all networks and their mean, structures side by side, one marker for every series."""
    structures = list(dict.fromkeys(structure for values in series for structure in values))
    offsets = (np.arange(len(series)) - (len(series) - 1) / 2) * 2 * _SPREAD / max(1, len(series) - 1)
    for values, offset, marker, title in zip(series, offsets, _MARKERS, titles, strict=False):
        for structure, networks in values.items():
            place = structures.index(structure) + (offset if len(series) > 1 else 0)
            _draw_networks(ax, place, list(networks.values()), structure_look(structure).color, marker)
        if title:
            ax.plot([], [], marker, color="#555555", markersize=4, label=title)
    ax.set_xticks(range(len(structures)), [structure_look(s).title for s in structures])
    ax.set_xlim(-0.6, len(structures) - 0.4)
    shown = [value for values in series for networks in values.values() for value in networks.values()]
    # Differences look as large as they are; where signs differ, zero is inside anyway.
    ax.set_ylim(bottom=0 if min(shown) >= 0 else None, top=0 if max(shown) < 0 else None)
    if any(titles):
        ax.legend(loc="best")


def _draw_networks(ax: Axes, place: float, values: Sequence[float], color: str, marker: str) -> None:
    width = _SPREAD / 2 if len(values) > 1 else 0.0
    ax.plot(
        place + np.linspace(-width, width, len(values)), values, marker, color=color, markersize=4, alpha=0.7
    )
    ax.hlines(
        float(np.mean(values)), place - _SPREAD / 1.5, place + _SPREAD / 1.5, color=color, linewidth=1.6
    )
