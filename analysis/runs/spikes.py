"""Spikes of a population by time window: in memory, or left in the file where they do not fit into it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.core import schema
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import damage_named, opened_hdf5

PAGE = 1 << 18
"""Spikes that are read at once: 4 MiB as steps and ids."""
PAGES_KEPT = 8
"""Pages of a population that stay in memory. Small runs have no more: they are read once."""


_UNSORTED = "timestamps: expected to be sorted by time"


class SpikeSource(Protocol):
    """Spikes of a population that can be asked for by time: `Spikes` in memory, `StoredSpikes` in a file."""

    @property
    def n_cells(self) -> int:
        """Size of the population."""

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids)."""


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

    def __repr__(self) -> str:
        return f"Spikes({len(self.steps):,} of {self.n_cells:,} cells)"

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids)."""
        low, high = np.searchsorted(self.steps, [first, last], side="right")
        return self.steps[low:high], self.ids[low:high]


@dataclass(frozen=True)
class StoredSpikes:
    """Spikes of a population of a run that are read a page at a time, when their window is asked for.

    Parameters
    ----------
    path : Path
        RUN.h5.
    population : str
        Its name.
    n_cells : int
        Its size.
    dt : float
        Time step, ms.
    """

    path: Path
    population: str
    n_cells: int
    dt: float

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids).

        Raises
        ------
        FileFormatError
            The spikes are not sorted by time, or of cells that do not exist.
        """
        begins, ends = np.searchsorted(self._starts, [first, last], side="right").tolist()
        return joined([self._page(page).between(first, last) for page in range(max(begins - 1, 0), ends)])

    @cached_property
    def _starts(self) -> Ids:
        """Step of the first spike of every page."""
        with opened_hdf5(self.path, schema.RUN_FORMAT) as h5, damage_named(self.path, schema.RUN_FORMAT):
            group = h5[f"spikes/{self.population}"]
            if not is_sorted_by_time(group):
                raise self._error("sorting: expected by_time, as windows are read from the file")
            starts = _steps_of(group["timestamps"][::PAGE], self.dt)
        if np.any(np.diff(starts) < 0):
            raise self._error(_UNSORTED)
        return starts

    @cached_property
    def _page(self) -> Callable[[int], Spikes]:
        return lru_cache(PAGES_KEPT)(self._read)

    def _read(self, number: int) -> Spikes:
        page = slice(number * PAGE, (number + 1) * PAGE)
        with opened_hdf5(self.path, schema.RUN_FORMAT) as h5, damage_named(self.path, schema.RUN_FORMAT):
            group = h5[f"spikes/{self.population}"]
            steps = _steps_of(group["timestamps"][page], self.dt)
            ids = group["node_ids"][page].astype(np.int64)
        if len(steps) != len(ids):
            raise self._error("node_ids: expected as many as timestamps")
        later = self._starts[number + 1 : number + 2]
        if np.any(np.diff(steps) < 0) or np.any(later < steps[-1]):
            raise self._error(_UNSORTED)
        if not 0 <= ids.min() <= ids.max() < self.n_cells:
            raise self._error(f"node_ids: expected 0 to {self.n_cells - 1}")
        return Spikes(self.n_cells, steps, ids)

    def _error(self, problem: str) -> FileFormatError:
        return FileFormatError(f"{self.path}: spikes/{self.population}/{problem}")


def joined(parts: Sequence[tuple[Ids, Ids]]) -> tuple[Ids, Ids]:
    """Put successive spikes, (steps, ids), together."""
    if len(parts) == 1:
        return parts[0]
    nothing = np.empty(0, np.int64)
    steps, ids = (np.concatenate(columns) for columns in zip((nothing, nothing), *parts, strict=True))
    return steps, ids


def is_sorted_by_time(group: h5py.Group) -> bool:
    """Whether a population of one of our files says that its spikes are in the order of time."""
    return int(group.attrs.get("sorting", schema.SORTING["none"])) == schema.SORTING["by_time"]


def read_spikes(h5: h5py.File, population: str, n_cells: int, dt: float) -> Spikes:
    """Read all spikes of a population of a run, and sort them by time.

    Raises
    ------
    FileFormatError
        Times and ids differ in number, or there are cells that do not exist.
    """
    group = h5[f"spikes/{population}"]
    steps, ids = _steps_of(group["timestamps"][:], dt), group["node_ids"][:].astype(np.int64)
    if len(steps) != len(ids):
        raise FileFormatError(
            f"{h5.filename}: spikes/{population}: expected as many timestamps as node_ids, "
            f"found {len(steps)} and {len(ids)}"
        )
    if len(ids) and not 0 <= ids.min() <= ids.max() < n_cells:
        raise FileFormatError(f"{h5.filename}: spikes/{population}/node_ids: expected 0 to {n_cells - 1}")
    return sorted_by_time(n_cells, steps, ids)


def sorted_by_time(n_cells: int, steps: Ids, ids: Ids) -> Spikes:
    """Put spikes into the order of time; simultaneous ones keep theirs."""
    if np.any(np.diff(steps) < 0):
        order = np.argsort(steps, kind="stable")
        steps, ids = steps[order], ids[order]
    return Spikes(n_cells, steps, ids)


def spike_source(path: Path, population: str, n_cells: int, dt: float) -> SpikeSource:
    """Spikes of a population of a run: from the file if they are in the order of time there, else read now.

    Raises
    ------
    FileFormatError
        They cannot be read.
    """
    with opened_hdf5(path, schema.RUN_FORMAT) as h5, damage_named(path, schema.RUN_FORMAT):
        if is_sorted_by_time(h5[f"spikes/{population}"]):
            return StoredSpikes(path, population, n_cells, dt)
        return read_spikes(h5, population, n_cells, dt)


def _steps_of(times: NDArray[np.float64], dt: float) -> Ids:
    return np.rint(times / dt).astype(np.int64)
