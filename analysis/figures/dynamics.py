"""Figures of dynamics: patterns over time, variability of spikes, and what outlasts the odor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.axes import color_limit, legend_below
from eiassembly.analysis.figures.figure import Panel, Plate, listed_dynamics, look_of, panel
from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.dynamics.reliability import BIN, lagged_correlations
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats

_MEASURES = (
    ("cv", "CV of intervals"), ("cv2", "CV2 of intervals"), ("fano_time", "Fano factor over time"),
    ("fano_trials", "Fano factor over trials"),
)  # fmt: skip

_SHADE = "#F1F1F1"

FEWEST_PAIRS = 5
"""Distances in time that fewer pairs of bins have are not shown."""


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
        draw_time_correlations(ax, result.dynamics[kind].patterns.times, matrix, length, limit)

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
    """Kind of odors whose members are looked at: learned ones, if there are any."""
    kinds = kinds_of(results)
    return "learned" if "learned" in kinds else kinds[0]


def persistence(results: Sequence[RunResult]) -> Plate:
    """How long patterns last, and assemblies outlast their odor (Fig. 2E)."""
    panels = []
    for kind in kinds_of(results):
        curves = lagged(results, kind)
        if curves:
            panels.append(_curve_panel(f"patterns, {kind} odors", draw_lagged, curves))
    kind = _with_assemblies(results)
    ended = after_offset(results, kind, "members")
    if ended:
        panels.append(_curve_panel(f"assembly, {kind} odors", draw_after_offset, ended))
    caption = (
        "Patterns: correlation of the patterns of E in bins of 100 ms against the time between them, during "
        "the first 1.5 s. Assembly: mean rate of the members of the odor's assembly around its end, relative "
        "to the last 500 ms of the odor (shaded). Rate 0.5 to 1 s after the odor relative to that: "
        f"{listed_dynamics(results, 'persistence', [kind])}; time constant of the decay in ms: "
        f"{listed_dynamics(results, 'decay_time', [kind])}. The paper finds that activity outlasts odors in "
        "Scaled I only."
    )
    return Plate("Persistence", tuple(panels), caption, columns=3)


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


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of a run: x and y, shape (n_points,)."""

    look: Look
    x: Floats
    y: Floats


def _curve_panel(
    title: str, draw_curves: Callable[[Axes, Sequence[Curve]], None], curves: Sequence[Curve]
) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_curves(ax, curves)
        legend_below(ax)

    return panel(f"Persistence: {title}", draw)


def draw_lagged(ax: Axes, curves: Sequence[Curve]) -> None:
    """Correlation of patterns against the time between them, one line per run."""
    ax.axhline(0, color="#999999", linewidth=0.6)
    _draw_lines(ax, curves)
    ax.set_xlim(left=0)
    ax.set_ylim(-0.05, 1)
    ax.set_xlabel("time between patterns (ms)")
    ax.set_ylabel("Pearson correlation")


def draw_after_offset(ax: Axes, curves: Sequence[Curve]) -> None:
    """Rates around the end of the odor, which is shaded, relative to those before it."""
    ax.axvspan(min(c.x[0] for c in curves), 0, color=_SHADE, linewidth=0, zorder=0)
    _draw_lines(ax, curves)
    ax.set_xlim(curves[0].x[0], curves[0].x[-1])
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time from odor offset (ms)")
    ax.set_ylabel("rate / rate during the odor")


def _draw_lines(ax: Axes, curves: Sequence[Curve]) -> None:
    for curve in curves:
        ax.plot(curve.x, curve.y, curve.look.line, color=curve.look.color, label=curve.look.title)


@dataclass(frozen=True)
class Spread:
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


def _spread_panel(title: str, kind: str, values: Sequence[Spread]) -> Panel:
    def draw(figure: Figure) -> None:
        draw_spreads(figure.subplots(), values, title)

    return panel(f"{title}, {kind} odors", draw, width=3.3, height=2.6)


def draw_spreads(ax: Axes, spreads: Sequence[Spread], label: str) -> None:
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


def draw_side_by_side(
    axes: Sequence[Axes], irregularity: Sequence[Spread], lagged: Sequence[Curve], ended: Sequence[Curve]
) -> None:
    """Structures side by side: regularity of spikes, how long a pattern lasts, what outlasts the odor."""
    draw_spreads(axes[0], irregularity, "CV of intervals")
    draw_lagged(axes[1], lagged)
    draw_after_offset(axes[2], ended)
    titles = ("variability of spikes", "patterns during an odor", "assembly after the odor")
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, loc="left")


def spreads(results: Sequence[RunResult], kind: str, measure: str) -> tuple[Spread, ...]:
    """Distributions of a measure (a field of `Variability`) for members and others of every run."""
    found = []
    for result in results:
        if kind in result.dynamics:
            groups = getattr(result.dynamics[kind].variability, measure)
            found += [_spread(look_of(result), name, getattr(groups, name)) for name in ("members", "others")]
    return tuple(spread for spread in found if spread.n_values)


def _spread(look: Look, group: str, values: Floats) -> Spread:
    low, high = np.quantile(values, [0.25, 0.75]) if values.size else (np.nan, np.nan)
    return Spread(look, group, mean_of_defined(values), float(low), float(high), values.size)


def lagged(results: Sequence[RunResult], kind: str) -> tuple[Curve, ...]:
    """Correlation of patterns against their distance in time [ms], during the first 1.5 s of an odor.

    The longest distances, between the first moments and the last, are left out.
    """
    curves = []
    for result in results:
        if kind in result.dynamics:
            patterns = result.dynamics[kind].patterns
            found = lagged_correlations(patterns.during(patterns.within))
            shown = np.arange(1, len(found) - FEWEST_PAIRS + 1)
            curves.append(Curve(look_of(result), np.asarray(BIN * shown), found[shown]))
    return tuple(curve for curve in curves if not np.isnan(curve.y).all())


def after_offset(results: Sequence[RunResult], kind: str, group: str) -> tuple[Curve, ...]:
    """Rates [Hz] around the offset [ms] relative to those in the last 500 ms of the odor."""
    curves = []
    for result in results:
        if kind in result.dynamics:
            offsets = result.dynamics[kind].offsets
            times, rates = _coarser(offsets.times), _coarser(offsets.rates[group])
            during = rates[times < 0].mean()
            if during > 0:
                curves.append(Curve(look_of(result), times, rates / during))
    return tuple(curves)


def _coarser(values: Floats) -> Floats:
    """Means over bins five times as long."""
    return np.asarray(values.reshape(-1, 5).mean(axis=1))
