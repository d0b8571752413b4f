"""Figure of the number of memories: rates against it, with the tolerated range."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from eiassembly.analysis.experiments.capacity import CapacityResult
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.figure import ReportFigure, panel
from eiassembly.analysis.measures.memory.capacity import TOLERANCE
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats

Results = Sequence[CapacityResult]


def capacity_figures(results: Results) -> list[ReportFigure]:
    """Draw one figure per network and overlap."""
    keys = dict.fromkeys((r.network, r.overlap) for r in results)
    return [_figure([r for r in results if (r.network, r.overlap) == key]) for key in keys]


def _figure(results: Results) -> ReportFigure:
    def drawn(figure: Figure) -> None:
        ax = figure.subplots()
        draw_capacity(ax, [(r.look, r.counts, r.rates / r.reference) for r in results])
        legend_below(ax)

    caption = (
        "Mean rate of E to stored odors relative to that of rand (without rand: to that with the fewest "
        "memories). Shaded: 15 % above and below."
    )
    title = f"Number of memories, {results[0].overlap}: {results[0].network}"
    return ReportFigure(title, (panel("Rate against the number of memories", drawn, 5.0, 3.2),), caption, 1)


def draw_capacity(ax: Axes, curves: Sequence[tuple[Look, Floats, Floats]]) -> None:
    """Rate relative to the reference against the number of memories; the tolerated range is shaded."""
    ax.axhspan(1 - TOLERANCE, 1 + TOLERANCE, color="#DDEEDD", linewidth=0, zorder=0)
    for look, numbers, ratios in curves:
        ax.plot(numbers, ratios, look.line, marker="o", markersize=4, color=look.color, label=look.title)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_xlabel("stored memories")
    ax.set_ylabel("rate / reference")
