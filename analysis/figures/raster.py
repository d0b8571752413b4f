"""Rasters: the spikes of some cells around one presentation (Fig. 1E)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult, kinds_of
from eiassembly.analysis.figures.axes import AFTER_ONSET, first_of, members_of, odor_axis, shown_steps
from eiassembly.analysis.figures.figure import Panel, ReportFigure, look_of, panel
from eiassembly.analysis.runs.labels import population_look
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.text import number
from eiassembly.odors.odors import Presentation

RASTER_CELLS = 120
"""Evenly chosen cells of each population in a raster, besides those that are chosen for what they do."""


@dataclass(frozen=True, eq=False)
class Raster:
    """Spikes of some cells around one presentation.

    Parameters
    ----------
    presentation : Presentation
        The odor.
    times, rows : mapping of str to ndarray, shape (n_spikes,)
        By population: ms from onset, and the row of the cell.
    n_rows : mapping of str to int
        Cells shown, by population.
    n_members : int
        The first rows of E are members of the assembly of a learned odor; how many.
    """

    presentation: Presentation
    times: Mapping[str, Floats]
    rows: Mapping[str, Ids]
    n_rows: Mapping[str, int]
    n_members: int


def raster(result: RunResult, presentation: Presentation, members: Ids) -> Raster:
    """Spikes of some cells of a run that was measured, see `raster_of`."""
    return raster_of(result.run, presentation, members)


def raster_of(run: Recording, presentation: Presentation, members: Ids) -> Raster:
    """Spikes of evenly chosen cells; first the members of an assembly (E) and the activated cells (OB)."""
    population_names = run.population_names
    odors = run.odors.odors if isinstance(run, Run) else ()
    activated = next((o.activated for o in odors if o.number == presentation.odor), members[:0])
    first = {population_names.excitatory: members[:RASTER_CELLS]} | {
        name: _picked(activated, RASTER_CELLS // 2) for name in population_names.input
    }
    shown = {p.name: _with_others(first.get(p.name, members[:0]), p.size) for p in run.wiring.populations}
    drawn = {name: _raster_of(run, name, cells, presentation) for name, cells in shown.items()}
    return Raster(
        presentation,
        times={name: times for name, (times, _) in drawn.items()},
        rows={name: rows for name, (_, rows) in drawn.items()},
        n_rows={name: len(cells) for name, cells in shown.items()},
        n_members=len(first[population_names.excitatory]),
    )


def _with_others(first: Ids, n_cells: int) -> Ids:
    others = np.setdiff1d(np.arange(n_cells), first)
    return np.concatenate((first, _picked(others, RASTER_CELLS)))


def _picked(cells: Ids, wanted: int) -> Ids:
    if len(cells) <= wanted:
        return cells
    return cells[np.linspace(0, len(cells) - 1, wanted).astype(np.int64)]


def _raster_of(run: Recording, name: str, cells: Ids, presentation: Presentation) -> tuple[Floats, Ids]:
    spikes = run.source(name)
    steps, ids = spikes.between(*shown_steps(run, presentation))
    row_of = np.full(spikes.n_cells, -1)
    row_of[cells] = np.arange(len(cells))
    rows = row_of[ids]
    times = np.asarray(steps[rows >= 0] * run.dt - presentation.onset)
    return times, np.asarray(rows[rows >= 0], np.int64)


def draw_raster(ax: Axes, raster: Raster) -> None:
    """Spikes as dots, populations stacked, members of the assembly apart at the top of E."""
    odor_axis(ax, raster.presentation.offset - raster.presentation.onset)
    top, ticks = 0, {}
    for name, n_rows in raster.n_rows.items():
        look = population_look(name)
        segments = np.stack([raster.times[name], top + raster.rows[name]], axis=1)
        ax.add_collection(
            LineCollection(
                [[(t, row - 0.2), (t, row + 1.2)] for t, row in segments],
                colors=look.color, linewidths=0.9, rasterized=True,
            )
        )  # fmt: skip
        ticks[top + n_rows / 2] = look.title
        top += n_rows + 12
        if name == "E" and raster.n_members:
            _bracket(ax, top - n_rows - 12, raster.n_members)
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(top - 10, -4)
    ax.spines["left"].set_visible(False)
    ax.set_ylabel("cells")


def _bracket(ax: Axes, first: int, n_rows: int) -> None:
    ax.plot([AFTER_ONSET + 40] * 2, [first, first + n_rows], color="black", linewidth=2, clip_on=False)
    ax.annotate(
        "assembly", (AFTER_ONSET + 70, first + n_rows / 2), rotation=-90, va="center", ha="left",
        annotation_clip=False, fontsize=8,
    )  # fmt: skip


def rasters(results: Sequence[RunResult]) -> ReportFigure:
    """One learned and one novel odor for every run (Fig. 2E)."""
    panels = []
    for kind in kinds_of(results):
        for result in results:
            shown = first_of(result.responses, kind)
            if shown is not None:
                panels.append(_raster_panel(result, shown))
    caption = (
        f"Spikes of up to {RASTER_CELLS} cells of each population, chosen evenly; above "
        "them mitral cells that the odor activates (OB) and the members of an assembly (E; the "
        "odor's own if it "
        "was learned, else the first one stored). Grey: odor. " + _assembly_sentence(results)
    )
    title = "Spikes of mitral cells (OB), E and I neurons"
    return ReportFigure(title, tuple(panels), caption, columns=min(4, len(results)))


def _raster_panel(result: RunResult, shown: Presentation) -> Panel:
    members = members_of(result.run, shown.odor)
    if not len(members) and result.run.wiring.assemblies:
        members = result.run.wiring.assemblies[0].excitatory
    spikes = raster(result, shown, members)
    title = f"{look_of(result).title}, {shown.kind} odor {shown.odor}"

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_raster(ax, spikes)

    return panel(f"Raster plot: {title}", draw, height=3.5)


def _assembly_sentence(results: Sequence[RunResult]) -> str:
    inside = {look_of(r).title: r.observables["learned"] for r in results if "learned" in r.observables}
    parts = [
        f"{title} {number(o.assembly_rate)} against {number(o.outside_rate)} Hz"
        for title, o in inside.items()
        if not np.isnan(o.assembly_rate)
    ]
    return f"Rate inside against outside the assembly of a learned odor: {', '.join(parts)}." if parts else ""
