"""One self-contained HTML file: what was run, what was measured, and the figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

import eiassembly
from eiassembly.analysis.gallery import all_plates
from eiassembly.analysis.observables import QUANTITIES
from eiassembly.analysis.panels import look_of
from eiassembly.analysis.style import structure_look
from eiassembly.analysis.tables import (
    RowsFor,
    RunResult,
    all_findings,
    dynamics_rows,
    kinds_of,
    number,
    rows_of,
)
from eiassembly.model.files import written_beside

PAPER = (
    "Meissner-Bernard C, Zenke F, Friedrich RW (2025) Geometry and dynamics of representations in a "
    "precisely balanced memory network related to olfactory cortex. eLife 13:RP96303."
)
PAPER_DOI = "10.7554/eLife.96303"


def write_report(results: Sequence[RunResult], path: Path) -> None:
    """Write the report of some runs.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    html = render(results)
    with written_beside(path) as partial:
        partial.write_text(html, encoding="utf-8")


def render(results: Sequence[RunResult]) -> str:
    """Return the report as HTML; it loads nothing, only links for the reader lead elsewhere."""
    environment = Environment(
        loader=PackageLoader("eiassembly.analysis", ""), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("report.html.j2").render(
        css=resources.files("eiassembly.analysis").joinpath("report.css").read_text(encoding="utf-8"),
        version=eiassembly.__version__,
        summary=summary(results),
        findings=all_findings(results),
        networks=networks_per_structure(results),
        runs=[_run_row(result) for result in results],
        tables=[_table(results, kind, rows_of) for kind in kinds_of(results)],
        dynamics=[_table(results, kind, dynamics_rows) for kind in kinds_of(results)],
        plates=all_plates(results),
        records=[
            ("Configuration", side_by_side([r.run.config for r in results])),
            ("Provenance", side_by_side([r.run.provenance for r in results])),
        ],
        paper=PAPER,
        paper_doi=PAPER_DOI,
    )


def summary(results: Sequence[RunResult]) -> str:
    """Say in two sentences what was run and how it compares with the paper."""
    neurons = {sum(p.size for p in r.run.wiring.populations if p.neuron) for r in results}
    seconds = {r.run.duration / 1000 for r in results}
    odors = [f"{len(_odors_of(results, kind))} {kind}" for kind in kinds_of(results)]
    verdicts = [
        verdict
        for result in results
        for values in result.observables.values()
        for name, quantity in QUANTITIES
        if (verdict := quantity.verdict(getattr(values, name), result.run.structure)) not in ("", "undefined")
    ]
    return (
        f"{_counted(len(results), 'network')} of {_alternatives(neurons)} neurons "
        f"({', '.join(look_of(r).title for r in results)}), each simulated for "
        f"{_alternatives(seconds)} s with "
        f"{' and '.join(odors)} odors. "
        f"{verdicts.count('in range')} of {len(verdicts)} observables with a range in the paper lie "
        "inside it."
    )


def networks_per_structure(results: Sequence[RunResult]) -> str:
    """Say how many networks of each structure the findings rest on."""
    counts = Counter(structure_look(r.run.structure, r.label).title for r in results)
    if set(counts.values()) == {1}:
        return "one network per structure, so chance differences between networks are not averaged out"
    return ", ".join(f"{_counted(n, 'network')} {title}" for title, n in counts.items())


def _odors_of(results: Sequence[RunResult], kind: str) -> set[int]:
    return {p.odor for r in results for p in r.responses.presentations if p.kind == kind}


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _alternatives(values: set[Any]) -> str:
    return " or ".join(f"{value:,g}" for value in sorted(values))


def _run_row(result: RunResult) -> dict[str, Any]:
    run, look = result.run, look_of(result)
    kinds = [p.kind for p in result.responses.presentations]
    source = {
        k: v
        for k, v in run.wiring.description.items()
        if k != "structure" and isinstance(v, str | int | float)
    }
    return {
        "title": look.title,
        "color": look.color,
        "file": run.path.name,
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


def _table(results: Sequence[RunResult], kind: str, rows_for: RowsFor) -> dict[str, Any]:
    shown = [result for result in results if kind in result.observables]
    rows = []
    for quantity, values in rows_for(shown, kind):
        if any(value == value for value in values):
            verdicts = [quantity.verdict(v, r.run.structure) for v, r in zip(values, shown, strict=True)]
            cells = [
                (number(v) if v == v else "–", verdict) for v, verdict in zip(values, verdicts, strict=True)
            ]
            rows.append({"quantity": quantity, "cells": cells})
    return {"kind": kind, "runs": [look_of(r) for r in shown], "rows": rows}


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
