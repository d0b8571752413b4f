"""RUN.h5, written block by block by one process while the simulation runs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.core import schema
from eiassembly.core.arrays import Ids
from eiassembly.core.files import opened
from eiassembly.core.hdf5 import NewFile, created
from eiassembly.model.state import checkpoint
from eiassembly.odors.file import OdorStream, write_odors

_CHUNK = 1 << 13


@dataclass(frozen=True)
class Block:
    """What happened in the steps up to ``last_step``.

    Parameters
    ----------
    last_step : int
        The block ends with this step, 1-based.
    spikes : mapping of str to (steps, ids)
        Per population, in any order.
    records : mapping of str to (steps, values)
        Per population: steps of the samples, shape (n_times,), and by quantity the values, shape
        (n_times, n_cells).
    """

    last_step: int
    spikes: Mapping[str, tuple[Ids, Ids]]
    records: Mapping[str, tuple[Ids, Mapping[str, NDArray[np.float64]]]]


class RunWriter:
    """Append blocks to an open RUN.h5; after every block the file on disk is whole up to there."""

    def __init__(self, h5: NewFile, dt: float):
        self._h5 = h5
        self._dt = dt
        # Looking an object up in HDF5 takes as long as appending to it.
        self._datasets: dict[str, h5py.Dataset] = {}

    def begin(
        self,
        populations: tuple[str, ...],
        duration: float,
        odors: OdorStream,
        config: Mapping[str, Any],
        network: Path,
        provenance: Mapping[str, Any],
    ) -> None:
        """Write everything that is known before the first step.

        Parameters
        ----------
        populations : tuple of str
            Populations that may spike.
        duration : float
            Planned, ms.
        odors : OdorStream
            Presentations and odors are kept, the spikes come with the blocks.
        config : mapping
            Resolved configuration; plain JSON values.
        network : Path
            NET.h5; copied object by object, never held in memory.
        provenance : mapping
            How the run comes about, as far as that is known; plain JSON values.
        """
        h5 = self._h5
        h5.attrs["magic"] = np.uint32(schema.SONATA_MAGIC)
        h5.attrs["version"] = np.array(schema.SONATA_VERSION, np.uint32)
        h5.attrs["format"] = schema.RUN_FORMAT
        h5.attrs["version_number"] = schema.VERSION
        sorting = h5py.enum_dtype(schema.SORTING, basetype="u1")
        for name in populations:
            group = h5.create_group(f"spikes/{name}")
            group.attrs.create("sorting", schema.SORTING["by_time"], dtype=sorting)
            self._growing(group, "timestamps", np.float64).attrs["units"] = "ms"
            self._growing(group, "node_ids", np.uint64)
        root = h5.create_group(schema.ROOT)
        root.attrs.update({"complete": False, "dt": self._dt, "delay": config["simulation"]["delay"]})
        root.attrs.update({"duration": duration, "simulated": 0.0})
        h5[schema.CONFIG] = json.dumps(config)
        h5[schema.PROVENANCE] = json.dumps(provenance)
        self._copy_network(network)
        write_odors(
            h5.create_group(schema.ODORS), odors.odor_set, spikes=False, content_hash=odors.content_hash
        )
        root.attrs["network_hash"] = h5[schema.NETWORK].attrs["content_hash"]
        root.attrs["odors_hash"] = odors.content_hash
        h5[schema.PRESENTATIONS] = h5py.SoftLink(f"/{schema.ODORS}/presentations")

    def _copy_network(self, network: Path) -> None:
        with opened(network, schema.NETWORK_FORMAT, schema.VERSION) as source:
            group = self._h5.create_group(schema.NETWORK)
            group.attrs.update(dict(source.attrs))
            for name in source:
                source.copy(name, group)

    def begin_records(self, population: str, cells: Ids, quantities: tuple[str, ...]) -> None:
        """Make room for recorded quantities of the given cells, shape (n_times, n_cells) each."""
        group = self._h5.create_group(f"{schema.RECORDS}/{population}")
        group["node_ids"] = cells.astype(np.uint64)
        self._growing(group, "times", np.float64).attrs["units"] = "ms"
        for quantity in quantities:
            dataset = self._growing(group, quantity, np.float64, (len(cells),))
            dataset.attrs["units"] = schema.UNITS["g" if quantity.startswith("g_") else quantity]

    def flush(self) -> None:
        """Bring what `begin` and `begin_records` have written to the disk."""
        self._h5.flush()

    def begin_snapshots(self, shapes: Mapping[str, tuple[int, int]]) -> None:
        """Make room for snapshots: shape of the states by population."""
        checkpoint.make_room(self._h5, shapes)

    def go_on(self, step: int) -> None:
        """Forget what came after a step in a file that was interrupted: to be simulated again."""
        h5 = self._h5
        for name in h5["spikes"]:
            n_spikes = checkpoint.n_spikes(h5, name, step)
            for part in ("timestamps", "node_ids"):
                self._cut(h5[f"spikes/{name}/{part}"], n_spikes)
        for group in h5.get(schema.RECORDS, {}).values():
            n_times = int(np.searchsorted(group["times"][:], (step + 0.5) * self._dt))
            for name in group:
                if name != "node_ids":
                    self._cut(group[name], n_times)
        self._set("simulated", step * self._dt)

    def _cut(self, dataset: h5py.Dataset, n_rows: int) -> None:
        dataset.resize(n_rows, axis=0)
        self._datasets[dataset.name] = dataset

    def append(self, block: Block, states: Mapping[str, NDArray[np.float64]] | None = None) -> None:
        """Write a block; spikes are sorted by time, simultaneous ones by id.

        Whenever the process is killed, the file has all blocks up to its attribute ``simulated``. Some of the
        next one may be there, too.

        Parameters
        ----------
        block : Block
            What happened.
        states : mapping of str to ndarray of float64, optional
            States at the end of the block, to continue from (see `checkpoint.write`).
        """
        for name, spikes in block.spikes.items():
            steps, ids = in_order(*spikes)
            self._append(f"/spikes/{name}/timestamps", steps * self._dt)
            self._append(f"/spikes/{name}/node_ids", ids)
        for name, (steps, values) in block.records.items():
            records = f"/{schema.RECORDS}/{name}"
            self._append(f"{records}/times", steps * self._dt)
            for quantity, rows in values.items():
                self._append(f"{records}/{quantity}", rows)
        self._h5.flush()  # first the data, then how much of it counts
        if states is not None:
            checkpoint.write(self._h5, block.last_step, states)
        self._set("simulated", block.last_step * self._dt)

    def finish(self, provenance: Mapping[str, Any]) -> None:
        """Write how the run came about and mark it as complete."""
        # A new object would change the table of names, which has states in between that nobody can read.
        self._h5[schema.PROVENANCE][()] = json.dumps(provenance)
        self._h5.flush()
        self._set("complete", True)

    def _growing(self, group: h5py.Group, name: str, dtype: Any, row: tuple[int, ...] = ()) -> h5py.Dataset:
        # No compression: the readers of other people are often built without the filters.
        chunk = max(1, _CHUNK // max(1, int(np.prod(row))))
        dataset = group.create_dataset(name, (0, *row), dtype, maxshape=(None, *row), chunks=(chunk, *row))
        self._datasets[dataset.name] = dataset
        return dataset

    def _append(self, name: str, rows: NDArray[Any]) -> None:
        dataset = self._datasets[name]
        start = dataset.shape[0]
        dataset.resize(start + len(rows), axis=0)
        dataset[start:] = rows

    def _set(self, attribute: str, value: float | bool) -> None:
        # In place: setting an attribute as h5py does makes another one, deletes the first and renames.
        self._h5[schema.ROOT].attrs.modify(attribute, value)
        self._h5.flush()


@contextmanager
def run_file(path: Path, dt: float, go_on: bool = False) -> Iterator[RunWriter]:
    """Open ``path``.partial for a run; renamed to ``path`` when the block ends well, kept when it fails.

    Parameters
    ----------
    path : Path
        RUN.h5.
    dt : float
        Time step, ms.
    go_on : bool
        Keep what an interrupted run has left.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with created(path, keep_on_error=True, go_on=go_on) as h5:
        yield RunWriter(h5, dt)


def in_order(steps: Ids, ids: Ids) -> tuple[Ids, Ids]:
    """Sort spikes by step, simultaneous ones by id.

    Parameters
    ----------
    steps, ids : ndarray of int64, shape (n_spikes,)
        From 0 to 2**31 - 1.
    """
    # One number per spike: sorting two keys takes ten times as long.
    keys = steps << 32 | ids
    keys.sort()
    return keys >> 32, keys & 0xFFFFFFFF
