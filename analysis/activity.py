"""What the figures of a run show: rasters, rates over time, currents and correlation matrices, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.conductances import neuron_of
from eiassembly.analysis.correlations import pattern_correlations
from eiassembly.analysis.rates import time_course
from eiassembly.analysis.recordings import Recording
from eiassembly.analysis.responses import Responses
from eiassembly.analysis.results import Ids, Run
from eiassembly.analysis.tables import RunResult
from eiassembly.analysis.traces import clamp_current, conductance_traces, holding_potential
from eiassembly.analysis.windows import RESPONSE
from eiassembly.model.odors import Presentation

Floats = NDArray[np.float64]

BEFORE_ONSET = 500.0
"""Time before an odour that figures show, ms."""
AFTER_ONSET = 2500.0
"""Time from the onset of an odour that figures show, ms."""
BIN = 50.0
"""Width of the bins of rates over time, ms."""
CURRENT_STEP = 2.0
"""Distance of the points of currents, ms."""
RASTER_CELLS = 120
"""Evenly chosen cells of each population in a raster, besides those that are chosen for what they do."""


@dataclass(frozen=True, eq=False)
class Raster:
    """Spikes of some cells around one presentation.

    Parameters
    ----------
    presentation : Presentation
        The odour.
    times, rows : mapping of str to ndarray, shape (n_spikes,)
        By population: ms from onset, and the row of the cell.
    n_rows : mapping of str to int
        Cells shown, by population.
    n_members : int
        The first rows of E are members of the assembly of a learned odour; how many.
    """

    presentation: Presentation
    times: Mapping[str, Floats]
    rows: Mapping[str, Ids]
    n_rows: Mapping[str, int]
    n_members: int


@dataclass(frozen=True, eq=False)
class TimeCourses:
    """Mean rates around the onset of all odours of one kind, Hz, by name; times are bin centres [ms]."""

    times: Floats
    rates: Mapping[str, Floats]


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


def first_of(responses: Responses, kind: str) -> Presentation | None:
    """First presentation of a kind of odour."""
    return next((p for p in responses.presentations if p.kind == kind), None)


def members_of(run: Recording, odor: int) -> Ids:
    """E members of the assembly of an odour; empty if it has none."""
    found = (assembly.excitatory for assembly in run.wiring.assemblies if assembly.odor == odor)
    return next(found, np.empty(0, np.int64))


def raster(result: RunResult, presentation: Presentation, members: Ids) -> Raster:
    """Spikes of some cells of a run that was measured, see `raster_of`."""
    return raster_of(result.run, presentation, members)


def raster_of(run: Recording, presentation: Presentation, members: Ids) -> Raster:
    """Spikes of evenly chosen cells; first the members of an assembly (E) and the activated cells (OB)."""
    roles = run.roles
    odors = run.odors.odors if isinstance(run, Run) else ()
    activated = next((o.activated for o in odors if o.number == presentation.odor), members[:0])
    first = {roles.principal: members[:RASTER_CELLS]} | {
        name: _picked(activated, RASTER_CELLS // 2) for name in roles.feedforward
    }
    shown = {p.name: _with_others(first.get(p.name, members[:0]), p.size) for p in run.wiring.populations}
    drawn = {name: _raster_of(run, name, cells, presentation) for name, cells in shown.items()}
    return Raster(
        presentation,
        times={name: times for name, (times, _) in drawn.items()},
        rows={name: rows for name, (_, rows) in drawn.items()},
        n_rows={name: len(cells) for name, cells in shown.items()},
        n_members=len(first[roles.principal]),
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
    steps, ids = spikes.between(*_shown_steps(run, presentation))
    row_of = np.full(spikes.n_cells, -1)
    row_of[cells] = np.arange(len(cells))
    rows = row_of[ids]
    times = np.asarray(steps[rows >= 0] * run.dt - presentation.onset)
    return times, np.asarray(rows[rows >= 0], np.int64)


def _shown_steps(run: Recording, presentation: Presentation) -> tuple[int, int]:
    first, last = presentation.onset - BEFORE_ONSET, presentation.onset + AFTER_ONSET
    return max(0, round(first / run.dt)), min(run.n_steps, round(last / run.dt))


def time_courses(result: RunResult, kind: str) -> TimeCourses:
    """Rates of E, I, and of E inside and outside the odour's assembly, averaged over presentations."""
    run, roles = result.run, result.responses.roles
    shown = [
        p
        for p in result.responses.presentations
        if p.kind == kind and p.onset + AFTER_ONSET <= run.duration and p.onset >= BEFORE_ONSET
    ]
    every = np.arange(run.source(roles.principal).n_cells)
    groups: dict[str, list[Floats]] = {}
    for p in shown:
        for name in (roles.principal, *roles.inhibitory):
            groups.setdefault(name, []).append(_around(run, name, p))
        members = members_of(run, p.odor)
        if len(members):
            outside = np.setdiff1d(every, members)
            groups.setdefault("inside", []).append(_around(run, roles.principal, p, members))
            groups.setdefault("outside", []).append(_around(run, roles.principal, p, outside))
    n_bins = round((BEFORE_ONSET + AFTER_ONSET) / BIN)
    times = np.asarray(-BEFORE_ONSET + BIN * (np.arange(n_bins) + 0.5))
    return TimeCourses(times, {name: np.mean(rows, axis=0) for name, rows in groups.items()})


