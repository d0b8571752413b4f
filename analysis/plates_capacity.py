"""Figure of the number of memories: rates against it, with the tolerated range."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from eiassembly.analysis import figures
from eiassembly.analysis.experiment_capacity import CapacityResult
from eiassembly.analysis.memory_figures import draw_capacity
from eiassembly.analysis.panels import Plate, panel

Results = Sequence[CapacityResult]


def capacity_plates(results: Results) -> list[Plate]:
    """Draw one figure per network and overlap."""
    keys = dict.fromkeys((r.network, r.overlap) for r in results)
    return [_plate([r for r in results if (r.network, r.overlap) == key]) for key in keys]


def _plate(results: Results) -> Plate:
    def drawn(figure: Figure) -> None:
        ax = figure.subplots()
        draw_capacity(ax, [(r.look, r.counts, r.rates / r.reference) for r in results])
        figures.legend_below(ax)

    caption = (
        "Mean rate of E to stored odors relative to that of rand (without rand: to that with the fewest "
        "memories). Shaded: 15 % above and below."
    )
    title = f"Number of memories, {results[0].overlap}: {results[0].network}"
    return Plate(title, (panel("Rate against the number of memories", drawn, 5.0, 3.2),), caption, 1)
