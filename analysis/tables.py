"""The measures of several runs side by side, as rows and as tables for the terminal."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from eiassembly.analysis.dynamics import DYNAMICS, Dynamics, KindDynamics, dynamics
from eiassembly.analysis.memory_tables import MemoryResult, memory_results, memory_rows
from eiassembly.analysis.numbers import number
from eiassembly.analysis.observables import QUANTITIES, Observables, Quantity, observables
from eiassembly.analysis.recordings import Recording
from eiassembly.analysis.responses import Responses, measure
from eiassembly.analysis.results import Run

Measures = TypeVar("Measures", Observables, Dynamics)
RowsFor = Callable[[Sequence["RecordingResult"], str], Iterator[tuple[Quantity, list[float]]]]
"""Makes the rows of a table for one kind of odour."""


@dataclass(frozen=True)
class RecordingResult:
    """A recording, the responses in it, its observables and its dynamics by the kind of odour."""

    run: Recording
    responses: Responses
    observables: Mapping[str, Observables]
    dynamics: Mapping[str, KindDynamics]

    @property
    def label(self) -> str:
        """Name of the run in tables and figures."""
        return self.run.label


@dataclass(frozen=True)
class RunResult(RecordingResult):
    """What was measured in a run of one of our networks, of which the wiring is known, too."""

    run: Run


def analyse_run(run: Run) -> RunResult:
    """Measure a run (see `measure` for its errors)."""
    return RunResult(**vars(analyse_recording(run)))


def analyse_recording(run: Recording) -> RecordingResult:
    """Measure what follows from spikes, and from wiring where it is known (see `measure` for its errors)."""
    responses = measure(run)
    by_kind = {kind: observables(responses.of_kind(kind), run.wiring) for kind in responses.kinds}
    moving = {kind: dynamics(run, responses.of_kind(kind).presentations) for kind in responses.kinds}
    return RecordingResult(run, responses, by_kind, moving)


def kinds_of(results: Sequence[RecordingResult]) -> tuple[str, ...]:
    """Kinds of odours in any of the runs, in order of appearance."""
    return tuple(dict.fromkeys(kind for result in results for kind in result.observables))


def rows_of(results: Sequence[RecordingResult], kind: str) -> Iterator[tuple[Quantity, list[float]]]:
    """Observables of one kind of odour with their values in all runs, in the order of tables.

    Where there are several inhibitory populations the rate of each follows that of all; NaN in runs without.
    """
    for name, quantity in QUANTITIES:
        yield quantity, [getattr(result.observables[kind], name) for result in results]
        if name == "inhibitory_rate":
            yield from _rates_by_population(results, kind)


def _rates_by_population(
    results: Sequence[RecordingResult], kind: str
) -> Iterator[tuple[Quantity, list[float]]]:
    several = [r.responses.roles.inhibitory for r in results if len(r.responses.roles.inhibitory) > 1]
    for name in dict.fromkeys(name for names in several for name in names):
        rates = [result.responses.of_kind(kind).mean_rates.get(name, math.nan) for result in results]
        yield Quantity(f"Odor rate, {name}", "Hz", "Methods"), rates


def dynamics_rows(results: Sequence[RecordingResult], kind: str) -> Iterator[tuple[Quantity, list[float]]]:
    """Measures of the dynamics with one kind of odour; those that no run can tell are left out."""
    for name, quantity in DYNAMICS:
        values = [getattr(result.dynamics[kind].measures, name) for result in results]
        if not all(math.isnan(value) for value in values):
            yield quantity, values


def table_as_text(results: Sequence[RecordingResult], title: str, kind: str, rows_for: RowsFor) -> str:
    """One table for a terminal: rows are measures of one kind of odour, columns are runs."""
    shown = [result for result in results if kind in result.observables]
    header = [title, "unit", "paper", *(result.label for result in shown)]
    rows = [
        [
            quantity.title,
            quantity.unit,
            quantity.range_text,
            *(_cell(r, v, quantity) for r, v in zip(shown, values, strict=True)),
        ]
        for quantity, values in rows_for(shown, kind)
    ]
    return aligned([header, *rows])


def memories_in(results: Sequence[RecordingResult]) -> tuple[MemoryResult | None, ...]:
    """Memories of the runs; None where a network has none."""
    return memory_results([(result.run, result.responses) for result in results])


def memories_as_text(results: Sequence[RecordingResult]) -> list[str]:
    """Return a table of the memories; none if no network has any."""
    measured = memories_in(results)
    if not any(measured):
        return []
    rows = [
        [title, unit, *("–" if math.isnan(value) else number(value) for value in values)]
        for title, unit, values in memory_rows(measured)
    ]
    return [aligned([["memories", "unit", *(result.label for result in results)], *rows])]


def _cell(result: RecordingResult, value: float, quantity: Quantity) -> str:
    verdict = quantity.verdict(value, result.run.structure)
    return "–" if math.isnan(value) else f"{number(value)} {verdict}".strip()


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest entry, a rule below the first row."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
