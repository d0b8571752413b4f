"""All results of a campaign as CSV and JSON: every number as ``analyse`` writes it, and what was run."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eiassembly.analysis.experiments.all import all_measures
from eiassembly.analysis.report.export import COLUMNS, tidy_rows, write_csv
from eiassembly.analysis.report.survey import Failed, Survey, survey
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.run import Run, open_run
from eiassembly.campaign.folders import folder_of
from eiassembly.campaign.plan import Campaign, PlannedRun
from eiassembly.campaign.states import State
from eiassembly.core.errors import EiassemblyError
from eiassembly.core.files import csv_beside, written_beside

FORMAT = "eiassembly-campaign"
VERSION = 2
Row = dict[str, Any]


def measured(campaign: Campaign, done: Sequence[PlannedRun], failed: Failed) -> Survey:
    """Measure runs that are done, all of them odor by odor, and as the experiments that they belong to.

    Parameters
    ----------
    campaign : Campaign
        The campaign.
    done : sequence of PlannedRun
        What to measure; labels are their names.
    failed : callable
        Is given what cannot be measured and is left out.
    """
    runs = []
    for planned in done:
        try:
            runs.append(replace(open_run(folder_of(campaign, planned).run), label=planned.name))
        except EiassemblyError as error:
            failed(planned.name, error)
    return survey(runs, ordinary=lambda run: True, failed=failed)


def rows_of_runs(runs: Sequence[PlannedRun], opened: Sequence[Run]) -> Iterator[Row]:
    """Say what was run: a row per run that was measured."""
    planned = {run.name: run for run in runs}
    return ({**_named(planned[run.label]), **_provenance(run)} for run in opened)


def _named(run: PlannedRun) -> Row:
    network = run.config.network
    return {
        "run": run.name,
        "network.preset": network.preset,
        "network.structure": network.structure,
        "network.seed": network.seed,
        "network.scale": network.scale,
        "odors.seed": run.config.odors.seed,
        **{name: _cell(value) for name, value in run.changes.items()},
        "identity": run.identity,
    }


def _provenance(run: Run) -> Row:
    record = run.provenance
    return {
        "network_hash": run.network_hash,
        "odors_hash": run.odors_hash,
        "ranks": record["ranks"],
        "threads": record["threads_per_rank"],
        "wall_clock_s": round(sum(record["wall_clock_s"].values()), 3),
        "peak_memory_MiB": record["peak_memory_MiB_per_rank"],
    }


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def write(
    campaign: Campaign, states: Sequence[State], found: Survey, not_measured: Mapping[str, str]
) -> tuple[Path, Path, Path]:
    """Write results.csv, runs.csv and results.json into the folder of the campaign.

    Parameters
    ----------
    campaign : Campaign
        The campaign.
    states : sequence of State
        Of all its runs.
    found : Survey
        See `measured`.
    not_measured : mapping of str to str
        Why a run that is done, or an experiment, is left out, by its name.

    Raises
    ------
    EnvironmentProblemError
        They cannot be written.
    """
    folder = campaign.folder
    as_csv, of_runs, as_json = folder / "results.csv", folder / "runs.csv", folder / "results.json"
    runs = list(rows_of_runs(campaign.runs, found.runs))
    write_csv(found, as_csv, _name)
    _write_runs(runs, of_runs)
    content = _content(campaign, states, runs, found, not_measured)
    with written_beside(as_json) as partial:
        text = json.dumps(content, indent=1, allow_nan=False, ensure_ascii=False)
        partial.write_text(text + "\n", encoding="utf-8", errors="surrogateescape")
    return as_csv, of_runs, as_json


def _name(run: Recording) -> str:
    """Name of a planned run: all files are called run.h5."""
    return run.label


def _write_runs(runs: Sequence[Row], path: Path) -> None:
    with csv_beside(path) as file:
        table = csv.DictWriter(file, list(dict.fromkeys(name for row in runs for name in row)))
        table.writeheader()
        table.writerows(runs)


def _content(
    campaign: Campaign,
    states: Sequence[State],
    runs: Sequence[Row],
    found: Survey,
    not_measured: Mapping[str, str],
) -> Row:
    return {
        "format": FORMAT,
        "version": VERSION,
        "campaign": campaign.name,
        "measures": {
            experiment: {
                m.name: {"title": m.title, "unit": m.unit, "source": m.source} for m in named.values()
            }
            for experiment, named in all_measures().items()
        },
        "not done": {state.run.name: state.kind for state in states if state.kind != "done"},
        "not measured": dict(not_measured),
        "runs": list(runs),
        "rows": [_as_json(row) for row in tidy_rows(found, _name)],
    }


def _as_json(row: Sequence[object]) -> Row:
    named = dict(zip(COLUMNS, row, strict=True))
    return named | {"value": float(str(named["value"])) if named["value"] else None}
