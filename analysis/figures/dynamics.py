"""Dynamics of structures side by side: the figure of docs/dynamics.md."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from eiassembly.analysis.figures.persistence import LabelledCurve, draw_after_offset, draw_lagged
from eiassembly.analysis.figures.variability import LabelledSpread, draw_spreads


def draw_side_by_side(
    axes: Sequence[Axes],
    irregularity: Sequence[LabelledSpread],
    lagged: Sequence[LabelledCurve],
    ended: Sequence[LabelledCurve],
) -> None:
    """Structures side by side: regularity of spikes, how long a pattern lasts, what outlasts the odor."""
    draw_spreads(axes[0], irregularity, "CV of intervals")
    draw_lagged(axes[1], lagged)
    draw_after_offset(axes[2], ended)
    titles = ("variability of spikes", "patterns during an odor", "assembly after the odor")
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, loc="left")
