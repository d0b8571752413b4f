"""RESULTS.json: everything measured, with units."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import eiassembly
from eiassembly.analysis.claims.claim import Judged
from eiassembly.analysis.experiments.experiment import Experiment, Measured
from eiassembly.analysis.experiments.result import RecordingResult
from eiassembly.analysis.measures.dynamics.summary import DYNAMICS
from eiassembly.analysis.measures.measure import Quantity
from eiassembly.analysis.measures.memory.memories import memory_as_json
from eiassembly.analysis.measures.observables import QUANTITIES
from eiassembly.analysis.report.survey import Surveyed
from eiassembly.analysis.report.tables import memories_in
from eiassembly.core.files import written_beside

RESULTS_FORMAT = "eiassembly-results"
RESULTS_VERSION = 1


def as_json(survey: Surveyed) -> dict[str, Any]:
    """Everything measured, with units and ranges, as plain JSON values; undefined values are null."""
    results = survey.results
    return {
        "format": RESULTS_FORMAT,
        "version": RESULTS_VERSION,
        "eiassembly": eiassembly.__version__,
        "quantities": {name: _described(quantity) for name, quantity in (*QUANTITIES, *DYNAMICS)},
        "runs": [
            _run_as_json(result) | {"memory": memory_as_json(measured)}
            for result, measured in zip(results, memories_in(results), strict=True)
        ],
        "experiments": [_experiment_as_json(*both) for both in survey.experiments],
        "findings": [_finding_as_json(finding) for finding in survey.findings],
    }


def write_json(survey: Surveyed, path: Path) -> None:
    """Write RESULTS.json.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with written_beside(path) as partial:
        text = json.dumps(as_json(survey), indent=1, allow_nan=False, ensure_ascii=False)
        partial.write_text(text + "\n", encoding="utf-8", errors="surrogateescape")


def _described(quantity: Quantity) -> dict[str, Any]:
    return {
        "title": quantity.title,
        "unit": quantity.unit,
        "source": quantity.source,
        "low": _finite_or_none(quantity.low),
        "high": _finite_or_none(quantity.high),
        "range_holds_for": quantity.only or "all structures",
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
        "observables": {
            kind: {
                name: {
                    "value": _finite_or_none(getattr(values, name)),
                    "unit": quantity.unit,
                    "verdict": quantity.verdict(getattr(values, name), run.structure),
                }
                for name, quantity in QUANTITIES
            }
            for kind, values in result.observables.items()
        },
        "dynamics": {
            kind: {
                name: {"value": _finite_or_none(getattr(found.measures, name)), "unit": quantity.unit}
                for name, quantity in DYNAMICS
            }
            for kind, found in result.dynamics.items()
        },
    }


def _experiment_as_json(experiment: Experiment, measured: Measured) -> dict[str, Any]:
    samples = [asdict(sample) | {"value": _finite_or_none(sample.value)} for sample in measured.samples()]
    return {
        "name": experiment.name,
        "title": experiment.title,
        "quantities": {name: _described(quantity) for name, quantity in experiment.quantities.items()},
        "samples": [{k: v for k, v in sample.items() if k != "experiment"} for sample in samples],
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
