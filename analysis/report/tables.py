"""The measures of several runs side by side, as rows and as tables for the terminal."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from eiassembly.analysis.claims.claim import Judged
from eiassembly.analysis.experiments.experiment import Experiment, Sample
from eiassembly.analysis.experiments.result import RecordingResult, kinds_of
from eiassembly.analysis.measures.dynamics.summary import DYNAMICS, Dynamics
from eiassembly.analysis.measures.measure import Quantity
from eiassembly.analysis.measures.memory.memories import MemoryResult, memory_results, memory_rows
from eiassembly.analysis.measures.observables import QUANTITIES, Observables
from eiassembly.analysis.report.survey import Surveyed
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.config.structures import in_order
from eiassembly.core.text import mean_and_spread, number

Measures = TypeVar("Measures", Observables, Dynamics)
RowsFor = Callable[[Sequence["RecordingResult"], str], Iterator[tuple[Quantity, list[float]]]]
"""Makes the rows of a table for one kind of odor."""

UNDEFINED = "–"


def rows_of(results: Sequence[RecordingResult], kind: str) -> Iterator[tuple[Quantity, list[float]]]:
    """Observables of one kind of odor with their values in all runs, in the order of tables.

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
    """Measures of the dynamics with one kind of odor; those that no run can tell are left out."""
    for name, quantity in DYNAMICS:
        values = [getattr(result.dynamics[kind].measures, name) for result in results]
        if not all(math.isnan(value) for value in values):
            yield quantity, values


def table_as_text(results: Sequence[RecordingResult], title: str, kind: str, rows_for: RowsFor) -> str:
    """One table for a terminal: rows are measures of one kind of odor, columns are runs."""
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


@dataclass(frozen=True)
class SampleRow:
    """Values of one measure under one condition.

    Parameters
    ----------
    quantity : Quantity
        What was measured.
    condition : str
        As in `Sample`.
    cells : tuple of str
        Mean ± standard deviation over networks, in the order of the columns.
    """

    quantity: Quantity
    condition: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ExperimentTable:
    """All numbers of an experiment.

    Parameters
    ----------
    title : str
        Of the experiment.
    structures : tuple of str
        Columns.
    rows : tuple of SampleRow
        Measures in the order in which the experiment lists them.
    """

    title: str
    structures: tuple[str, ...]
    rows: tuple[SampleRow, ...]

    def as_rows(self) -> list[list[str]]:
        """Return head and rows as text."""
        titles = [structure_look(structure).title for structure in self.structures]
        return [
            [self.title, "", "unit", *titles],
            *([row.quantity.title, row.condition, row.quantity.unit, *row.cells] for row in self.rows),
        ]


def experiment_table(experiment: Experiment, samples: Iterable[Sample]) -> ExperimentTable:
    """Arrange the samples of an experiment; measures that nobody has are left out."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for sample in samples:
        by_structure = found.setdefault((sample.quantity, sample.condition), {})
        by_structure.setdefault(sample.structure, []).append(sample.value)
    structures = tuple(in_order(s for by_structure in found.values() for s in by_structure))
    rows = [
        SampleRow(quantity, condition, tuple(_mean_cell(by_structure.get(s, ())) for s in structures))
        for name, quantity in experiment.quantities.items()
        for (measured, condition), by_structure in found.items()
        if measured == name
    ]
    shown = tuple(row for row in rows if any(cell != UNDEFINED for cell in row.cells))
    return ExperimentTable(experiment.title, structures, shown)


def _mean_cell(values: Sequence[float]) -> str:
    defined = [value for value in values if not math.isnan(value)]
    return mean_and_spread(defined) if defined else UNDEFINED


def as_text(survey: Surveyed) -> str:
    """Tables for a terminal: of runs odor by odor, of experiments, and what the paper says.

    Two tables per kind of odor, rows are observables and dynamics, columns are runs; one table per
    experiment, columns are structures.
    """
    results = survey.results
    kinds = kinds_of(results)
    parts = [table_as_text(results, f"{kind} odors", kind, rows_of) for kind in kinds]
    parts += [table_as_text(results, f"dynamics, {kind} odors", kind, dynamics_rows) for kind in kinds]
    parts += memories_as_text(results)
    parts += [aligned(experiment_table(e, found.samples()).as_rows()) for e, found in survey.experiments]
    findings = survey.findings
    if findings:
        lines = [_finding_as_text(finding) for finding in findings]
        parts.append("\n".join(["What the paper says, and these runs", *lines]))
    return "\n\n".join(parts)


def _finding_as_text(finding: Judged) -> str:
    verdict = "holds" if finding.holds else "does not hold"
    claim = finding.claim
    return f"{claim.name}  {verdict}: {finding.statement.text} ({claim.source}): {finding.measured}"
