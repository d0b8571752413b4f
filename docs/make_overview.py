"""Draw the picture of the README from the runs of `make demo`.

python docs/make_overview.py results/demo/runs docs/images/overview.png
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, analyse_run
from eiassembly.analysis.figures.axes import first_of, legend_below, members_of
from eiassembly.analysis.figures.figure import look_of
from eiassembly.analysis.figures.raster import draw_raster, raster
from eiassembly.analysis.figures.rate_distribution import draw_exceedance, exceedance
from eiassembly.analysis.figures.rates_over_time import draw_time_courses, time_courses
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.structures import COMPARED

ODOR_LENGTH = 2000.0


def draw(results: Sequence[RunResult], figure: Figure) -> None:
    """Spikes for one learned odor above; what the structures have in common and what not below."""
    axes = figure.subplots(2, len(results), height_ratios=(1.25, 1))
    for ax, result in zip(axes[0], results, strict=True):
        shown = first_of(result.responses, "learned")
        draw_raster(ax, raster(result, shown, members_of(result.run, shown.odor)))
        ax.set_title(f"{look_of(result).title}, learned odor", loc="left")
    courses = {kind: [time_courses(r, kind) for r in results] for kind in ("learned", "novel")}
    panels = (
        ("learned", "inside", "inside the assembly, learned"),
        ("learned", "outside", "outside the assembly, learned"),
        ("novel", "E", "all E cells, novel odors"),
    )
    for ax, (kind, name, title) in zip(axes[1], panels, strict=False):
        lines = [(look_of(r), c.rates[name]) for r, c in zip(results, courses[kind], strict=True)]
        draw_time_courses(ax, courses[kind][0].times, lines, ODOR_LENGTH, "rate (Hz)")
        ax.set_title(title, loc="left")
    curves = [(look_of(r), *exceedance(r.responses.of_kind("learned").rates)) for r in results]
    draw_exceedance(axes[1, 3], curves)
    axes[1, 3].set_title("rates, learned odors", loc="left")
    legend_below(axes[1, 3])


def main() -> None:
    """Read the two arguments, write the picture."""
    runs, target = (Path(argument) for argument in sys.argv[1:])
    with figure_style():
        figure = Figure(figsize=(13, 6.2))
        draw([analyse_run(open_run(runs / f"{name}.h5")) for name in COMPARED], figure)
        figure.savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