def _around(run: Run, name: str, p: Presentation, cells: Ids | None = None) -> Floats:
    return time_course(run.source(name), run.dt, p.onset - BEFORE_ONSET, p.onset + AFTER_ONSET, BIN, cells)


def cancelled(currents: Currents) -> float:
    """Part of the mean cell's excitatory current that inhibition cancels in the response window, %."""
    shown = (currents.times > 0) & (currents.times <= RESPONSE)
    inhibitory, excitatory = (currents.of_mean[name][shown].mean() for name in ("inhibitory", "excitatory"))
    return float(-100 * inhibitory / excitatory) if excitatory > 0 else float("nan")


def example_cell(result: RunResult, presentation: Presentation) -> int:
    """Cell with the median excitation among the odour's assembly, or among all cells if it has none."""
    row = result.responses.presentations.index(presentation)
    excitation = result.responses.excitation[row]
    members = members_of(result.run, presentation.odor)
    cells = members if len(members) else np.arange(len(excitation))
    return int(cells[np.argsort(excitation[cells], kind="stable")[len(cells) // 2]])


def currents(result: RunResult, presentation: Presentation) -> Currents:
    """Currents of the example cell and of the mean cell around a presentation."""
    run, principal = result.run, result.responses.roles.principal
    neuron = neuron_of(run.wiring, principal)
    holding = holding_potential(neuron)
    first, last = _shown_steps(run, presentation)
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
        of_cell=both(conductance_traces(run, principal, steps, cell)),
        of_mean=both(conductance_traces(run, principal, steps)),
    )


def _sum_of(traces: Mapping[str, Floats], signs: Mapping[str, str], sign: str) -> Floats:
    return np.asarray(np.sum([trace for name, trace in traces.items() if signs[name] == sign], axis=0))


def exceedance(rates: Floats) -> tuple[Floats, Floats]:
    """Distinct rates [Hz] and the fraction of values that are at least as large."""
    values, counts = np.unique(rates, return_counts=True)
    return values, np.cumsum(counts[::-1])[::-1] / rates.size


def correlation_matrix(responses: Responses) -> Floats:
    """Pattern correlations of all presentations, ordered by kind, the diagonal blanked."""
    by_kind = [responses.of_kind(kind).rates for kind in responses.kinds]
    matrix = pattern_correlations(np.concatenate(by_kind))
    np.fill_diagonal(matrix, np.nan)
    return matrix


def color_limit(matrices: Sequence[Floats], at_least: float) -> float:
    """Limit of a common colour scale that all but 2 % of the values lie within."""
    values = np.concatenate([m[~np.isnan(m)] for m in matrices])
    return max(at_least, float(np.quantile(np.abs(values), 0.98))) if values.size else at_least
