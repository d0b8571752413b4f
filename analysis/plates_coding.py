"""Figures of what is coded and how it is balanced: correlations, co-tuning, observables against the paper."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from eiassembly.analysis import activity, figures
from eiassembly.analysis.activity import Floats
from eiassembly.analysis.cotuning import balanced_axis
from eiassembly.analysis.observables import QUANTITIES, mean_per_odor
from eiassembly.analysis.panels import Panel, Plate, listed, look_of, panel
from eiassembly.analysis.tables import RunResult, kinds_of


def correlations(results: Sequence[RunResult]) -> Plate:
    """Pattern-correlation matrices (Fig. 1H)."""
    matrices = [activity.correlation_matrix(result.responses) for result in results]
    limit = activity.color_limit(matrices, at_least=0.15)
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
        f"{dict(QUANTITIES)['correlation'].range_text}."
    )
    return Plate("Correlation between odors", panels, caption, columns=min(4, len(results)))


def _correlation_panel(result: RunResult, matrix: Floats, limit: float) -> Panel:
    kinds = [p.kind for p in result.responses.presentations]
    blocks = [(kind, kinds.count(kind)) for kind in result.responses.kinds]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(look_of(result).title, loc="left")
        figures.draw_correlations(ax, matrix, blocks, limit)

    return panel(f"Correlation matrix: {look_of(result).title}", draw, height=3.0)


def balance(results: Sequence[RunResult]) -> Plate:
    """Conductance pairs and the axis of balance (Fig. 2H, I)."""
    kinds = kinds_of(results)
    kind = "learned" if "learned" in kinds else kinds[0]  # what the paper's co-tuning is about
    shown = [result for result in results if kind in result.observables]
    pairs = []
    for result in shown:
        responses = result.responses.of_kind(kind)
        pairs.append(tuple(mean_per_odor(g, responses) for g in (responses.excitation, responses.inhibition)))
    limits = (_common_limit([g_exc for g_exc, _ in pairs]), _common_limit([g_inh for _, g_inh in pairs]))
    panels = tuple(_balance_panel(r, e, i, limits) for r, (e, i) in zip(shown, pairs, strict=True))
    caption = (
        f"Mean excitatory (OB + E) and inhibitory conductance of every E cell for every {kind} odor (1.5 s). "
        "Line: axis of balance, fitted through the origin. Ratio of the spread of a cell's odors "
        "along the axis to "
        f"that across it, mean over cells: {listed(shown, 'cotuning_ratio', [kind])}. Correlation "
        "over odors, mean "
        f"over cells: {listed(shown, 'cotuning_correlation', [kind])}. The paper finds both higher in tuned "
        "networks than in rand, and the correlation lowest in Scaled I."
    )
    return Plate("Co-tuning of excitation and inhibition", panels, caption, columns=min(4, len(shown)))


def _common_limit(conductances: Sequence[Floats]) -> float:
    """Upper end of an axis [nS] that hides fewer than one point in a thousand."""
    return max(0.1, *(1.05 * float(np.quantile(g, 0.9995)) for g in conductances))


def _balance_panel(result: RunResult, g_exc: Floats, g_inh: Floats, limits: tuple[float, float]) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(look_of(result).title, loc="left")
        slope = balanced_axis(g_exc, g_inh).slope
        figures.draw_balance(ax, look_of(result), g_exc.ravel(), g_inh.ravel(), slope, limits)

    return panel(f"Excitatory against inhibitory conductance: {look_of(result).title}", draw)


def observed(results: Sequence[RunResult]) -> Plate:
    """Every observable of all runs against the range of the paper (Fig. 1F–H, Fig. 2F–I)."""
    panels = tuple(
        _observable_panel(results, name)
        for name, _ in QUANTITIES
        if any(not np.isnan(getattr(o, name)) for r in results for o in r.observables.values())
    )
    caption = (
        "Filled: learned odors; open: others. Green: the range of the paper; that of the odor rate "
        "is stated for "
        "rand only."
    )
    return Plate("Observables against the ranges of the paper", panels, caption)


def _observable_panel(results: Sequence[RunResult], name: str) -> Panel:
    quantity = dict(QUANTITIES)[name]
    points = [
        figures.Point(look_of(result), kind, getattr(values, name))
        for result in results
        for kind, values in result.observables.items()
    ]

    def draw(figure: Figure) -> None:
        figures.draw_observable(figure.subplots(), quantity, points)

    return panel(f"{quantity.title} of all runs", draw, width=3.3, height=2.4)
