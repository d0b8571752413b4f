"""Spikes into and out of our compiled module as arrays, between two calls of Simulate.

NEST hands spikes over in status dictionaries, whose lists of Python objects cost a fifth of the time of a
simulation. The module, once NEST has loaded it, is also called directly.
"""

import ctypes
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eiassembly.model.errors import EnvironmentProblemError

Ids = NDArray[np.int64]

_VECTOR = np.ctypeslib.ndpointer(np.int64, ndim=1, flags="C_CONTIGUOUS")
_TABLE = np.ctypeslib.ndpointer(np.int64, ndim=2, flags=("C_CONTIGUOUS", "WRITEABLE"))


class SpikeExchange:
    """The spikes of this process's neurons and spike sources.

    Parameters
    ----------
    module : Path
        The compiled module that NEST has loaded.

    Raises
    ------
    EnvironmentProblemError
        The file is not this version's module.
    """

    def __init__(self, module: Path):
        library = ctypes.CDLL(str(module))
        try:
            self._record = library.eiassembly_record_spikes
            self._count = library.eiassembly_n_spikes
            self._take = library.eiassembly_take_spikes
            self._feed = library.eiassembly_feed
        except AttributeError as error:
            raise EnvironmentProblemError(f"{module}: not the module of this version: {error}") from error
        self._count.restype = ctypes.c_size_t
        self._take.argtypes = [_TABLE]
        self._feed.argtypes = [_VECTOR, _VECTOR, ctypes.c_size_t]
        self._feed.restype = ctypes.c_char_p

    def record(self) -> None:
        """Keep the spikes of all neurons from now on."""
        self._record()

    def take(self) -> Ids:
        """Return and forget the kept spikes, shape (n_spikes, 2): step (1-based), node id; in no order."""
        rows = np.empty((self._count(), 2), np.int64)
        self._take(rows)
        return rows

    def feed(self, steps: Ids, senders: Ids) -> None:
        """Give the spike sources what they are to fire next.

        Parameters
        ----------
        steps, senders : ndarray of int64, shape (n_spikes,)
            Steps (1-based, not decreasing, in the future) and node ids of spike sources; those of other
            processes are skipped.

        Raises
        ------
        ValueError
            The steps are not in order or in the past, or a sender is not a spike source.
        """
        arrays = (np.ascontiguousarray(array, np.int64) for array in (steps, senders))
        problem = self._feed(*arrays, len(steps))
        if problem:
            raise ValueError(problem.decode())
