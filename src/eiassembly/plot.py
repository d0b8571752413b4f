"""Figures of runs for notebooks: matplotlib axes in, axes out.

Without axes a new figure is made. The style is that of the reports where a figure is ours, else the user's.
"""

from collections.abc import Sequence
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from eiassembly.analysis.figures.axes import AFTER_ONSET, BEFORE_ONSET, members_of
from eiassembly.analysis.figures.figure import look_of_run
from eiassembly.analysis.figures.raster import draw_raster, raster_of
from eiassembly.analysis.figures.rates_over_time import BIN, draw_time_courses
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.notebook.frames import courses_around
from eiassembly.analysis.notebook.trains import chosen_population
from eiassembly.analysis.runs.labels import Look
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.run import Run, with_distinct_labels
from eiassembly.core.arrays import Floats
from eiassembly.core.errors import ConfigError
from eiassembly.odors.odors import Presentation

_PLACES = {"all": "", "inside": " inside the odor's assembly", "outside": " outside the odor's assembly"}


def raster(
    run: Recording, odor: int | None = None, ax: Axes | None = None, *, presentation: int | None = None
) -> Axes:
    """Draw spikes around a presentation: up to 120 cells per population, members of the assembly first.

    Parameters
    ----------
    run : Run or ExternalRecording
        With spikes.
    odor : int, optional
        Number of the odor, whose first presentation is shown; by default that of the run.
    ax : Axes, optional
        Where to draw; a new figure by default.
    presentation : int, optional
        Number of the presentation, from 0, in place of an odor.

    Raises
    ------
    ConfigError
        The odor is not presented, or there is no such presentation.
    """
    shown = _presentation(run, odor, presentation)
    ax = _axes(3.6, 3.5) if ax is None else ax
    draw_raster(ax, raster_of(run, shown, members_of(run, shown.odor)))
    ax.set_title(f"{look_of_run(run).title}, {shown.kind} odor {shown.odor}", loc="left")
    return ax


def rates(
    runs: Recording | Sequence[Recording],
    population: str | None = None,
    ax: Axes | None = None,
    *,
    cells: Literal["all", "inside", "outside"] = "all",
    kind: str | None = None,
) -> Axes:
    """Draw mean rates around the onset of odors, averaged over presentations, one line per run.

    Parameters
    ----------
    runs : Run or ExternalRecording, or a sequence of these
        With spikes.
    population : str, optional
        Name; the excitatory one (E) by default.
    ax : Axes, optional
        Where to draw; a new figure by default.
    cells : {'all', 'inside', 'outside'}
        All cells, or E cells inside or outside the assembly of the presented odor.
    kind : str, optional
        Of odors, e.g. ``learned``; all by default.

    Raises
    ------
    ConfigError
        There is no such population, or no run has such odors or cells.
    """
    listed = list(runs) if isinstance(runs, Sequence) else [runs]
    around = (-BEFORE_ONSET, AFTER_ONSET, BIN)
    lines, length, name = [], 0.0, ""
    for run, look in zip(listed, _looks(listed), strict=True):
        name = chosen_population(run, population)
        times, rows, courses = courses_around(run, name, *around, cells)
        shown = [number for number, row in enumerate(rows) if kind in (None, run.presentations[row].kind)]
        if shown:
            lines.append((look, _mean_of_defined(courses[shown])))
            odors = [run.presentations[row] for row in rows[shown]]
            length = max(length, *(p.offset - p.onset for p in odors))
    if not lines:
        raise ConfigError(f"rates: expected runs with {kind or 'any'} odors and cells {cells!r}, found none")
    ax = _axes(3.6, 2.8) if ax is None else ax
    draw_time_courses(ax, times, lines, length, f"rate of {name}{_PLACES[cells]} (Hz)")
    ax.legend()
    return ax


def _mean_of_defined(courses: Floats) -> Floats:
    """Mean over presentations of every bin, of those where it lies in the recording; NaN if in none."""
    n_defined = np.isfinite(courses).sum(axis=0)
    return np.where(n_defined > 0, np.nansum(courses, axis=0) / np.maximum(n_defined, 1), np.nan)


def _presentation(run: Recording, odor: int | None, number: int | None) -> Presentation:
    shown = run.presentations
    if number is not None:
        if not 0 <= number < len(shown):
            raise ConfigError(f"presentation: expected 0 to {len(shown) - 1}, found {number}")
        return shown[number]
    found = next((p for p in shown if odor in (None, p.odor)), None)
    if found is None:
        odors = ", ".join(str(number) for number in dict.fromkeys(p.odor for p in shown))
        raise ConfigError(f"odor: expected one that is presented: {odors}; found {odor}")
    return found


def _looks(runs: Sequence[Recording]) -> list[Look]:
    """Look of every run; colours of the user's style tell those of the same structure apart."""
    named = iter(with_distinct_labels([run for run in runs if isinstance(run, Run)]))
    looks = [look_of_run(next(named) if isinstance(run, Run) else run) for run in runs]
    if len({look.color for look in looks}) == len(looks):
        return looks
    return [Look(look.title, f"C{number}") for number, look in enumerate(looks)]


def _axes(width: float, height: float) -> Axes:
    with figure_style():
        return plt.subplots(figsize=(width, height))[1]
