"""What a claim looks at, as a figure: a dot for every network, by structure."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.claims import Judged, Values
from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.style import structure_look

_WIDTH, _HEIGHT = 3.0, 2.5
_MARKERS = "o^sDv"
_SPREAD = 0.28
"""Width that the dots of a structure take, of the distance between structures."""


def claim_figure(judged: Sequence[Judged], quantities: Sequence[Quantity]) -> Figure:
    """One panel for every statement of a claim that was judged.

    Parameters
    ----------
    judged : sequence of Judged
        Statements with values.
    quantities : sequence of Quantity
        What their first series are.
    """
    figure = Figure(figsize=(_WIDTH * len(judged), _HEIGHT), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(judged)))
    for ax, one, quantity in zip(axes, judged, quantities, strict=True):
        titles = [series.title for series in one.statement.series]
        draw_values(ax, one.values, titles, quantity)
    return figure


def draw_values(ax: Axes, series: Sequence[Values], titles: Sequence[str], quantity: Quantity) -> None:
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
    ax.set_ylabel(quantity.title + ("" if quantity.unit == "1" else f" ({quantity.unit})"))
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
