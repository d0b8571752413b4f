"""Samples of an experiment as a table: a row per measure and condition, a column per structure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eiassembly.analysis.experiments import Experiment, Sample
from eiassembly.analysis.numbers import mean_and_spread
from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.style import structure_look

UNDEFINED = "–"


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
    structures = tuple(dict.fromkeys(s for by_structure in found.values() for s in by_structure))
    rows = [
        SampleRow(quantity, condition, tuple(_cell(by_structure.get(s, ())) for s in structures))
        for name, quantity in experiment.quantities.items()
        for (measured, condition), by_structure in found.items()
        if measured == name
    ]
    shown = tuple(row for row in rows if any(cell != UNDEFINED for cell in row.cells))
    return ExperimentTable(experiment.title, structures, shown)


def _cell(values: Sequence[float]) -> str:
    defined = [value for value in values if not math.isnan(value)]
    return mean_and_spread(defined) if defined else UNDEFINED
