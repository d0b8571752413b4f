"""Where a simulation gets the spikes of the mitral cells from, block by block: a file, or a recipe."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

import h5py
import numpy as np

from eiassembly.core.arrays import Ids
from eiassembly.odors.odors import OdorSet
from eiassembly.odors.spike_trains import SpikeTrains, sorted_spikes

_PIECE = 1 << 16
"""Spikes that are read at once."""


class InputStream(ABC):
    """Spikes in the order of time; what is read or drawn too early waits for its block."""

    def __init__(self) -> None:
        self._ahead: Ids = np.empty((2, 0), np.int64)

    def until(self, last: int) -> tuple[Ids, Ids]:
        """Spikes from where the last call has ended to the step ``last``, inclusive: (steps, ids)."""
        if not (self._ahead[0] > last).any():
            pieces = list(self._pieces(last))
            self._ahead = self._joined([self._ahead, *pieces]) if pieces else self._ahead
        end = np.searchsorted(self._ahead[0], last, side="right")
        steps, ids = self._ahead[:, :end]
        self._ahead = self._ahead[:, end:].copy()  # a view would keep the block
        return steps, ids

    @abstractmethod
    def skip(self, last: int) -> None:
        """Go to the spikes after a step."""

    @abstractmethod
    def stored(self) -> Iterator[Ids]:
        """Yield all steps, then all ids that are in a file, a piece at a time."""

    @abstractmethod
    def _pieces(self, last: int) -> Iterator[Ids]:
        """Yield the next spikes, shape (2, n), at least all up to a step."""

    def _joined(self, pieces: list[Ids]) -> Ids:
        return np.concatenate(pieces, axis=1)


class StoredInput(InputStream):
    """Spikes that lie in a file.

    Parameters
    ----------
    steps, ids : h5py.Dataset
        As of `OdorSet`.

    Raises
    ------
    ValueError
        They are not equally many.
    """

    def __init__(self, steps: h5py.Dataset, ids: h5py.Dataset):
        super().__init__()
        if steps.shape != ids.shape:
            raise ValueError(f"{len(steps)} steps, but {len(ids)} ids")
        self._steps, self._ids = steps, ids
        self._next = 0

    def stored(self) -> Iterator[Ids]:
        """Yield all steps, then all ids, a piece at a time."""
        starts = range(0, len(self._steps), _PIECE)
        return (data[start : start + _PIECE] for data in (self._steps, self._ids) for start in starts)

    def skip(self, last: int) -> None:
        """Go to the spikes after a step, a piece at a time."""
        while self._next < len(self._steps):
            if int(self._steps[min(self._next + _PIECE, len(self._steps)) - 1]) > last:
                break
            self._next += _PIECE
        self.until(last)

    def _pieces(self, last: int) -> Iterator[Ids]:
        is_enough = False
        while self._next < len(self._steps) and not is_enough:
            piece = slice(self._next, self._next + _PIECE)
            self._next += _PIECE
            steps = self._steps[piece]
            is_enough = bool(steps[-1] > last)
            yield np.stack([steps, self._ids[piece]])


class DrawnInput(InputStream):
    """Spikes that are drawn when their time has come, a second at a time.

    Parameters
    ----------
    recipe : OdorSet
        What they are drawn from.
    """

    def __init__(self, recipe: OdorSet):
        super().__init__()
        self._trains = SpikeTrains(recipe)
        self._next = 0

    def stored(self) -> Iterator[Ids]:
        """Yield nothing: no spikes are in the file."""
        return iter(())

    def skip(self, last: int) -> None:
        """Go to the spikes after a step; what lies before is not drawn."""
        self._next = max(self._next, self._trains.chunk_after(last))
        self.until(last)

    def _pieces(self, last: int) -> Iterator[Ids]:
        while self._next < self._trains.chunks_until(last):
            yield np.stack(self._trains.drawn(self._next, self._next + 1))
            self._next += 1

    def _joined(self, pieces: list[Ids]) -> Ids:
        """Join successive seconds; a step that is in two of them may be out of order."""
        steps, ids = np.concatenate(pieces, axis=1)
        return np.stack(sorted_spikes(steps, ids, self._trains.recipe.n_mitral))
