"""Writes RUN.h5 files from arrays, so that analysis is tested without a simulator."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.report.survey import Survey
from eiassembly.config.parameters import EXCITATORY, INHIBITORY, two_populations
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.files.network import write_wiring
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core import schema
from eiassembly.odors.file import write_odors, write_presentations
from eiassembly.odors.odors import Odor, OdorSet, Presentation

Ids = NDArray[np.int64]
SIZES = {"OB": 30, "E": 40, "I": 12}
STRENGTHS = {
    ("OB", "E"): 0.128,
    ("OB", "I"): 0.068,
    ("E", "E"): 0.128,
    ("E", "I"): 0.068,
    ("I", "E"): 0.48,
    ("I", "I"): 0.25,
}


def random_projection(
    rng: np.random.Generator, source: str, target: str, sizes: Mapping[str, int]
) -> Projection:
    """Every pair connected with probability 0.3 and a multiplicity of 1 to 3."""
    contacts = rng.integers(1, 4, (sizes[target], sizes[source])) * (
        rng.random((sizes[target], sizes[source])) < 0.3
    )
    rows, columns = np.nonzero(contacts)
    offsets = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=sizes[target]))))
    return Projection(
        source, target, STRENGTHS[source, target], sizes[source],
        offsets.astype(np.int64), columns.astype(np.int32), contacts[rows, columns].astype(np.uint8),
    )  # fmt: skip


def random_wiring(
    seed: int = 1, structure: str = "tuned_ei", sizes: Mapping[str, int] | None = None
) -> Wiring:
    """A small network with one assembly per learned odor (0 and 1)."""
    sizes = sizes or SIZES
    rng = np.random.default_rng(seed)
    return Wiring(
        populations=two_populations(EXCITATORY, INHIBITORY, dict(sizes)),
        projections=tuple(random_projection(rng, *pair, sizes) for pair in STRENGTHS),
        assemblies=tuple(Assembly(odor, {"E": np.arange(4 * odor, 4 * odor + 6)}) for odor in range(2)),
        description={"structure": structure, "preset": "A", "seed": seed},
    )


def odor(number: int) -> Odor:
    """An odor that changes no cell."""
    no_cells, nothing = np.empty(0, np.int64), np.empty(0)
    return Odor(number, no_cells, nothing, nothing, nothing, no_cells, nothing, nothing)


def presentations(
    kinds: str = "llnn", gap: float = 1000.0, length: float = 2000.0
) -> tuple[Presentation, ...]:
    """Odors 0, 1, … in a row, a second of baseline before each; l = learned, n = novel."""
    names = {"l": "learned", "n": "novel"}
    onsets = gap + (gap + length) * np.arange(len(kinds))
    return tuple(
        Presentation(float(onset), float(onset + length), number, names[kind])
        for number, (onset, kind) in enumerate(zip(onsets, kinds, strict=True))
    )


def random_spikes(
    rng: np.random.Generator, n_cells: int, n_steps: int, rate: float, dt: float = 0.1
) -> tuple[Ids, Ids]:
    """Poisson spikes of one population at ``rate`` Hz: (steps, ids), sorted."""
    number = rng.poisson(rate * n_cells * n_steps * dt / 1000)
    steps, ids = rng.integers(1, n_steps + 1, number), rng.integers(0, n_cells, number)
    order = np.lexsort((ids, steps))
    return steps[order], ids[order]


def write_run(
    path: Path,
    wiring: Wiring,
    spikes: Mapping[str, tuple[Ids, Ids]],
    table: tuple[Presentation, ...],
    duration: float,
    protocol: Mapping[str, Any] | None = None,
    **attributes: Any,
) -> Path:
    """Write a run file; ``attributes`` replace those of /eiassembly, ``protocol`` has its tables."""
    n_mitral = wiring.population("OB").size
    odors = tuple(odor(number) for number in sorted({p.odor for p in table}))
    odor_set = OdorSet(n_mitral, 0.1, round(duration / 0.1), odors, table, *spikes["OB"])
    with h5py.File(path, "w") as h5:
        h5.attrs.update(format=schema.RUN_FORMAT, version_number=schema.VERSION)
        for name, (steps, ids) in spikes.items():
            group = h5.create_group(f"spikes/{name}")
            group["timestamps"], group["node_ids"] = steps * 0.1, ids.astype(np.uint64)
            group["timestamps"].attrs["units"] = "ms"
            if np.all(np.diff(steps) >= 0):
                group.attrs["sorting"] = schema.SORTING["by_time"]
        root = h5.create_group(schema.ROOT)
        root.attrs.update(
            {"complete": True, "dt": 0.1, "delay": 0.1, "duration": duration, "simulated": duration,
             "network_hash": wiring.content_hash(), "odors_hash": odor_set.content_hash()} | attributes
        )  # fmt: skip
        h5[schema.CONFIG] = json.dumps({"simulation": {"dt": 0.1, **(protocol or {})}})
        h5[schema.PROVENANCE] = json.dumps({"versions": {"eiassembly": "test"}, "wall_clock_s": 1.5})
        write_wiring(h5.create_group(schema.NETWORK), wiring)
        write_odors(h5.create_group(schema.ODORS), odor_set, spikes=False)
        write_presentations(h5.create_group(schema.PRESENTATIONS), table)
    return path


def write_random_run(path: Path, structure: str = "tuned_ei", seed: int = 1, **changes: Any) -> Path:
    """Four odors, 13 s unless changed, Poisson spikes of 6, 2 and 5 Hz."""
    rng, duration = np.random.default_rng(seed), changes.pop("duration", 13000.0)
    wiring = random_wiring(seed, structure)
    spikes = {
        name: random_spikes(rng, wiring.population(name).size, round(duration / 0.1), rate)
        for name, rate in (("OB", 6.0), ("E", 2.0), ("I", 5.0))
    }
    return write_run(path, wiring, spikes, presentations(), duration, **changes)


def summary_of(results):
    """Runs that were measured odor by odor, as reports and files are made of."""
    return Survey(tuple(result.run for result in results), tuple(results), ())
