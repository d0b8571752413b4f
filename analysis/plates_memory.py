"""Figures of memory: which memory an odour evokes, when, how strongly, and what memories share."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from eiassembly.analysis import activity, figures, memory_figures
from eiassembly.analysis.memory_reading import overlap_courses, shown_memory
from eiassembly.analysis.memory_tables import MemoryResult, memory_results
from eiassembly.analysis.network_panels import draw_overlaps
from eiassembly.analysis.numbers import number
from eiassembly.analysis.panels import Panel, Plate, look_of, panel
from eiassembly.analysis.style import Look
from eiassembly.analysis.tables import RunResult

Floats = NDArray[np.float64]
Measured = Sequence[tuple[Look, MemoryResult]]


def memory(results: Sequence[RunResult]) -> Plate:
    """Odour × memory, overlap over time and amplification."""
    measured = _measured(results)
    overlaps = [m.memories.overlaps for _, m in measured] or [np.empty((0, 0))]
    limit = activity.color_limit(overlaps, at_least=0.1)
    panels = [_matrix_panel(look, m, limit) for look, m in measured]
    panels += _course_panels(measured) + _amplification_panels(measured)
    caption = (
        "Overlap of the response to an odor (first 1.5 s) with a memory: mean rate of the memory's E "
        "members minus that of all other E cells; in rand, of its pseudo-assembly. Over time: mean over "
        f"learned odors in bins of {activity.BIN:g} ms, for the odor's own memory and for the strongest of "
        "the others in each bin (above zero by chance as well). Relative to rand: filled inside the "
        "assembly, open outside. Learned odors whose own memory leads by three standard deviations of "
        f"chance: {_retrieved(measured)}."
    )
    return Plate("Activity on stored memories", tuple(panels), caption, columns=min(4, len(results)))


def shared_members(results: Sequence[RunResult]) -> Plate:
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
    return Plate("Members that memories share", tuple(panels), caption, columns=3)


def _measured(results: Sequence[RunResult]) -> list[tuple[Look, MemoryResult]]:
    measured = memory_results([(result.run, result.responses) for result in results])
    both = zip(results, measured, strict=True)
    return [(look_of(result), m) for result, m in both if m is not None]


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
        memory_figures.draw_activity_overlaps(ax, measured.memories.overlaps[order], blocks, limit)

    return panel(f"Overlap of odors with memories: {look.title}", draw, height=3.0)


def _course_panels(measured: Measured) -> list[Panel]:
    edges = np.arange(-activity.BEFORE_ONSET, activity.AFTER_ONSET + activity.BIN / 2, activity.BIN)
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
        memory_figures.draw_amplification(ax, compared)

    text = "Rates inside and outside assemblies relative to rand"
    return [panel(text, draw, height=3.0)] if compared else []


def _mean_courses(measured: MemoryResult, edges: Floats) -> Floats | None:
    """Overlap with the own and with the strongest other memory, mean over odours, shape (2, n_bins)."""
    memories, run = measured.memories, measured.run
    if len(memories.odors) < 2:
        return None
    found = []
    for shown in measured.responses.presentations:
        row = shown_memory(memories, shown)
        if row is not None and shown.onset + edges[0] >= 0 and shown.onset + edges[-1] <= run.duration:
            courses = overlap_courses(run, measured.responses.roles.principal, memories, shown, edges)
            found.append([courses[:, row], np.delete(courses, row, axis=1).max(axis=1)])
    return np.mean(found, axis=0) if found else None


def _course_panel(title: str, times: Floats, courses: Sequence[tuple[Look, Floats]], length: float) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        figures.draw_time_courses(ax, times, courses, length, "overlap (Hz)")
        figures.legend_below(ax)

    return panel(f"Overlap over time, {title}", draw, height=3.0)


def _shared_panel(title: str, measured: MemoryResult) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_overlaps(ax, measured.memories.structural)

    return panel(f"Members that two assemblies share: {title}", draw, width=4.2, height=4.0)
