"""RESULTS.json: everything measured, with units."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import eiassembly
from eiassembly.analysis.claims.claim import Judged
from eiassembly.analysis.experiments.experiment import Experiment
from eiassembly.analysis.experiments.result import RecordingResult
from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.catalogue import Group
from eiassembly.analysis.measures.measure import Measure, Sample
from eiassembly.analysis.measures.memory.memories import memory_as_json
from eiassembly.analysis.report.survey import Summary
from eiassembly.core.files import written_beside

RESULTS_FORMAT = "eiassembly-results"
RESULTS_VERSION = 1


def as_json(survey: Summary) -> dict[str, Any]:
    """Everything measured, with units and ranges, as plain JSON values; undefined values are null."""
    return {
        "format": RESULTS_FORMAT,
        "version": RESULTS_VERSION,
        "eiassembly": eiassembly.__version__,
        "quantities": {measure.name: _described(measure) for measure in catalogue.MEASURES},
        "runs": [_run_as_json(result) for result in survey.results],
        "experiments": [_experiment_as_json(one, survey.samples_of(one)) for one, _ in survey.experiments],
        "findings": [_finding_as_json(finding) for finding in survey.findings],
    }


def write_json(survey: Summary, path: Path) -> None:
    """Write RESULTS.json.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with written_beside(path) as partial:
        text = json.dumps(as_json(survey), indent=1, allow_nan=False, ensure_ascii=False)
        partial.write_text(text + "\n", encoding="utf-8", errors="surrogateescape")


def _described(measure: Measure) -> dict[str, Any]:
    return {
        "title": measure.title,
        "unit": measure.unit,
        "source": measure.source,
        "low": _finite_or_none(measure.low),
        "high": _finite_or_none(measure.high),
        "range_holds_for": measure.only or "all structures",
    }


def _run_as_json(result: RecordingResult) -> dict[str, Any]:
    run = result.run
    return {
        "label": run.label,
        "file": run.path.name,
        "structure": run.structure,
        "network": run.wiring.description,
        "network_hash": run.network_hash,
        "odors_hash": run.odors_hash,
        "duration_ms": run.duration,
        "delay_ms": _finite_or_none(run.delay),
        "provenance": run.provenance,
        "rates_Hz": {kind: result.responses.of_kind(kind).mean_rates for kind in result.observables},
        **{group.name: _group_as_json(result, group) for group in catalogue.GROUPS},
        "memory": memory_as_json(result.memory),
    }


def _group_as_json(result: RecordingResult, group: Group) -> dict[str, Any]:
    """Values by name; if they are measured by the kind of odor, by kind and name."""
    if not group.by_kind:
        return {} if result.memory is None else _values_as_json(result, group, "")
    return {kind: _values_as_json(result, group, kind) for kind in result.observables}


def _values_as_json(result: RecordingResult, group: Group, kind: str) -> dict[str, Any]:
    return {
        measure.name: {
            "value": _finite_or_none(value := result.value(measure, kind)),
            "unit": measure.unit,
            "verdict": measure.verdict(value, result.run.structure),
        }
        for measure in catalogue.of_group(group.name)
    }


def _experiment_as_json(experiment: Experiment, found: Sequence[Sample]) -> dict[str, Any]:
    return {
        "name": experiment.name,
        "title": experiment.title,
        "quantities": {name: _described(measure) for name, measure in experiment.measures.items()},
        "samples": [
            {
                "network": sample.network,
                "structure": sample.structure,
                "quantity": sample.measure,
                "condition": sample.condition,
                "unit": sample.unit,
                "value": _finite_or_none(sample.value),
            }
            for sample in found
        ],
    }


def _finding_as_json(finding: Judged) -> dict[str, Any]:
    return {
        "claim": finding.claim.name,
        "statement": finding.statement.text,
        "source": finding.claim.source,
        "measured": finding.measured,
        "networks": finding.n_networks,
        "holds": finding.holds,
    }


def _finite_or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
