"""Matrices of pattern correlations (Fig. 1H)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.axes import color_limit
from eiassembly.analysis.figures.figure import Panel, ReportFigure, listed, look_of, panel
from eiassembly.analysis.measures.correlations import pattern_correlations
from eiassembly.analysis.measures.measure import by_name
from eiassembly.analysis.measures.observables import MEASURES
from eiassembly.analysis.measures.responses import Responses
from eiassembly.core.arrays import Floats


def correlation_matrix(responses: Responses) -> Floats:
    """Pattern correlations of all presentations, ordered by kind, the diagonal blanked."""
    by_kind = [responses.of_kind(kind).rates for kind in responses.kinds]
    matrix = pattern_correlations(np.concatenate(by_kind))
    np.fill_diagonal(matrix, np.nan)
    return matrix


def draw_correlations(ax: Axes, matrix: Floats, blocks: Sequence[tuple[str, int]], limit: float) -> None:
    """Correlation matrix with a common colour scale; blocks of odors of one kind are named and ruled off."""
    image = ax.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    edges = np.cumsum([0, *(size for _, size in blocks)]) - 0.5
    for edge in edges[1:-1]:
        ax.axhline(edge, color="black", linewidth=0.8)
        ax.axvline(edge, color="black", linewidth=0.8)
    centers = (edges[:-1] + edges[1:]) / 2
    ax.set_xticks(centers, [f"{name} odors" for name, _ in blocks])
    ax.set_yticks(centers, [f"{name} odors" for name, _ in blocks], rotation=90, va="center")
    ax.tick_params(length=0)
    ax.set_facecolor("#BBBBBB")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="Pearson correlation", extend="both")


def correlations(results: Sequence[RunResult]) -> ReportFigure:
    """Pattern-correlation matrices (Fig. 1H)."""
    matrices = [correlation_matrix(result.responses) for result in results]
    limit = color_limit(matrices, at_least=0.15)
    panels = tuple(
        _correlation_panel(result, matrix, limit)
        for result, matrix in zip(results, matrices, strict=True)
        if len(matrix) > 1
    )
    caption = (
        "Pearson correlation between the patterns (rates of all E cells during the first 1.5 s) of "
        "all pairs of "
        "presentations, ordered by kind of odor; grey: the diagonal. Mean over pairs of different odors: "
        f"{listed(results, 'correlation')}. The paper's range is "
        f"{by_name(*MEASURES)['correlation'].range_text}."
    )
    return ReportFigure("Correlation between odors", panels, caption, columns=min(4, len(results)))


def _correlation_panel(result: RunResult, matrix: Floats, limit: float) -> Panel:
    kinds = [p.kind for p in result.responses.presentations]
    blocks = [(kind, kinds.count(kind)) for kind in result.responses.kinds]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(look_of(result).title, loc="left")
        draw_correlations(ax, matrix, blocks, limit)

    return panel(f"Correlation matrix: {look_of(result).title}", draw, height=3.0)
