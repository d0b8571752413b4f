"""Co-tuning of excitation and inhibition (Fig. 2H, I)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.figure import Panel, ReportFigure, listed, look_of, panel
from eiassembly.analysis.measures.balance import balanced_axis
from eiassembly.analysis.measures.observables import mean_per_odor
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats


def balance(results: Sequence[RunResult]) -> ReportFigure:
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
    return ReportFigure("Co-tuning of excitation and inhibition", panels, caption, columns=min(4, len(shown)))


def _common_limit(conductances: Sequence[Floats]) -> float:
    """Upper end of an axis [nS] that hides fewer than one point in a thousand."""
    return max(0.1, *(1.05 * float(np.quantile(g, 0.9995)) for g in conductances))


def _balance_panel(result: RunResult, g_exc: Floats, g_inh: Floats, limits: tuple[float, float]) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(look_of(result).title, loc="left")
        slope = balanced_axis(g_exc, g_inh).slope
        draw_balance(ax, look_of(result), g_exc.ravel(), g_inh.ravel(), slope, limits)

    return panel(f"Excitatory against inhibitory conductance: {look_of(result).title}", draw)


def draw_balance(
    ax: Axes, look: Look, g_exc: Floats, g_inh: Floats, slope: float, limits: tuple[float, float]
) -> None:
    """Conductance pairs of all cells and odors, and the axis of balance."""
    ax.plot(
        g_exc, g_inh, ".", markersize=1.6, alpha=0.25, color=look.color, markeredgewidth=0, rasterized=True
    )
    end = min(limits[0], limits[1] / slope) if slope > 0 else limits[0]
    ax.plot([0, end], [0, slope * end], color="black", linewidth=1)
    ax.set_xlim(0, limits[0])
    ax.set_ylim(0, limits[1])
    ax.set_xlabel("excitatory conductance (nS)")
    ax.set_ylabel("inhibitory conductance (nS)")
