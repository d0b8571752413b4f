"""Figures of memory: which memory an odor evokes, when, how strongly, and what memories share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.axes import AFTER_ONSET, BEFORE_ONSET, color_limit, legend_below
from eiassembly.analysis.figures.figure import Panel, ReportFigure, look_of, panel
from eiassembly.analysis.figures.network import draw_overlaps
from eiassembly.analysis.figures.rates_over_time import BIN, draw_time_courses
from eiassembly.analysis.measures.memory.amplification import Amplification
from eiassembly.analysis.measures.memory.memories import (
    MemoryResult,
    overlap_courses,
    shown_memory,
)
from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats
from eiassembly.core.text import number

Measured = Sequence[tuple[Look, MemoryResult]]


def memory(results: Sequence[RunResult]) -> ReportFigure:
    """Odor × memory, overlap over time and amplification."""
    measured = _measured(results)
    overlaps = [m.memories.overlaps for _, m in measured] or [np.empty((0, 0))]
    limit = color_limit(overlaps, at_least=0.1)
    panels = [_matrix_panel(look, m, limit) for look, m in measured]
    panels += _course_panels(measured) + _amplification_panels(measured)
    caption = (
        "Overlap of the response to an odor (first 1.5 s) with a memory: mean rate of the memory's E "
        "members minus that of all other E cells; in rand, of its pseudo-assembly. Over time: mean over "
        f"learned odors in bins of {BIN:g} ms, for the odor's own memory and for the strongest of "
        "the others in each bin (above zero by chance as well). Relative to rand: filled inside the "
        "assembly, open outside. Learned odors whose own memory leads by three standard deviations of "
        f"chance: {_retrieved(measured)}."
    )
    return ReportFigure("Activity on stored memories", tuple(panels), caption, columns=min(4, len(results)))


def shared_members(results: Sequence[RunResult]) -> ReportFigure:
    """Members that assemblies share, against chance; networks with the same numbers in one panel."""
    same: dict[bytes, list[tuple[Look, MemoryResult]]] = {}
    for look, m in _measured(results):
        if len(m.memories.odors) > 1:
            key = b"".join(overlaps.shared.tobytes() for overlaps in m.memories.structural)
            same.setdefault(key, []).append((look, m))
    panels = [
        _shared_panel(", ".join(look.title for look, _ in group), group[0][1]) for group in same.values()
    ]
    caption = (
        "Pairs of assemblies by the number of members they share. Dots: expected of assemblies whose "
        "members are chosen independently (hypergeometric). Odors that activate the same mitral cells make "
        "assemblies that share more."
    )
    return ReportFigure("Members that memories share", tuple(panels), caption, columns=3)


def _measured(results: Sequence[RunResult]) -> list[tuple[Look, MemoryResult]]:
    return [(look_of(result), result.memory) for result in results if result.memory is not None]


def _retrieved(measured: Measured) -> str:
    shares = [(look, m.retrieved_share) for look, m in measured]
    return "; ".join(f"{look.title} {number(s)} %" for look, s in shares if s == s) or "none presented"


def _matrix_panel(look: Look, measured: MemoryResult, limit: float) -> Panel:
    responses = measured.responses
    kinds = [p.kind for p in responses.presentations]
    order = np.concatenate([np.flatnonzero([k == kind for k in kinds]) for kind in responses.kinds])
    blocks = [(kind, kinds.count(kind)) for kind in responses.kinds]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(look.title, loc="left")
        draw_activity_overlaps(ax, measured.memories.overlaps[order], blocks, limit)

    return panel(f"Overlap of odors with memories: {look.title}", draw, height=3.0)


def _course_panels(measured: Measured) -> list[Panel]:
    edges = np.arange(-BEFORE_ONSET, AFTER_ONSET + BIN / 2, BIN)
    courses = [(look, course) for look, m in measured if (course := _mean_courses(m, edges)) is not None]
    lengths = [p.offset - p.onset for _, m in measured for p in m.responses.presentations]
    centers = (edges[:-1] + edges[1:]) / 2
    return [
        _course_panel(title, centers, [(look, course[row]) for look, course in courses], max(lengths))
        for row, title in enumerate(("own memory", "strongest other memory"))
        if courses
    ]


def _amplification_panels(measured: Measured) -> list[Panel]:
    compared = [(look, m.amplification) for look, m in measured if m.amplification is not None]

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title("relative to rand", loc="left")
        draw_amplification(ax, compared)

    text = "Rates inside and outside assemblies relative to rand"
    return [panel(text, draw, height=3.0)] if compared else []


def _mean_courses(measured: MemoryResult, edges: Floats) -> Floats | None:
    """Overlap with the own and with the strongest other memory, mean over odors, shape (2, n_bins)."""
    memories, run = measured.memories, measured.run
    if len(memories.odors) < 2:
        return None
    found = []
    for shown in measured.responses.presentations:
        row = shown_memory(memories, shown)
        if row is not None and shown.onset + edges[0] >= 0 and shown.onset + edges[-1] <= run.duration:
            courses = overlap_courses(
                run, measured.responses.population_names.excitatory, memories, shown, edges
            )
            found.append([courses[:, row], np.delete(courses, row, axis=1).max(axis=1)])
    return np.mean(found, axis=0) if found else None


def _course_panel(title: str, times: Floats, courses: Sequence[tuple[Look, Floats]], length: float) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_time_courses(ax, times, courses, length, "overlap (Hz)")
        legend_below(ax)

    return panel(f"Overlap over time, {title}", draw, height=3.0)


def _shared_panel(title: str, measured: MemoryResult) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_overlaps(ax, measured.memories.structural)

    return panel(f"Members that two assemblies share: {title}", draw, width=4.2, height=4.0)


def draw_activity_overlaps(
    ax: Axes, overlaps: Floats, blocks: Sequence[tuple[str, int]], limit: float
) -> None:
    """Overlap of every odor (row) with every memory (column) on a common colour scale."""
    image = ax.imshow(
        overlaps, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest", aspect="auto"
    )
    edges = np.cumsum([0, *(size for _, size in blocks)]) - 0.5
    for edge in edges[1:-1]:
        ax.axhline(edge, color="black", linewidth=0.8)
    ax.set_yticks((edges[:-1] + edges[1:]) / 2, [f"{n} odors" for n, _ in blocks], rotation=90, va="center")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.tick_params(length=0)
    ax.set_facecolor("#BBBBBB")
    ax.set_xlabel("memory")
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="overlap (Hz)", extend="both")


def draw_amplification(ax: Axes, runs: Sequence[tuple[Look, Amplification]]) -> None:
    """Rates relative to rand on a logarithmic axis: filled inside the assembly, open outside."""
    ax.axhline(1, color="#333333", linewidth=0.8, linestyle=":")
    for place, (look, ratio) in enumerate(runs):
        for offset, value, face in ((-0.12, ratio.inside, look.color), (0.12, ratio.outside, "white")):
            ax.plot(
                place + offset, value, "o", color=look.color, markerfacecolor=face, markersize=6.5,
                markeredgewidth=1.4,
            )  # fmt: skip
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 0.5), max(high, 2.0))
    ticks = [t for t in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if low * 0.99 <= t <= max(high, 2.0)]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xticks(range(len(runs)), [look.title for look, _ in runs], rotation=20, ha="right")
    ax.set_xlim(-0.6, len(runs) - 0.4)
    ax.set_ylabel("rate / rate in rand")
