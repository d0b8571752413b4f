"""One self-contained HTML file: what was run, what was measured, and the figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

import eiassembly
from eiassembly.analysis.experiments.experiment import Experiment, Measured
from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.all import all_figures, experiment_figures
from eiassembly.analysis.figures.figure import look_of, look_of_run
from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.report.survey import Survey
from eiassembly.analysis.report.tables import UNDEFINED, RunTable, experiment_table, run_tables
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.analysis.runs.run import Run
from eiassembly.core.files import written_beside
from eiassembly.core.text import number

PAPER = (
    "Meissner-Bernard C, Zenke F, Friedrich RW (2025) Geometry and dynamics of representations in a "
    "precisely balanced memory network related to olfactory cortex. eLife 13:RP96303."
)
PAPER_DOI = "10.7554/eLife.96303"


def write_report(survey: Survey, path: Path) -> None:
    """Write the report of what was measured.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    html = render(survey)
    with written_beside(path) as partial:
        partial.write_text(html, encoding="utf-8", errors="surrogateescape")


def render(survey: Survey) -> str:
    """Return the report as HTML; it loads nothing, only links for the reader lead elsewhere."""
    results = survey.results
    environment = Environment(
        loader=PackageLoader("eiassembly.analysis.report", ""), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(
        css=resources.files("eiassembly.analysis.report").joinpath("report.css").read_text(encoding="utf-8"),
        version=eiassembly.__version__,
        summary=summary(survey),
        findings=survey.findings,
        networks=networks_per_structure(survey.runs),
        runs=[_run_row(run) for run in survey.runs],
        groups=_groups(results),
        figures=all_figures(results) if results else (),
        experiments=[_experiment(*both, survey.samples_of(both[0])) for both in survey.experiments],
        records=[
            ("Configuration", side_by_side([run.config for run in survey.runs])),
            ("Provenance", side_by_side([run.provenance for run in survey.runs])),
        ],
        paper=PAPER,
        paper_doi=PAPER_DOI,
    )


def summary(survey: Survey) -> str:
    """Say in two sentences what was run and how it compares with the paper."""
    runs, results = survey.runs, survey.results
    neurons = {sum(p.size for p in run.wiring.populations if p.neuron) for run in runs}
    seconds = {run.duration / 1000 for run in runs}
    kinds = dict.fromkeys(p.kind for run in runs for p in run.presentations)
    odors = [f"{len(_odors_of(runs, kind))} {kind}" for kind in kinds]
    compared = _observables_in_range(results) if results else ""
    return (
        f"{_counted(len(runs), 'network')} of {_alternatives(neurons)} neurons "
        f"({', '.join(look_of_run(run).title for run in runs)}), each simulated for "
        f"{_alternatives(seconds)} s with {' and '.join(odors)} odors. {compared}"
    ).strip()


def _observables_in_range(results: Sequence[RunResult]) -> str:
    verdicts = [
        verdict
        for result in results
        for measure in catalogue.MEASURES
        for kind in result.observables
        if (verdict := measure.verdict(result.value(measure, kind), result.run.structure))
        not in ("", "undefined")
    ]
    inside = verdicts.count("in range")
    return f"{inside} of {len(verdicts)} observables with a range in the paper lie inside it."


def networks_per_structure(runs: Sequence[Run]) -> str:
    """Say how many networks of each structure the findings rest on."""
    counts = Counter(structure_look(run.structure, run.label).title for run in runs)
    if set(counts.values()) == {1}:
        return "one network per structure, so chance differences between networks are not averaged out"
    return ", ".join(f"{_counted(n, 'network')} {title}" for title, n in counts.items())


def _odors_of(runs: Sequence[Run], kind: str) -> set[int]:
    return {p.odor for run in runs for p in run.presentations if p.kind == kind}


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _alternatives(values: set[Any]) -> str:
    return " or ".join(f"{value:,g}" for value in sorted(values))


def _experiment(experiment: Experiment, measured: Measured, samples: Sequence[Sample]) -> dict[str, Any]:
    table = experiment_table(experiment, samples)
    return {
        "title": experiment.title,
        "looks": [structure_look(structure) for structure in table.structures],
        "rows": table.rows,
        "figures": [figure for figure in experiment_figures(experiment, measured) if figure.panels],
    }


def _run_row(run: Run) -> dict[str, Any]:
    look = look_of_run(run)
    kinds = [p.kind for p in run.presentations]
    source = {
        k: v
        for k, v in run.wiring.description.items()
        if k != "structure" and isinstance(v, str | int | float)
    }
    return {
        "title": look.title,
        "color": look.color,
        "file": f"{run.path.resolve().parent.name}/{run.path.name}",
        "network": ", ".join(f"{key} {value}" for key, value in source.items()),
        "cells": ", ".join(f"{p.size:,} {p.name}" for p in run.wiring.populations),
        "contacts": f"{sum(p.n_contacts for p in run.wiring.projections):,}",
        "assemblies": len(run.wiring.assemblies),
        "odors": ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)),
        "duration": f"{run.duration / 1000:g} s",
        "step": f"{run.dt:g} ms, delay {run.delay:g} ms",
        "spikes": ", ".join(f"{number:,} {name}" for name, number in run.spike_counts.items()),
        "network_hash": run.network_hash,
        "odors_hash": run.odors_hash,
    }


def _groups(results: Sequence[RunResult]) -> list[dict[str, Any]]:
    """List groups of measures with their tables; those without any are left out."""
    found = [(group, run_tables(results, group)) for group in catalogue.GROUPS]
    return [
        {"name": g.name, "title": g.title, "note": g.note, "tables": [_table(t) for t in tables]}
        for g, tables in found
        if tables
    ]


def _table(table: RunTable[RunResult]) -> dict[str, Any]:
    rows = [
        {
            "measure": measure,
            "cells": [
                (number(value) if value == value else UNDEFINED, measure.verdict(value, result.run.structure))
                for value, result in zip(values, table.results, strict=True)
            ],
        }
        for measure, values in table.rows
    ]
    return {"kind": table.kind, "runs": [look_of(result) for result in table.results], "rows": rows}


def side_by_side(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Names and values of some records of nested JSON: one value where all agree, else one per record."""
    flat = [dict(flattened(record)) for record in records]
    rows = []
    for name in dict.fromkeys(name for record in flat for name in record):
        values = [record.get(name, "–") for record in flat]
        rows.append((name, values[:1] if len(set(values)) == 1 else values))
    return rows


def flattened(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested JSON as dotted names and values; tables in a list are numbered from 0."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{key}.")
        elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
            yield from flattened({str(number): item for number, item in enumerate(value)}, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
