"""Draw the picture of docs/dynamics.md from the runs of `make demo`.

python docs/make_dynamics.py results/demo/runs docs/images/dynamics.png
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.figures.axes import legend_below
from eiassembly.analysis.figures.dynamics import draw_side_by_side
from eiassembly.analysis.figures.persistence import after_offset, lagged
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.figures.variability import spreads
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.structures import COMPARED


def main() -> None:
    """Read the two arguments, write the picture."""
    runs, target = (Path(argument) for argument in sys.argv[1:])
    results = [analyse_run(open_run(runs / f"{name}.h5")) for name in COMPARED]
    with figure_style():
        figure = Figure(figsize=(11, 3.4))
        axes = figure.subplots(1, 3)
        shown = spreads(results, "learned", "cv")
        draw_side_by_side(
            axes, shown, lagged(results, "learned"), after_offset(results, "learned", "members")
        )
        legend_below(axes[1])
        figure.savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
