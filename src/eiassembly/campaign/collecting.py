"""All results of a campaign in one table: a row per run and kind of odor, as CSV and as JSON."""

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eiassembly.analysis.experiments.result import RunResult, analyse_run
from eiassembly.analysis.measures.observables import MEASURES
from eiassembly.analysis.runs.run import open_run
from eiassembly.campaign.folders import folder_of
from eiassembly.campaign.plan import Campaign, PlannedRun
from eiassembly.campaign.states import State
from eiassembly.core.files import written_beside

FORMAT = "eiassembly-campaign"
VERSION = 1
Row = dict[str, Any]


def rows_of(campaign: Campaign, run: PlannedRun) -> Iterator[Row]:
    """Measure a run that is done: a row per kind of odor.

    Raises
    ------
    EiassemblyError
        Its protocol has nothing that can be measured, or what it replays is not there.
    """
    result = analyse_run(open_run(folder_of(campaign, run).run))
    for kind, values in result.observables.items():
        measured = {m.name: _finite_or_none(getattr(values, m.name)) for m in MEASURES}
        yield {**_named(run), "odors": kind, **measured, **_provenance(result)}


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


def _provenance(result: RunResult) -> Row:
    record = result.run.provenance
    return {
        "network_hash": result.run.network_hash,
        "odors_hash": result.run.odors_hash,
        "ranks": record["ranks"],
        "threads": record["threads_per_rank"],
        "wall_clock_s": round(sum(record["wall_clock_s"].values()), 3),
        "peak_memory_MiB": record["peak_memory_MiB_per_rank"],
    }


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def write(
    campaign: Campaign, states: Sequence[State], rows: Sequence[Row], not_measured: Mapping[str, str]
) -> tuple[Path, Path]:
    """Write results.csv and results.json into the folder of the campaign.

    Parameters
    ----------
    campaign : Campaign
        The campaign.
    states : sequence of State
        Of all its runs.
    rows : sequence of dict
        See `rows_of`.
    not_measured : mapping of str to str
        Why a run that is done has no rows, by its name.

    Raises
    ------
    EnvironmentProblemError
        They cannot be written.
    """
    as_csv, as_json = campaign.folder / "results.csv", campaign.folder / "results.json"
    with (
        written_beside(as_csv) as partial,
        partial.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file,
    ):
        table = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        table.writeheader()
        table.writerows(rows)
    with written_beside(as_json) as partial:
        text = json.dumps(
            _content(campaign, states, rows, not_measured), indent=1, allow_nan=False, ensure_ascii=False
        )
        partial.write_text(text + "\n", encoding="utf-8", errors="surrogateescape")
    return as_csv, as_json


def _content(
    campaign: Campaign, states: Sequence[State], rows: Sequence[Row], not_measured: Mapping[str, str]
) -> Row:
    return {
        "format": FORMAT,
        "version": VERSION,
        "campaign": campaign.name,
        "quantities": {m.name: {"title": m.title, "unit": m.unit, "source": m.source} for m in MEASURES},
        "not done": {state.run.name: state.kind for state in states if state.kind != "done"},
        "not measured": dict(not_measured),
        "rows": list(rows),
    }
