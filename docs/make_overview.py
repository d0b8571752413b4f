"""Draw the picture of the README from the runs of `make demo`.

python docs/make_overview.py results/demo/runs docs/images/overview.png
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from eiassembly.analysis import activity, figures
from eiassembly.analysis.panels import look_of
from eiassembly.analysis.results import open_run
from eiassembly.analysis.style import figure_style
from eiassembly.analysis.tables import RunResult, analyse_run

STRUCTURES = ("rand", "scaled_i", "tuned_i", "tuned_ei")
ODOR_LENGTH = 2000.0


def draw(results: Sequence[RunResult], figure: Figure) -> None:
    """Spikes for one learned odour above; what the structures have in common and what not below."""
    axes = figure.subplots(2, len(results), height_ratios=(1.25, 1))
    for ax, result in zip(axes[0], results, strict=True):
        shown = activity.first_of(result.responses, "learned")
        figures.draw_raster(ax, activity.raster(result, shown, activity.members_of(result.run, shown.odor)))
        ax.set_title(f"{look_of(result).title}, learned odor", loc="left")
    courses = {kind: [activity.time_courses(r, kind) for r in results] for kind in ("learned", "novel")}
    panels = (
        ("learned", "inside", "inside the assembly, learned"),
        ("learned", "outside", "outside the assembly, learned"),
        ("novel", "E", "all E cells, novel odors"),
    )
    for ax, (kind, name, title) in zip(axes[1], panels, strict=False):
        lines = [(look_of(r), c.rates[name]) for r, c in zip(results, courses[kind], strict=True)]
        figures.draw_time_courses(ax, courses[kind][0].times, lines, ODOR_LENGTH, "rate (Hz)")
        ax.set_title(title, loc="left")
    curves = [(look_of(r), *activity.exceedance(r.responses.of_kind("learned").rates)) for r in results]
    figures.draw_exceedance(axes[1, 3], curves)
    axes[1, 3].set_title("rates, learned odors", loc="left")
    figures.legend_below(axes[1, 3])


def main() -> None:
    """Read the two arguments, write the picture."""
    runs, target = (Path(argument) for argument in sys.argv[1:])
    with figure_style():
        figure = Figure(figsize=(13, 6.2))
        draw([analyse_run(open_run(runs / f"{name}.h5")) for name in STRUCTURES], figure)
        figure.savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
