"""Spikes that stay in the file: read by time window, for runs that do not fit into memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.model import schema
from eiassembly.model.errors import FileFormatError
from eiassembly.model.files import opened

Ids = NDArray[np.int64]


class SpikeSource(Protocol):
    """Spikes of a population that can be asked for by time: `Spikes` in memory, `StoredSpikes` in a file."""

    @property
    def n_cells(self) -> int:
        """Size of the population."""

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids)."""


@dataclass(frozen=True)
class StoredSpikes:
    """Spikes of a population of a run, of which only the windows asked for are read.

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
        with opened(self.path, schema.RUN_FORMAT, schema.VERSION) as h5:
            group = h5[f"spikes/{self.population}"]
            if int(group.attrs.get("sorting", schema.SORTING["none"])) != schema.SORTING["by_time"]:
                raise self._error("sorting: expected by_time, as windows are read from the file")
            times = group["timestamps"]
            # Half a step off the grid, where no rounding of times can put a spike on the wrong side.
            low, high = (_first_after(times, (step + 0.5) * self.dt) for step in (first, last))
            steps = np.rint(times[low:high] / self.dt).astype(np.int64)
            ids = group["node_ids"][low:high].astype(np.int64)
        if np.any(np.diff(steps) < 0):
            raise self._error("timestamps: expected to be sorted by time")
        if ids.size and not 0 <= ids.min() <= ids.max() < self.n_cells:
            raise self._error(f"node_ids: expected 0 to {self.n_cells - 1}")
        return steps, ids

    def _error(self, problem: str) -> FileFormatError:
        return FileFormatError(f"{self.path}: spikes/{self.population}/{problem}")


def _first_after(times: h5py.Dataset, limit: float) -> int:
    """Index of the first time beyond ``limit``, by bisection: reads one value per halving."""
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        if times[middle] <= limit:
            low = middle + 1
        else:
            high = middle
    return low
