"""Correlation of patterns over time within presentations (Fig. 2E)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.axes import color_limit
from eiassembly.analysis.figures.figure import Panel, ReportFigure, listed_dynamics, look_of, panel
from eiassembly.core.arrays import Floats


def patterns_over_time(results: Sequence[RunResult]) -> ReportFigure:
    """Correlation of patterns over time within presentations (Fig. 2E)."""
    shown = [(r, kind) for kind in kinds_of(results) for r in results if kind in r.dynamics]
    matrices = [_without_diagonal(r.dynamics[kind].patterns.within) for r, kind in shown]
    drawn = [(r, k, m) for (r, k), m in zip(shown, matrices, strict=True) if not np.isnan(m).all()]
    limit = color_limit([m for _, _, m in drawn], at_least=0.15) if drawn else 1.0
    panels = tuple(_matrix_panel(result, kind, matrix, limit) for result, kind, matrix in drawn)
    caption = (
        "Pearson correlation between the patterns of E in bins of 100 ms of the same presentation, mean over "
        "presentations; grey: no spikes, and the diagonal. Lines: onset and offset. Mean over pairs of bins "
        f"of the first 1.5 s: {listed_dynamics(results, 'time_correlation')}. The paper finds it high for "
        "learned odors in Scaled I, modest in tuned networks, and for novel odors as in rand."
    )
    return ReportFigure("Patterns over time", panels, caption, columns=min(4, len(results)))


def _without_diagonal(matrix: Floats) -> Floats:
    copy = matrix.copy()
    np.fill_diagonal(copy, np.nan)
    return copy


def _matrix_panel(result: RunResult, kind: str, matrix: Floats, limit: float) -> Panel:
    title = f"{look_of(result).title}, {kind} odors"
    length = max(p.offset - p.onset for p in result.responses.presentations if p.kind == kind)

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_time_correlations(ax, result.dynamics[kind].patterns.times, matrix, length, limit)

    return panel(f"Correlation of patterns over time: {title}", draw, height=3.0)


def draw_time_correlations(ax: Axes, times: Floats, matrix: Floats, length: float, limit: float) -> None:
    """Correlation matrix of patterns over time; lines at onset and offset of the odor."""
    half = (times[1] - times[0]) / 2
    ends = (times[0] - half, times[-1] + half)
    image = ax.imshow(
        matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, extent=(*ends, *ends), origin="lower",
        interpolation="nearest",
    )  # fmt: skip
    for edge in (0, length):
        ax.axhline(edge, color="black", linewidth=0.6)
        ax.axvline(edge, color="black", linewidth=0.6)
    ax.set_xlabel("time from odor onset (ms)")
    ax.set_ylabel("time from odor onset (ms)")
    ticks = np.arange(0, ends[1] + 1, 1000)
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)
    ax.set_facecolor("#BBBBBB")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="correlation", extend="both")
