"""Results as files; the suffix says in which format."""

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from eiassembly.analysis.experiments.experiment import Experiment, Measured
from eiassembly.analysis.experiments.result import RecordingResult
from eiassembly.analysis.measures.dynamics.summary import DYNAMICS
from eiassembly.analysis.measures.memory.memories import memory_rows
from eiassembly.analysis.measures.observables import QUANTITIES
from eiassembly.analysis.report.as_hdf5 import write_hdf5
from eiassembly.analysis.report.as_json import write_json
from eiassembly.analysis.report.survey import Surveyed
from eiassembly.analysis.report.tables import memories_in
from eiassembly.core.files import written_beside

COLUMNS = ("run", "label", "structure", "preset", "seed", "experiment", "odors", "quantity", "unit", "value")
"""Name of the file and of the run, what network it is, kind of odors (empty: all), and the value.

Of experiments, which may have several runs, there is no file; the label is the network, and the condition of
the sample takes the place of the kind of odors.
"""

_Value = tuple[str, str, str, float]


def write_results(survey: Surveyed, path: Path) -> None:
    """Write what was measured in the format of the suffix, one of `WRITERS`.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    WRITERS[path.suffix.lower()](survey, path)


def write_csv(survey: Surveyed, path: Path) -> None:
    """Write RESULTS.csv.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with (
        written_beside(path) as partial,
        partial.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(rows_in(survey.results))
        table.writerows(rows_of_experiments(survey.experiments))


WRITERS: Mapping[str, Callable[[Surveyed, Path], None]] = MappingProxyType(
    {".json": write_json, ".h5": write_hdf5, ".csv": write_csv}
)
"""By the suffix of the file."""


def rows_in(results: Sequence[RecordingResult]) -> Iterator[tuple[object, ...]]:
    """Rows of the table, in the order of `COLUMNS`; undefined values are empty."""
    rows = memory_rows(memories_in(results))
    for number, result in enumerate(results):
        run, about = result.run, result.run.wiring.description
        named = (run.path.name, run.label, run.structure, about.get("preset", ""), about.get("seed", ""))
        of_memories = (("", title.strip(), unit, values[number]) for title, unit, values in rows)
        for kind, name, unit, value in (*_of_kinds(result), *of_memories):
            yield (*named, "", kind, name, unit, _text(value))


def rows_of_experiments(experiments: Sequence[tuple[Experiment, Measured]]) -> Iterator[tuple[object, ...]]:
    """Rows of the samples of all experiments, in the order of `COLUMNS`."""
    for experiment, measured in experiments:
        for s in measured.samples():
            unit = experiment.quantities[s.quantity].unit
            named = ("", s.network, s.structure, "", "", s.experiment)
            yield (*named, s.condition, s.quantity, unit, _text(s.value))


def _text(value: float) -> str:
    return repr(float(value)) if math.isfinite(value) else ""


def _of_kinds(result: RecordingResult) -> Iterator[_Value]:
    for kind, observed in result.observables.items():
        for name, quantity in QUANTITIES:
            yield kind, name, quantity.unit, getattr(observed, name)
        for name, rate in result.responses.of_kind(kind).mean_rates.items():
            yield kind, f"odor_rate_{name}", "Hz", rate
        for name, quantity in DYNAMICS:
            yield kind, name, quantity.unit, getattr(result.dynamics[kind].measures, name)
