"""Results as files; the suffix says in which format."""

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.report.as_hdf5 import write_hdf5
from eiassembly.analysis.report.as_json import write_json
from eiassembly.analysis.report.survey import Summary
from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.files import csv_beside

COLUMNS = (
    "run", "label", "network", "structure", "preset", "seed",
    "experiment", "condition", "measure", "unit", "value",
)  # fmt: skip
"""Of every tidy table, here and of a campaign.

Name of the file and of the run; what network it is; the experiment that the number belongs to, if any; kind
of odors or what else tells it from others (empty: all); what was measured, and the value. Experiments may
have several runs: for them there is no file, and the label is the network.
"""


def file_name(run: Recording) -> str:
    """Name of the file of a run."""
    return run.path.name


def write_results(survey: Summary, path: Path) -> None:
    """Write what was measured in the format of the suffix, one of `WRITERS`.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    WRITERS[path.suffix.lower()](survey, path)


def write_csv(survey: Summary, path: Path, name_of_run: Callable[[Recording], str] = file_name) -> None:
    """Write RESULTS.csv.

    Parameters
    ----------
    survey : Survey or ExternalSurvey
        What was measured.
    path : Path
        The file.
    name_of_run : callable
        Gives what stands in the column ``run``.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with csv_beside(path) as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows(tidy_rows(survey, name_of_run))


WRITERS: Mapping[str, Callable[[Summary, Path], None]] = MappingProxyType(
    {".json": write_json, ".h5": write_hdf5, ".csv": write_csv}
)
"""By the suffix of the file."""


def tidy_rows(
    survey: Summary, name_of_run: Callable[[Recording], str] = file_name
) -> Iterator[tuple[object, ...]]:
    """Rows of all samples, in the order of `COLUMNS`; undefined values are empty."""
    for result in survey.results:
        about = result.run.wiring.description
        network = (about.get("preset", ""), about.get("seed", ""))
        yield from (_row(s, name_of_run(result.run), result.label, *network) for s in result.samples)
    for experiment, _ in survey.experiments:
        yield from (_row(s, "", s.network, "", "") for s in survey.samples_of(experiment))


def _row(sample: Sample, run: str, label: str, preset: object, seed: object) -> tuple[object, ...]:
    value = repr(float(sample.value)) if math.isfinite(sample.value) else ""
    return (
        run, label, sample.network, sample.structure, preset, seed,
        sample.experiment, sample.condition, sample.measure, sample.unit, value,
    )  # fmt: skip
