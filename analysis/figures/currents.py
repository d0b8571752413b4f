"""Excitatory, inhibitory and net currents around one presentation (Fig. 2G)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.axes import first_of, legend_below, members_of, odor_axis, shown_steps
from eiassembly.analysis.figures.figure import Panel, ReportFigure, look_of, panel
from eiassembly.analysis.measures.conductances import neuron_of
from eiassembly.analysis.measures.currents import clamp_current, conductance_traces, holding_potential
from eiassembly.analysis.runs.labels import population_look
from eiassembly.analysis.runs.windows import RESPONSE
from eiassembly.core.arrays import Floats
from eiassembly.odors.odors import Presentation

CURRENT_STEP = 2.0
"""Distance of the points of currents, ms."""


@dataclass(frozen=True, eq=False)
class Currents:
    """Excitatory, inhibitory and net current [pA] at a holding potential [mV] around one presentation.

    Parameters
    ----------
    times : ndarray of float64, shape (n_times,)
        ms from onset.
    cell : int
        The example cell.
    holding : float
        Potential at which conductances are turned into currents, mV.
    of_cell, of_mean : mapping of str to ndarray of float64, shape (n_times,)
        ``excitatory``, ``inhibitory`` and ``net`` current of the cell and of the mean over all cells.
    """

    times: Floats
    cell: int
    holding: float
    of_cell: Mapping[str, Floats]
    of_mean: Mapping[str, Floats]


def cancelled(currents: Currents) -> float:
    """Part of the mean cell's excitatory current that inhibition cancels in the response window, %."""
    shown = (currents.times > 0) & (currents.times <= RESPONSE)
    inhibitory, excitatory = (currents.of_mean[name][shown].mean() for name in ("inhibitory", "excitatory"))
    return float(-100 * inhibitory / excitatory) if excitatory > 0 else float("nan")


def example_cell(result: RunResult, presentation: Presentation) -> int:
    """Cell with the median excitation among the odor's assembly, or among all cells if it has none."""
    row = result.responses.presentations.index(presentation)
    excitation = result.responses.excitation[row]
    members = members_of(result.run, presentation.odor)
    cells = members if len(members) else np.arange(len(excitation))
    return int(cells[np.argsort(excitation[cells], kind="stable")[len(cells) // 2]])


def currents_around(result: RunResult, presentation: Presentation) -> Currents:
    """Currents of the example cell and of the mean cell around a presentation."""
    run, excitatory = result.run, result.responses.population_names.excitatory
    neuron = neuron_of(run.wiring, excitatory)
    holding = holding_potential(neuron)
    first, last = shown_steps(run, presentation)
    steps = np.arange(first, last + 1, max(1, round(CURRENT_STEP / run.dt)))
    cell = example_cell(result, presentation)

    def both(traces: Mapping[str, Floats]) -> dict[str, Floats]:
        signs = {name: run.wiring.population(name).sign for name in traces}
        parts: dict[str, Floats] = {
            sign: clamp_current(_sum_of(traces, signs, sign), neuron.reversal(sign), holding)
            for sign in sorted(set(signs.values()))
        }
        return {**parts, "net": np.sum(list(parts.values()), axis=0)}

    return Currents(
        times=np.asarray(steps * run.dt - presentation.onset),
        cell=cell,
        holding=holding,
        of_cell=both(conductance_traces(run, excitatory, steps, cell)),
        of_mean=both(conductance_traces(run, excitatory, steps)),
    )


def _sum_of(traces: Mapping[str, Floats], signs: Mapping[str, str], sign: str) -> Floats:
    return np.asarray(np.sum([trace for name, trace in traces.items() if signs[name] == sign], axis=0))


def draw_currents(
    ax: Axes, times: Floats, parts: Mapping[str, Floats], length: float, holding: float
) -> None:
    """Excitatory, inhibitory and net current over time."""
    odor_axis(ax, length)
    ax.axhline(0, color="#999999", linewidth=0.6)
    for name, look in (("excitatory", population_look("E")), ("inhibitory", population_look("I"))):
        if name in parts:
            ax.plot(times, parts[name], color=look.color, linewidth=0.9, label=name)
    ax.plot(times, parts["net"], color="black", linewidth=0.9, label="net")
    ax.set_ylabel(f"current at {holding:.0f} mV (pA)".replace("-", "−"))


def draw_cell_and_mean(axes: Sequence[Axes], currents: Currents, length: float) -> None:
    """Currents of the example cell above those of the mean cell."""
    titles = (f"cell {currents.cell}", "mean over E cells")
    for ax, parts, title in zip(axes, (currents.of_cell, currents.of_mean), titles, strict=True):
        draw_currents(ax, currents.times, parts, length, currents.holding)
        ax.text(0.01, 0.98, title, transform=ax.transAxes, va="top", fontsize=8.5)
    axes[0].set_xlabel("")
    axes[0].tick_params(labelbottom=False)


def currents(results: Sequence[RunResult]) -> ReportFigure:
    """Draw currents of a cell and of the mean cell during one odor for every run."""
    drawn = [(result, shown) for result in results if (shown := _representative(result)) is not None]
    computed = [(result, shown, currents_around(result, shown)) for result, shown in drawn]
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
    return ReportFigure("Excitatory and inhibitory currents", panels, caption, columns=min(4, len(results)))


def _cancelled_sentence(computed: Sequence[tuple[RunResult, Presentation, Currents]]) -> str:
    return ", ".join(f"{look_of(r).title} {cancelled(c):.0f} %" for r, _, c in computed)


def _representative(result: RunResult) -> Presentation | None:
    learned = first_of(result.responses, "learned")
    return learned or result.responses.presentations[0]


def _common_limits(parts: Sequence[Mapping[str, Floats]]) -> tuple[float, float]:
    values = np.concatenate([trace for part in parts for trace in part.values()])
    return min(float(values.min()), -1.0) * 1.05, max(float(values.max()), 1.0) * 1.15


def _current_panel(
    result: RunResult, shown: Presentation, computed: Currents, limits: Sequence[tuple[float, float]]
) -> Panel:
    title = f"{look_of(result).title}, {shown.kind} odor {shown.odor}"

    def draw(figure: Figure) -> None:
        axes = figure.subplots(2, 1)
        axes[0].set_title(title, loc="left")
        draw_cell_and_mean(axes, computed, shown.offset - shown.onset)
        for ax, limit in zip(axes, limits, strict=True):
            ax.set_ylim(limit)
        legend_below(axes[1])

    return panel(f"Currents over time: {title}", draw, height=4.2)
