"""The measures of several runs side by side, as rows and as tables for the terminal."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from eiassembly.analysis.comparison import Finding, findings
from eiassembly.analysis.correlations import mean_of_defined
from eiassembly.analysis.dynamics import DYNAMICS, Dynamics, KindDynamics, dynamics
from eiassembly.analysis.dynamics_comparison import dynamics_findings
from eiassembly.analysis.memory_tables import MemoryResult, memory_results, memory_rows
from eiassembly.analysis.observables import QUANTITIES, Observables, Quantity, observables
from eiassembly.analysis.responses import Responses, measure
from eiassembly.analysis.results import Run

Measures = TypeVar("Measures", Observables, Dynamics)
RowsFor = Callable[[Sequence["RunResult"], str], Iterator[tuple[Quantity, list[float]]]]
"""Makes the rows of a table for one kind of odour."""


@dataclass(frozen=True)
class RunResult:
    """A run, the responses in it, its observables and its dynamics by the kind of odour."""

    run: Run
    responses: Responses
    observables: Mapping[str, Observables]
    dynamics: Mapping[str, KindDynamics]

    @property
    def label(self) -> str:
        """Name of the run in tables and figures."""
        return self.run.label


def analyse_run(run: Run) -> RunResult:
    """Measure a run (see `measure` for its errors)."""
    responses = measure(run)
    by_kind = {kind: observables(responses.of_kind(kind), run.wiring) for kind in responses.kinds}
    moving = {kind: dynamics(run, responses.of_kind(kind).presentations) for kind in responses.kinds}
    return RunResult(run, responses, by_kind, moving)


def by_structure(results: Sequence[RunResult]) -> Mapping[str, Mapping[str, Observables]]:
    """Observables by structure and kind of odour; means over runs of the same structure."""
    return _averaged([(r.run.structure, r.observables) for r in results])


def all_findings(results: Sequence[RunResult]) -> tuple[Finding, ...]:
    """Compare what the paper says about these structures and odours with what the runs show."""
    measures = [
        (r.run.structure, {kind: found.measures for kind, found in r.dynamics.items()}) for r in results
    ]
    return findings(by_structure(results)) + dynamics_findings(_averaged(measures))


def _averaged(measured: Sequence[tuple[str, Mapping[str, Measures]]]) -> dict[str, dict[str, Measures]]:
    gathered: dict[str, dict[str, list[Measures]]] = {}
    for structure, by_kind in measured:
        for kind, values in by_kind.items():
            gathered.setdefault(structure, {}).setdefault(kind, []).append(values)
    return {
        structure: {kind: _mean(values) for kind, values in kinds.items()}
        for structure, kinds in gathered.items()
    }


def _mean(values: Sequence[Measures]) -> Measures:
    kind = type(values[0])
    columns = {f.name: np.array([getattr(v, f.name) for v in values]) for f in fields(kind)}
    return kind(**{name: mean_of_defined(column) for name, column in columns.items()})


def kinds_of(results: Sequence[RunResult]) -> tuple[str, ...]:
    """Kinds of odours in any of the runs, in order of appearance."""
    return tuple(dict.fromkeys(kind for result in results for kind in result.observables))


def rows_of(results: Sequence[RunResult], kind: str) -> Iterator[tuple[Quantity, list[float]]]:
    """Observables of one kind of odour with their values in all runs, in the order of tables.

    Where there are several inhibitory populations the rate of each follows that of all; NaN in runs without.
    """
    for name, quantity in QUANTITIES:
        yield quantity, [getattr(result.observables[kind], name) for result in results]
        if name == "inhibitory_rate":
            yield from _rates_by_population(results, kind)


def _rates_by_population(results: Sequence[RunResult], kind: str) -> Iterator[tuple[Quantity, list[float]]]:
    several = [r.responses.roles.inhibitory for r in results if len(r.responses.roles.inhibitory) > 1]
    for name in dict.fromkeys(name for names in several for name in names):
        rates = [result.responses.of_kind(kind).mean_rates.get(name, math.nan) for result in results]
        yield Quantity(f"Odor rate, {name}", "Hz", "Methods"), rates


def dynamics_rows(results: Sequence[RunResult], kind: str) -> Iterator[tuple[Quantity, list[float]]]:
    """Measures of the dynamics with one kind of odour; those that no run can tell are left out."""
    for name, quantity in DYNAMICS:
        values = [getattr(result.dynamics[kind].measures, name) for result in results]
        if not all(math.isnan(value) for value in values):
            yield quantity, values


def as_text(results: Sequence[RunResult]) -> str:
    """Tables for a terminal: two per kind of odour, rows are observables and dynamics, columns are runs."""
    kinds = kinds_of(results)
    parts = [_table_as_text(results, f"{kind} odors", kind, rows_of) for kind in kinds]
    parts += [_table_as_text(results, f"dynamics, {kind} odors", kind, dynamics_rows) for kind in kinds]
    parts += _memories_as_text(results)
    found = all_findings(results)
    if found:
        parts.append("What the paper says, and these runs\n" + "\n".join(_finding_as_text(f) for f in found))
    return "\n\n".join(parts)


def _table_as_text(results: Sequence[RunResult], title: str, kind: str, rows_for: RowsFor) -> str:
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


def memories_in(results: Sequence[RunResult]) -> tuple[MemoryResult | None, ...]:
    """Memories of the runs; None where a network has none."""
    return memory_results([(result.run, result.responses) for result in results])


def _memories_as_text(results: Sequence[RunResult]) -> list[str]:
    """Return a table of the memories; none if no network has any."""
    measured = memories_in(results)
    if not any(measured):
        return []
    rows = [
        [title, unit, *("–" if math.isnan(value) else number(value) for value in values)]
        for title, unit, values in memory_rows(measured)
    ]
    return [aligned([["memories", "unit", *(result.label for result in results)], *rows])]


def _cell(result: RunResult, value: float, quantity: Quantity) -> str:
    verdict = quantity.verdict(value, result.run.structure)
    return "–" if math.isnan(value) else f"{number(value)} {verdict}".strip()


def number(value: float) -> str:
    """Three significant digits, a true minus sign; thousands are set off by a comma."""
    if abs(value) >= 999.5:
        return f"{float(f'{value:.3g}'):,.0f}".replace("-", "−")
    return f"{value:#.3g}".rstrip(".").replace("-", "−")


def _finding_as_text(finding: Finding) -> str:
    verdict = "holds" if finding.holds else "does not hold"
    return f"{finding.claim}  {verdict}: {finding.statement} ({finding.source}): {finding.measured}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest entry, a rule below the first row."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
