"""Figures of dynamics: patterns over time, variability of spikes, and what outlasts the odour."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis import dynamics_figures as draws
from eiassembly.analysis.activity import color_limit
from eiassembly.analysis.dynamics_views import Curve, Spread, after_offset, lagged, spreads
from eiassembly.analysis.figures import legend_below
from eiassembly.analysis.panels import Panel, Plate, listed_dynamics, look_of, panel
from eiassembly.analysis.tables import RunResult, kinds_of
from eiassembly.analysis.trial_patterns import Floats

_MEASURES = (
    ("cv", "CV of intervals"), ("cv2", "CV2 of intervals"), ("fano_time", "Fano factor over time"),
    ("fano_trials", "Fano factor over trials"),
)  # fmt: skip


def patterns_over_time(results: Sequence[RunResult]) -> Plate:
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
    return Plate("Patterns over time", panels, caption, columns=min(4, len(results)))


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
        draws.draw_time_correlations(ax, result.dynamics[kind].patterns.times, matrix, length, limit)

    return panel(f"Correlation of patterns over time: {title}", draw, height=3.0)


def variability(results: Sequence[RunResult]) -> Plate:
    """Irregularity of spikes, members against others (Fig. 2 suppl. 2C)."""
    kind = _with_assemblies(results)
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
    return Plate("Variability of spikes", panels, caption)


def _with_assemblies(results: Sequence[RunResult]) -> str:
    """Kind of odours whose members are looked at: learned ones, if there are any."""
    kinds = kinds_of(results)
    return "learned" if "learned" in kinds else kinds[0]


def _spread_panel(title: str, kind: str, values: Sequence[Spread]) -> Panel:
    def draw(figure: Figure) -> None:
        draws.draw_spreads(figure.subplots(), values, title)

    return panel(f"{title}, {kind} odors", draw, width=3.3, height=2.6)


def persistence(results: Sequence[RunResult]) -> Plate:
    """How long patterns last, and assemblies outlast their odour (Fig. 2E)."""
    panels = []
    for kind in kinds_of(results):
        curves = lagged(results, kind)
        if curves:
            panels.append(_curve_panel(f"patterns, {kind} odors", draws.draw_lagged, curves))
    kind = _with_assemblies(results)
    ended = after_offset(results, kind, "members")
    if ended:
        panels.append(_curve_panel(f"assembly, {kind} odors", draws.draw_after_offset, ended))
    caption = (
        "Patterns: correlation of the patterns of E in bins of 100 ms against the time between them, during "
        "the first 1.5 s. Assembly: mean rate of the members of the odor's assembly around its end, relative "
        "to the last 500 ms of the odor (shaded). Rate 0.5 to 1 s after the odor relative to that: "
        f"{listed_dynamics(results, 'persistence', [kind])}; time constant of the decay in ms: "
        f"{listed_dynamics(results, 'decay_time', [kind])}. The paper finds that activity outlasts odors in "
        "Scaled I only."
    )
    return Plate("Persistence", tuple(panels), caption, columns=3)


def _curve_panel(
    title: str, draw_curves: Callable[[Axes, Sequence[Curve]], None], curves: Sequence[Curve]
) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_curves(ax, curves)
        legend_below(ax)

    return panel(f"Persistence: {title}", draw)
