"""Mean rates of populations around the onset of odors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.axes import AFTER_ONSET, BEFORE_ONSET, legend_below, members_of, odor_axis
from eiassembly.analysis.figures.figure import Panel, ReportFigure, listed, look_of, panel
from eiassembly.analysis.measures.rates import time_course
from eiassembly.analysis.runs.labels import Look
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Floats, Ids
from eiassembly.odors.odors import Presentation

BIN = 50.0
"""Width of the bins of rates over time, ms."""


@dataclass(frozen=True, eq=False)
class TimeCourses:
    """Mean rates around the onset of all odors of one kind, Hz, by name; times are bin centres [ms]."""

    times: Floats
    rates: Mapping[str, Floats]


def time_courses(result: RunResult, kind: str) -> TimeCourses:
    """Rates of E, I, and of E inside and outside the odor's assembly, averaged over presentations."""
    run, population_names = result.run, result.responses.population_names
    shown = [
        p
        for p in result.responses.presentations
        if p.kind == kind and p.onset + AFTER_ONSET <= run.duration and p.onset >= BEFORE_ONSET
    ]
    every = np.arange(run.source(population_names.excitatory).n_cells)
    groups: dict[str, list[Floats]] = {}
    for p in shown:
        for name in (population_names.excitatory, *population_names.inhibitory):
            groups.setdefault(name, []).append(_around(run, name, p))
        members = members_of(run, p.odor)
        if len(members):
            outside = np.setdiff1d(every, members)
            groups.setdefault("inside", []).append(_around(run, population_names.excitatory, p, members))
            groups.setdefault("outside", []).append(_around(run, population_names.excitatory, p, outside))
    n_bins = round((BEFORE_ONSET + AFTER_ONSET) / BIN)
    times = np.asarray(-BEFORE_ONSET + BIN * (np.arange(n_bins) + 0.5))
    return TimeCourses(times, {name: np.mean(rows, axis=0) for name, rows in groups.items()})


def _around(run: Run, name: str, p: Presentation, cells: Ids | None = None) -> Floats:
    return time_course(run.source(name), run.dt, p.onset - BEFORE_ONSET, p.onset + AFTER_ONSET, BIN, cells)


def draw_time_courses(
    ax: Axes, times: Floats, courses: Sequence[tuple[Look, Floats]], length: float, ylabel: str
) -> None:
    """Rates over time, one line per run; the odor is shaded."""
    odor_axis(ax, length)
    for look, rates in courses:
        ax.plot(times, rates, look.line, color=look.color, label=look.title)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(ylabel)


def rates_over_time(results: Sequence[RunResult]) -> ReportFigure:
    """Draw population, assembly and outside rates (Fig. 2E–G)."""
    panels = []
    for kind in kinds_of(results):
        courses = [(look_of(r), time_courses(r, kind)) for r in results if kind in r.observables]
        length = _length(results, kind)
        names = dict.fromkeys(name for _, c in courses for name in c.rates)
        for name in names:
            lines = [(look, c.rates[name]) for look, c in courses if name in c.rates]
            panels.append(_course_panel(kind, name, courses[0][1].times, lines, length))
    caption = (
        f"Mean rate per cell in bins of {BIN:g} ms, averaged over the odors of a kind; grey: odor. "
        "Inside: E members of the assembly of the presented odor; outside: all other E cells. "
    )
    return ReportFigure("Rates over time", tuple(panels), caption + _rate_sentence(results), columns=3)


def _course_panel(
    kind: str, name: str, times: Floats, lines: Sequence[tuple[Look, Floats]], length: float
) -> Panel:
    group = {"inside": "E inside the assembly", "outside": "E outside the assembly"}.get(
        name, f"{name} population"
    )
    title = f"{group}, {kind} odors"

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_time_courses(ax, times, lines, length, "rate (Hz)")
        legend_below(ax)

    return panel(f"Rate over time: {title}", draw)


def _length(results: Sequence[RunResult], kind: str) -> float:
    lengths = (p.offset - p.onset for r in results for p in r.responses.presentations if p.kind == kind)
    return max(lengths)


def _rate_sentence(results: Sequence[RunResult]) -> str:
    return (
        "The paper finds about 1 Hz in all networks for learned odors, and for novel odors the rate "
        "of rand in tuned "
        f"networks but less in Scaled I. Mean E rate here: {listed(results, 'odor_rate')} Hz."
    )
