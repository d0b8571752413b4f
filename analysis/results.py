"""RUN.h5 as a typed, read-only view: what is not asked for is not read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.stored_spikes import SpikeSource, StoredSpikes
from eiassembly.connectivity.storage import read_wiring
from eiassembly.connectivity.wiring import Wiring
from eiassembly.model import schema
from eiassembly.model.errors import FileFormatError
from eiassembly.model.files import opened
from eiassembly.model.odor_storage import read_odors, read_presentations
from eiassembly.model.odors import OdorSet, Presentation
from eiassembly.model.protocol import interventions
from eiassembly.model.setting import Setting
from eiassembly.model.settings import INTERVENTIONS, Dynamics

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spikes:
    """All spikes of a population.

    Parameters
    ----------
    n_cells : int
        Size of the population.
    steps : ndarray of int64, shape (n_spikes,)
        Time step of every spike, 1-based, non-decreasing.
    ids : ndarray of int64, shape (n_spikes,)
        Cell of every spike, 0-based.
    """

    n_cells: int
    steps: Ids
    ids: Ids

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids)."""
        low, high = np.searchsorted(self.steps, [first, last], side="right")
        return self.steps[low:high], self.ids[low:high]


@dataclass(frozen=True, eq=False)
class Record:
    """State variables recorded from some cells of a population.

    Parameters
    ----------
    cells : ndarray of int64, shape (n_cells,)
        Recorded cells.
    times : ndarray of float64, shape (n_times,)
        Ends of the recorded steps, ms.
    values : mapping of str to ndarray of float64, shape (n_times, n_cells)
        By the name of the quantity.
    units : mapping of str to str
        By the name of the quantity.
    """

    cells: Ids
    times: Floats
    values: Mapping[str, Floats]
    units: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Run:
    """One complete run; made by `open_run`.

    Parameters
    ----------
    path : Path
        RUN.h5.
    label : str
        Name in tables and figures: the structure of the network, else the stem of the file name.
    dt, delay, duration : float
        Time step, transmission delay and simulated time, ms.
    network_hash, odors_hash : str
        Content hashes of what was simulated.
    """

    path: Path
    label: str
    dt: float
    delay: float
    duration: float
    network_hash: str
    odors_hash: str

    @property
    def n_steps(self) -> int:
        """Length of the run in steps."""
        return round(self.duration / self.dt)

    @property
    def delay_steps(self) -> int:
        """Transmission delay in steps, at least 1."""
        return round(self.delay / self.dt)

    @property
    def structure(self) -> str:
        """Structure of the network, e.g. ``tuned_ei``; empty if the file does not say."""
        return str(self.wiring.description.get("structure", ""))

    @cached_property
    def wiring(self) -> Wiring:
        """The network that was simulated."""
        with self._opened() as h5:
            return read_wiring(h5[schema.NETWORK])

    @cached_property
    def odors(self) -> OdorSet:
        """The odours, without the spike trains (those are the spikes of OB)."""
        with self._opened() as h5:
            return read_odors(h5[schema.ODORS])

    @cached_property
    def presentations(self) -> tuple[Presentation, ...]:
        """When which odour was presented."""
        with self._opened() as h5:
            return read_presentations(h5[schema.PRESENTATIONS])

    @cached_property
    def spikes(self) -> Mapping[str, Spikes]:
        """Spikes by the name of the population, in the order of the wiring."""
        with self._opened() as h5:
            return {p.name: self._read_spikes(h5, p.name, p.size) for p in self.wiring.populations}

    def source(self, name: str) -> SpikeSource:
        """Spikes of a population by time window: from memory if they are there, else from the file."""
        with self._opened() as h5:
            sorting = h5[f"spikes/{name}"].attrs.get("sorting", schema.SORTING["none"])
        if "spikes" in vars(self) or int(sorting) != schema.SORTING["by_time"]:
            return self.spikes[name]
        return StoredSpikes(self.path, name, self.wiring.population(name).size, self.dt)

    @cached_property
    def sent(self) -> Mapping[str, Spikes]:
        """Spikes that reached their targets: without those of neurons while they were silenced."""
        found = self.config["simulation"]
        asked = Dynamics.model_validate({key: found[key] for key in INTERVENTIONS if key in found})
        lengths = (self.odors.n_steps, self.n_steps)
        files = str(self.path), self.path.parent
        setting = Setting(self.wiring, self.presentations, *lengths, self.dt, *files)
        protocol = interventions(asked, setting)
        heard = protocol.heard({name: (spikes.steps, spikes.ids) for name, spikes in self.spikes.items()})
        return {
            name: spikes if len(heard[name][0]) == len(spikes.steps) and name not in protocol.sent
            else Spikes(spikes.n_cells, *heard[name])
            for name, spikes in self.spikes.items()
        }  # fmt: skip

    @cached_property
    def config(self) -> dict[str, Any]:
        """Resolved configuration of the simulation."""
        return self._read_json(schema.CONFIG)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Versions, machine, layout and cost of the simulation."""
        return self._read_json(schema.PROVENANCE)

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """Recorded state variables by the name of the population; empty if nothing was recorded."""
        with self._opened() as h5:
            return {name: _read_record(group) for name, group in h5.get(schema.RECORDS, {}).items()}

    @contextmanager
    def _opened(self) -> Iterator[h5py.File]:
        with opened(self.path, schema.RUN_FORMAT, schema.VERSION) as h5:
            yield h5

    def _read_json(self, name: str) -> dict[str, Any]:
        with self._opened() as h5:
            content: dict[str, Any] = json.loads(h5[name].asstr()[()])
            return content

    def _read_spikes(self, h5: h5py.File, name: str, n_cells: int) -> Spikes:
        group = h5[f"spikes/{name}"]
        steps = np.rint(group["timestamps"][:] / self.dt).astype(np.int64)
        ids = group["node_ids"][:].astype(np.int64)
        if len(steps) != len(ids):
            raise FileFormatError(
                f"{self.path}: spikes/{name}: expected as many timestamps as node_ids, "
                f"found {len(steps)} and {len(ids)}"
            )
        if len(ids) and not 0 <= ids.min() <= ids.max() < n_cells:
            raise FileFormatError(f"{self.path}: spikes/{name}/node_ids: expected 0 to {n_cells - 1}")
        if np.any(np.diff(steps) < 0):
            order = np.argsort(steps, kind="stable")
            steps, ids = steps[order], ids[order]
        return Spikes(n_cells, steps, ids)


def open_run(path: Path) -> Run:
    """Open a run for reading.

    Raises
    ------
    FileFormatError
        Missing, damaged, not a run file, or a run that did not get to its end.
    """
    with opened(path, schema.RUN_FORMAT, schema.VERSION) as h5:
        root = h5[schema.ROOT]
        if not root.attrs["complete"]:
            raise FileFormatError(
                f"{path}: attribute complete: expected a complete run, this one stopped at "
                f"{root.attrs['simulated']:g} of {root.attrs['duration']:g} ms; simulate it again"
            )
        description = json.loads(h5[schema.NETWORK]["description"].asstr()[()])
        return Run(
            path=path,
            label=str(description.get("structure") or path.stem),
            **{name: float(root.attrs[name]) for name in ("dt", "delay", "duration")},
            network_hash=str(root.attrs["network_hash"]),
            odors_hash=str(root.attrs["odors_hash"]),
        )


def open_runs(paths: Sequence[Path]) -> tuple[Run, ...]:
    """Open several runs; where labels coincide, the file names are added to tell them apart."""
    runs = tuple(open_run(path) for path in paths)
    labels = [run.label for run in runs]
    return tuple(
        run if labels.count(run.label) == 1 else _relabelled(run, f"{run.label} ({run.path.stem})")
        for run in runs
    )


def _relabelled(run: Run, label: str) -> Run:
    return Run(**{name: getattr(run, name) for name in run.__dataclass_fields__} | {"label": label})


def _read_record(group: h5py.Group) -> Record:
    quantities = {name: data for name, data in group.items() if name not in ("node_ids", "times")}
    return Record(
        cells=group["node_ids"][:].astype(np.int64),
        times=group["times"][:],
        values={name: data[:] for name, data in quantities.items()},
        units={name: str(data.attrs["units"]) for name, data in quantities.items()},
    )
