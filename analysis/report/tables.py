"""The measures of several runs side by side, as rows and as tables for the terminal."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from eiassembly.analysis.claims.claim import Judged
from eiassembly.analysis.experiments.experiment import Experiment
from eiassembly.analysis.experiments.result import AnyResult, RecordingResult, kinds_of
from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.catalogue import Group
from eiassembly.analysis.measures.measure import Measure, Sample
from eiassembly.analysis.measures.observables import GROUP, population_rate
from eiassembly.analysis.report.survey import Summary
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.config.structures import in_order
from eiassembly.core.text import mean_and_spread, number

UNDEFINED = "–"


@dataclass(frozen=True)
class RunTable(Generic[AnyResult]):
    """Measures of one group and kind of odor, rows, of several runs, columns.

    Parameters
    ----------
    group : Group
        Of the measures.
    kind : str
        Kind of odor; empty for measures of whole runs.
    results : tuple of RecordingResult
        Columns: those that have been measured with this kind.
    rows : tuple of (Measure, tuple of float)
        Measures and their values in all columns, NaN where undefined; what no run can tell is left out,
        unless the paper has a range that it would be compared with.
    """

    group: Group
    kind: str
    results: tuple[AnyResult, ...]
    rows: tuple[tuple[Measure, tuple[float, ...]], ...]

    @property
    def title(self) -> str:
        """Heading of the column of measures."""
        kind = f"{self.kind} odors" if self.kind else ""
        return ", ".join(part for part in (self.group.name * (self.group.name != GROUP), kind) if part)

    def as_rows(self) -> list[list[str]]:
        """Return head and rows as text."""
        return [
            [self.title, "unit", "paper", *(result.label for result in self.results)],
            *([m.title, m.unit, m.range_text, *self._cells(m, values)] for m, values in self.rows),
        ]

    def _cells(self, measure: Measure, values: Sequence[float]) -> Iterator[str]:
        for result, value in zip(self.results, values, strict=True):
            verdict = measure.verdict(value, result.run.structure)
            yield UNDEFINED if math.isnan(value) else f"{number(value)} {verdict}".strip()


def run_tables(results: Sequence[AnyResult], group: Group) -> tuple[RunTable[AnyResult], ...]:
    """Tables of a group: one for every kind of odor, or one for whole runs; none without rows."""
    tables = (_run_table(results, group, kind) for kind in (kinds_of(results) if group.by_kind else ("",)))
    return tuple(table for table in tables if table.rows)


def _run_table(results: Sequence[AnyResult], group: Group, kind: str) -> RunTable[AnyResult]:
    shown = tuple(result for result in results if not kind or kind in result.observables)
    rows = ((one, tuple(r.value(one, kind) for r in shown)) for one in _listed(group, shown))
    log = tuple(row for row in rows if row[0].has_range or not all(map(math.isnan, row[1])))
    return RunTable(group, kind, shown, log)


def _listed(group: Group, results: Sequence[RecordingResult]) -> Iterator[Measure]:
    """Yield the measures; with several inhibitory populations the rate of each follows that of all."""
    for measure in catalogue.of_group(group.name):
        yield measure
        if measure.name == "inhibitory_rate":
            several = [
                r.responses.population_names.inhibitory
                for r in results
                if len(r.responses.population_names.inhibitory) > 1
            ]
            yield from map(population_rate, dict.fromkeys(name for names in several for name in names))


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
    measure : Measure
        What was measured.
    condition : str
        As in `Sample`.
    cells : tuple of str
        Mean ± standard deviation over networks, in the order of the columns.
    """

    measure: Measure
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
            *([row.measure.title, row.condition, row.measure.unit, *row.cells] for row in self.rows),
        ]


def experiment_table(experiment: Experiment, samples: Iterable[Sample]) -> ExperimentTable:
    """Arrange the samples of an experiment; measures that nobody has are left out."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for sample in samples:
        by_structure = found.setdefault((sample.measure, sample.condition), {})
        by_structure.setdefault(sample.structure, []).append(sample.value)
    structures = tuple(in_order(s for by_structure in found.values() for s in by_structure))
    rows = [
        SampleRow(measure, condition, tuple(_mean_cell(by_structure.get(s, ())) for s in structures))
        for name, measure in experiment.measures.items()
        for (measured, condition), by_structure in found.items()
        if measured == name
    ]
    shown = tuple(row for row in rows if any(cell != UNDEFINED for cell in row.cells))
    return ExperimentTable(experiment.title, structures, shown)


def _mean_cell(values: Sequence[float]) -> str:
    defined = [value for value in values if not math.isnan(value)]
    return mean_and_spread(defined) if defined else UNDEFINED


def as_text(survey: Summary) -> str:
    """Tables for a terminal: of runs odor by odor, of experiments, and what the paper says.

    One table per group of measures and kind of odor, rows are measures, columns are runs; one table per
    experiment, columns are structures.
    """
    tables = [table for group in catalogue.GROUPS for table in run_tables(survey.results, group)]
    parts = [aligned(table.as_rows()) for table in tables]
    parts += [aligned(experiment_table(e, survey.samples_of(e)).as_rows()) for e, _ in survey.experiments]
    findings = survey.findings
    if findings:
        lines = [_finding_as_text(finding) for finding in findings]
        parts.append("\n".join(["What the paper says, and these runs", *lines]))
    return "\n\n".join(parts)


def _finding_as_text(finding: Judged) -> str:
    verdict = "holds" if finding.holds else "does not hold"
    claim = finding.claim
    return f"{claim.name}  {verdict}: {finding.statement.text} ({claim.source}): {finding.measured}"
