"""Figures of activity: spikes, rates over time, currents, distributions of rates."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from eiassembly.analysis import activity, figures
from eiassembly.analysis.activity import Floats
from eiassembly.analysis.numbers import number
from eiassembly.analysis.panels import Panel, Plate, listed, look_of, panel
from eiassembly.analysis.style import Look
from eiassembly.analysis.tables import RunResult, kinds_of
from eiassembly.model.odors import Presentation


def rasters(results: Sequence[RunResult]) -> Plate:
    """One learned and one novel odour for every run (Fig. 2E)."""
    panels = []
    for kind in kinds_of(results):
        for result in results:
            shown = activity.first_of(result.responses, kind)
            if shown is not None:
                panels.append(_raster_panel(result, shown))
    caption = (
        f"Spikes of up to {activity.RASTER_CELLS} cells of each population, chosen evenly; above "
        "them mitral cells that the odor activates (OB) and the members of an assembly (E; the "
        "odor's own if it "
        "was learned, else the first one stored). Grey: odor. " + _assembly_sentence(results)
    )
    title = "Spikes of mitral cells (OB), E and I neurons"
    return Plate(title, tuple(panels), caption, columns=min(4, len(results)))


def _raster_panel(result: RunResult, shown: Presentation) -> Panel:
    members = activity.members_of(result.run, shown.odor)
    if not len(members) and result.run.wiring.assemblies:
        members = result.run.wiring.assemblies[0].excitatory
    raster = activity.raster(result, shown, members)
    title = f"{look_of(result).title}, {shown.kind} odor {shown.odor}"

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        figures.draw_raster(ax, raster)

    return panel(f"Raster plot: {title}", draw, height=3.5)


def _assembly_sentence(results: Sequence[RunResult]) -> str:
    inside = {look_of(r).title: r.observables["learned"] for r in results if "learned" in r.observables}
    parts = [
        f"{title} {number(o.assembly_rate)} against {number(o.outside_rate)} Hz"
        for title, o in inside.items()
        if not np.isnan(o.assembly_rate)
    ]
    return f"Rate inside against outside the assembly of a learned odor: {', '.join(parts)}." if parts else ""


def rates_over_time(results: Sequence[RunResult]) -> Plate:
    """Draw population, assembly and outside rates (Fig. 2E–G)."""
    panels = []
    for kind in kinds_of(results):
        courses = [(look_of(r), activity.time_courses(r, kind)) for r in results if kind in r.observables]
        length = _length(results, kind)
        names = dict.fromkeys(name for _, c in courses for name in c.rates)
        for name in names:
            lines = [(look, c.rates[name]) for look, c in courses if name in c.rates]
            panels.append(_course_panel(kind, name, courses[0][1].times, lines, length))
    caption = (
        f"Mean rate per cell in bins of {activity.BIN:g} ms, averaged over the odors of a kind; grey: odor. "
        "Inside: E members of the assembly of the presented odor; outside: all other E cells. "
    )
    return Plate("Rates over time", tuple(panels), caption + _rate_sentence(results), columns=3)


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
        figures.draw_time_courses(ax, times, lines, length, "rate (Hz)")
        figures.legend_below(ax)

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


def currents(results: Sequence[RunResult]) -> Plate:
    """Draw currents of a cell and of the mean cell during one odour for every run."""
    drawn = [(result, shown) for result in results if (shown := _representative(result)) is not None]
    computed = [(result, shown, activity.currents(result, shown)) for result, shown in drawn]
    limits = [_common_limits([getattr(c, part) for _, _, c in computed]) for part in ("of_cell", "of_mean")]
    panels = tuple(_current_panel(result, shown, c, limits) for result, shown, c in computed)
    holding = f"{computed[0][2].holding:.0f}".replace("-", "−") if computed else ""
    caption = (
        "Excitatory (from OB and E), inhibitory and net synaptic current: the exact conductances times the "
        f"driving force of a cell held at {holding} mV, halfway between rest and threshold (a voltage clamp, "
        "not the current at the fluctuating potential; without leak and adaptation). Top: the member of the "
        "odor's assembly with the median excitation; bottom: mean over all E cells. Part of the mean "
        f"cell's excitation that inhibition cancels in the first 1.5 s: {_cancelled_sentence(computed)}."
    )
    return Plate("Excitatory and inhibitory currents", panels, caption, columns=min(4, len(results)))


def _cancelled_sentence(computed: Sequence[tuple[RunResult, Presentation, activity.Currents]]) -> str:
    return ", ".join(f"{look_of(r).title} {activity.cancelled(c):.0f} %" for r, _, c in computed)


def _representative(result: RunResult) -> Presentation | None:
    learned = activity.first_of(result.responses, "learned")
    return learned or result.responses.presentations[0]


def _common_limits(parts: Sequence[Mapping[str, Floats]]) -> tuple[float, float]:
    values = np.concatenate([trace for part in parts for trace in part.values()])
    return min(float(values.min()), -1.0) * 1.05, max(float(values.max()), 1.0) * 1.15


def _current_panel(
    result: RunResult, shown: Presentation, computed: activity.Currents, limits: Sequence[tuple[float, float]]
) -> Panel:
    title = f"{look_of(result).title}, {shown.kind} odor {shown.odor}"

    def draw(figure: Figure) -> None:
        axes = figure.subplots(2, 1)
        axes[0].set_title(title, loc="left")
        figures.draw_cell_and_mean(axes, computed, shown.offset - shown.onset)
        for ax, limit in zip(axes, limits, strict=True):
            ax.set_ylim(limit)
        figures.legend_below(axes[1])

    return panel(f"Currents over time: {title}", draw, height=4.2)


def distributions(results: Sequence[RunResult]) -> Plate:
    """Distribution of rates over cells and odours."""
    panels = []
    for kind in kinds_of(results):
        shown = [result for result in results if kind in result.observables]
        curves = [(look_of(r), *activity.exceedance(r.responses.of_kind(kind).rates)) for r in shown]
        panels.append(_distribution_panel(kind, curves))
    caption = (
        "Fraction of pairs of E cell and odor whose rate during the first 1.5 s of the odor is at least the "
        "value on the axis. " + _silent_sentence(results)
    )
    return Plate("Distribution of firing rates", tuple(panels), caption, columns=3)


def _distribution_panel(kind: str, curves: Sequence[tuple[Look, Floats, Floats]]) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(f"{kind} odors", loc="left")
        figures.draw_exceedance(ax, curves)
        figures.legend_below(ax)

    return panel(f"Distribution of rates, {kind} odors", draw)


def _silent_sentence(results: Sequence[RunResult]) -> str:
    parts = [
        f"{look_of(result).title} {100 * np.mean(result.responses.rates == 0):.0f} %, up to "
        f"{number(float(result.responses.rates.max()))} Hz"
        for result in results
    ]
    return f"Silent pairs and highest rate: {'; '.join(parts)}."
