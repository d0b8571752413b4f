"""RESULTS.h5: what RESULTS.json has, and the arrays behind it, each with its unit."""

import json
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.experiments.result import RecordingResult
from eiassembly.analysis.measures.correlations import pattern_correlations
from eiassembly.analysis.measures.memory.memories import MemoryResult
from eiassembly.analysis.report.as_json import RESULTS_FORMAT, RESULTS_VERSION, as_json
from eiassembly.analysis.report.survey import Summary
from eiassembly.core.hdf5 import created
from eiassembly.odors.file import write_presentations

Array = tuple[str, NDArray[np.float64], str, str]
"""Name, values, unit, description."""

_VARIABILITY = {
    "cv": "CV of intervals", "cv2": "CV2 of intervals", "lv": "LV of intervals",
    "fano_time": "Fano factor over time", "fano_trials": "Fano factor over trials",
}  # fmt: skip


def write_hdf5(survey: Summary, path: Path) -> None:
    """Write RESULTS.h5.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with created(path) as h5:
        h5.attrs.update(format=RESULTS_FORMAT, version_number=RESULTS_VERSION)
        h5["results"] = json.dumps(as_json(survey), allow_nan=False, ensure_ascii=False)
        h5["results"].attrs.update(units="1", description="everything that RESULTS.json has")
        for number, result in enumerate(survey.results):
            _write_run(h5.create_group(f"runs/{number}"), result)


def _write_run(group: h5py.Group, result: RecordingResult) -> None:
    run = result.run
    group.attrs.update(label=run.label, file=run.path.name, structure=run.structure)
    group.attrs.update(network_hash=run.network_hash, odors_hash=run.odors_hash)
    table = group.create_group("presentations")
    write_presentations(table, result.responses.presentations)
    for name, dataset in table.items():
        dataset.attrs["units"] = "ms" if name in ("onset", "offset") else "1"
        dataset.attrs["description"] = f"{name} of every presentation that was measured"
    for name, values, unit, description in _arrays(result):
        group[name] = values
        group[name].attrs.update(units=unit, description=description)


def _arrays(result: RecordingResult) -> Iterator[Array]:
    yield from _of_responses(result)
    yield from _of_kinds(result)
    yield from _of_memory(result.memory)


def _of_responses(result: RecordingResult) -> Iterator[Array]:
    found = result.responses
    excitatory, shown = found.population_names.excitatory, "presentations ×"
    yield f"rates/{excitatory}", found.rates, "Hz", f"{shown} cells: rate during the odor"
    for name, rates in found.inhibitory.items():
        yield f"rates/{name}", rates, "Hz", f"{shown} cells: rate during the odor"
    yield f"baseline/{excitatory}", found.baseline, "Hz", "mean rate of all cells in the second before"
    for name, g in found.conductances.items():
        yield f"conductances/{name}", g, "nS", f"{shown} {excitatory} cells: mean conductance from {name}"
        yield (
            f"conductances_before/{name}",
            found.before[name],
            "nS",
            f"mean over {excitatory}, 500 ms before",
        )
    correlations = pattern_correlations(found.rates)
    yield "pattern_correlations", correlations, "1", "presentations × presentations: Pearson correlation"


def _of_kinds(result: RecordingResult) -> Iterator[Array]:
    for kind, found in result.dynamics.items():
        base = f"dynamics/{kind}"
        for name, title in _VARIABILITY.items():
            for part in ("members", "others", "before"):
                values = getattr(getattr(found.variability, name), part)
                yield f"{base}/{name}/{part}", values, "1", f"{title}, {part}: pairs of cell and odor"
        yield f"{base}/patterns/times", found.patterns.times, "ms", "centres of bins from onset"
        for name in ("within", "between"):
            matrix = getattr(found.patterns, name)
            yield f"{base}/patterns/{name}", matrix, "1", f"bins × bins: correlation {name} presentations"
        yield f"{base}/offsets/times", found.offsets.times, "ms", "centres of bins from offset"
        for name, rates in found.offsets.rates.items():
            yield f"{base}/offsets/{name}", rates, "Hz", f"mean rate of {name} around the offset"


def _of_memory(memory: MemoryResult | None) -> Iterator[Array]:
    if memory is not None:
        overlaps = memory.memories.overlaps
        yield "memory/activity_overlap", overlaps, "Hz", "presentations × memories: overlap of the response"
        odors = memory.memories.odors.astype(np.float64)
        yield "memory/odors", odors, "1", "number of the odor that every memory was built from"
