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

from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.spikes import Spikes, SpikeSource, read_spikes, spike_source
from eiassembly.analysis.runs.transmitted import transmitted_spikes
from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.config.interventions.replay import Replay
from eiassembly.config.simulation import Dynamics
from eiassembly.connectivity.files.network import read_wiring
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core import schema
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import opened
from eiassembly.core.reprs import counted, html_table
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.replay import recorded_file
from eiassembly.odors.file import read_odors, read_presentations
from eiassembly.odors.odors import OdorSet, Presentation


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

    def __repr__(self) -> str:
        return f"Record({', '.join(self.values)} of {len(self.cells)} cells at {len(self.times)} times)"


@dataclass(frozen=True, eq=False)
class Run:
    """One complete run; made by `open_run`. What is not asked for is not read.

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

    def __repr__(self) -> str:
        return f"Run({self.label}, {self.path}: {self.duration / 1000:g} s)"

    def _repr_html_(self) -> str:
        seconds = self.duration / 1000
        rates = {
            f"spikes of {p.name}": f"{number:,} ({number / p.size / seconds:.2f} Hz)"
            for p in self.wiring.populations
            for number in (self.spike_counts[p.name],)
        }
        rows = {
            "file": str(self.path),
            "duration": f"{seconds:g} s in steps of {self.dt:g} ms, delay {self.delay:g} ms",
            "odors": counted(p.kind for p in self.presentations),
        }
        return html_table(f"Run {self.label}", rows | rates)

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
    def population_names(self) -> PopulationNames:
        """What the populations of the network do."""
        return PopulationNames.of(self.wiring)

    @cached_property
    def wiring(self) -> Wiring:
        """The network that was simulated."""
        with self._opened() as h5:
            return read_wiring(h5[schema.NETWORK])

    @cached_property
    def odors(self) -> OdorSet:
        """The odors, without the spike trains (those are the spikes of OB)."""
        with self._opened() as h5:
            return read_odors(h5[schema.ODORS])

    @cached_property
    def presentations(self) -> tuple[Presentation, ...]:
        """When which odor was presented."""
        with self._opened() as h5:
            return read_presentations(h5[schema.PRESENTATIONS])

    @cached_property
    def spikes(self) -> Mapping[str, Spikes]:
        """All spikes, in memory, by the name of the population, in the order of the wiring."""
        with self._opened() as h5:
            return {p.name: read_spikes(h5, p.name, p.size, self.dt) for p in self.wiring.populations}

    def source(self, name: str) -> SpikeSource:
        """Spikes of a population by time window: from memory if they are there, else from the file."""
        return self.spikes[name] if "spikes" in vars(self) else self._sources[name]

    @cached_property
    def _sources(self) -> Mapping[str, SpikeSource]:
        return {p.name: spike_source(self.path, p.name, p.size, self.dt) for p in self.wiring.populations}

    @cached_property
    def spike_counts(self) -> Mapping[str, int]:
        """Number of spikes by the name of the population."""
        with self._opened() as h5:
            return {p.name: len(h5[f"spikes/{p.name}/timestamps"]) for p in self.wiring.populations}

    @cached_property
    def transmitted(self) -> Mapping[str, SpikeSource]:
        """Spikes that reached their targets: without silenced ones, with replayed and added ones."""
        found = self.config["simulation"]
        requested = Dynamics.model_validate({key: found[key] for key in INTERVENTIONS if key in found})
        lengths = (self.odors.n_steps, self.n_steps)
        files = str(self.path), self.path.parent
        context = Context(self.wiring, self.presentations, *lengths, self.dt, *files)
        fired = {p.name: self.source(p.name) for p in self.wiring.populations}
        return transmitted_spikes(fired, requested, context, self._recorded)

    def _recorded(self, replay: Replay) -> SpikeSource:
        size = self.wiring.population(replay.population).size
        return spike_source(recorded_file(replay, self.path.parent), replay.population, size, self.dt)

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


def open_run(path: str | Path) -> Run:
    """Open a run for reading.

    Raises
    ------
    FileFormatError
        Missing, damaged, not a run file, or a run that did not get to its end.
    """
    path = Path(path)
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


def open_runs(paths: Sequence[str | Path]) -> tuple[Run, ...]:
    """Open several runs, with labels that tell them apart."""
    return with_distinct_labels([open_run(path) for path in paths])


def with_distinct_labels(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the runs, those with the same label with their file names in it, or else numbers."""
    labels = [run.label for run in runs]
    alike = [run.path.stem for run in runs if labels.count(run.label) > 1]
    stems = [run.path.stem for run in runs]
    names = [stem if alike.count(stem) == 1 else str(k + 1) for k, stem in enumerate(stems)]
    return tuple(
        run if labels.count(run.label) == 1 else _relabelled(run, f"{run.label} ({names[k]})")
        for k, run in enumerate(runs)
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
