"""Irregularity of spikes, members against others (Fig. 2 suppl. 2C)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.axes import kind_with_assemblies
from eiassembly.analysis.figures.figure import Panel, ReportFigure, listed_dynamics, look_of, panel
from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats

_MEASURES = (
    ("cv", "CV of intervals"), ("cv2", "CV2 of intervals"), ("fano_time", "Fano factor over time"),
    ("fano_trials", "Fano factor over trials"),
)  # fmt: skip


def variability(results: Sequence[RunResult]) -> ReportFigure:
    """Irregularity of spikes, members against others (Fig. 2 suppl. 2C)."""
    kind = kind_with_assemblies(results)
    found = [(title, spreads(results, kind, measure)) for measure, title in _MEASURES]
    panels = tuple(_spread_panel(title, kind, values) for title, values in found if values)
    caption = (
        f"Mean and quartiles over pairs of E cell and {kind} odor; filled: members of the odor's assembly, "
        "open: all others; grey line: Poisson spikes. Intervals: from onset to offset, at least 5. "
        "Fano factor over time: variance over mean of the counts in bins of 100 ms of the first 1.5 s, cells "
        "with at least 0.3 spikes per bin. CV of members: "
        f"{listed_dynamics(results, 'cv_members', [kind])}; CV2: "
        f"{listed_dynamics(results, 'cv2_members', [kind])}. The paper finds members regular in Scaled I and "
        "irregular in tuned networks."
    )
    return ReportFigure("Variability of spikes", panels, caption)


@dataclass(frozen=True)
class LabelledSpread:
    """Distribution of a measure over pairs of cell and odor.

    Parameters
    ----------
    look : Look
        Of the run.
    group : str
        ``members`` or ``others``.
    mean, low, high : float
        Mean and quartiles.
    n_values : int
        Pairs.
    """

    look: Look
    group: str
    mean: float
    low: float
    high: float
    n_values: int


def _spread_panel(title: str, kind: str, values: Sequence[LabelledSpread]) -> Panel:
    def draw(figure: Figure) -> None:
        draw_spreads(figure.subplots(), values, title)

    return panel(f"{title}, {kind} odors", draw, width=3.3, height=2.6)


def draw_spreads(ax: Axes, spreads: Sequence[LabelledSpread], label: str) -> None:
    """Mean (dot) and quartiles (line) of every run, members filled; the grey line is Poisson's 1."""
    ax.axhline(1, color="#999999", linewidth=0.8)
    names = list(dict.fromkeys(spread.look.title for spread in spreads))
    for spread in spreads:
        is_member = spread.group == "members"
        x = names.index(spread.look.title) + (-0.14 if is_member else 0.14)
        ax.plot([x, x], [spread.low, spread.high], color=spread.look.color, linewidth=1.4)
        ax.plot(
            x, spread.mean, "o", color=spread.look.color, markersize=6.5, markeredgewidth=1.4,
            markerfacecolor=spread.look.color if is_member else "white",
        )  # fmt: skip
    is_crowded = len(names) > 3
    ax.set_xticks(range(len(names)), names, rotation=25 * is_crowded, ha="right" if is_crowded else "center")
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_ylim(0, 1.08 * max(1.0, *(spread.high for spread in spreads)))
    ax.set_ylabel(label)


def spreads(results: Sequence[RunResult], kind: str, measure: str) -> tuple[LabelledSpread, ...]:
    """Distributions of a measure (a field of `Variability`) for members and others of every run."""
    found = []
    for result in results:
        if kind in result.dynamics:
            groups = getattr(result.dynamics[kind].variability, measure)
            found += [_spread(look_of(result), name, getattr(groups, name)) for name in ("members", "others")]
    return tuple(spread for spread in found if spread.n_values)


def _spread(look: Look, group: str, values: Floats) -> LabelledSpread:
    low, high = np.quantile(values, [0.25, 0.75]) if values.size else (np.nan, np.nan)
    return LabelledSpread(look, group, mean_of_defined(values), float(low), float(high), values.size)
