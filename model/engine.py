"""Spikes and states into and out of our compiled module as arrays, between two calls of Simulate.

NEST hands them over in status dictionaries, whose lists of Python objects cost a fifth of the time of a
simulation. The module, once NEST has loaded it, is also called directly.
"""

import ctypes
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eiassembly.model.errors import EnvironmentProblemError

Ids = NDArray[np.int64]

_ROWS = np.ctypeslib.ndpointer(np.float64, ndim=2, flags="C_CONTIGUOUS")
_VECTOR = np.ctypeslib.ndpointer(np.int64, ndim=1, flags="C_CONTIGUOUS")
_TABLE = np.ctypeslib.ndpointer(np.int64, ndim=2, flags=("C_CONTIGUOUS", "WRITEABLE"))


class Engine:
    """The neurons and spike sources of this process.

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
            self._take_snapshot = library.eiassembly_take_snapshot
            self._restore = library.eiassembly_restore
            self._arrive = library.eiassembly_arrive
            self._record_state = library.eiassembly_record_state
            self._n_samples = library.eiassembly_n_samples
            self._take_samples = library.eiassembly_take_samples
            self._inject = library.eiassembly_inject
            self._drop = library.eiassembly_drop
            self._send = library.eiassembly_send
        except AttributeError as error:
            raise EnvironmentProblemError(f"{module}: not the module of this version: {error}") from error
        self._count.restype = ctypes.c_size_t
        self._take.argtypes = [_TABLE]
        self._feed.argtypes = [_VECTOR, _VECTOR, ctypes.c_size_t]
        self._feed.restype = ctypes.c_char_p
        self._take_snapshot.argtypes = [_VECTOR, ctypes.c_size_t, ctypes.c_size_t, _ROWS]
        self._record_state.argtypes = [_VECTOR, ctypes.c_size_t, ctypes.c_int64, ctypes.c_int64]
        self._n_samples.argtypes = [ctypes.c_size_t]
        self._take_samples.argtypes = [ctypes.c_size_t, _ROWS]
        for counting in (self._record_state, self._n_samples):
            counting.restype = ctypes.c_size_t
        self._restore.argtypes = self._take_snapshot.argtypes
        self._arrive.argtypes = [_VECTOR, _VECTOR, _VECTOR, ctypes.c_size_t, ctypes.c_size_t]
        steps = [ctypes.c_int64, ctypes.c_int64]
        self._inject.argtypes = [_VECTOR, ctypes.c_size_t, *steps, ctypes.c_double]
        self._drop.argtypes = steps
        self._send.argtypes = [_VECTOR, _VECTOR, ctypes.c_size_t]

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

    def record_state(self, neurons: Ids, interval: int, shift: int) -> int:
        """Record the state of neurons every ``interval`` steps; returns the number of the recorder.

        Parameters
        ----------
        neurons : ndarray of int64, shape (n_neurons,)
            Node ids; those of other processes are skipped.
        interval, shift : int
            After the steps s (1-based) with s + shift divisible by the interval.
        """
        return int(self._record_state(np.ascontiguousarray(neurons, np.int64), len(neurons), interval, shift))

    def samples(self, recorder: int, n_ports: int) -> NDArray[np.float64]:
        """Take what a recorder has kept, in no order.

        Parameters
        ----------
        recorder : int
            Its number.
        n_ports : int
            Ports of its neurons.

        Returns
        -------
        ndarray of float64, shape (n, 4 + n_ports)
            Step, node id, V_m, z and conductances.
        """
        rows = np.empty((self._n_samples(recorder) // (4 + n_ports), 4 + n_ports))
        self._take_samples(recorder, rows)
        return rows

    def snapshot(self, neurons: Ids, n_ports: int) -> NDArray[np.float64]:
        """Read the states of neurons, shape (n_neurons, 3 + n_ports): V_m, z, refractory steps, conductances.

        Parameters
        ----------
        neurons : ndarray of int64, shape (n_neurons,)
            Node ids, of this process.
        n_ports : int
            Ports they have.
        """
        rows = np.full((len(neurons), 3 + n_ports), np.nan)
        self._take_snapshot(np.ascontiguousarray(neurons, np.int64), *rows.shape, rows)
        return rows

    def restore(self, neurons: Ids, rows: NDArray[np.float64]) -> None:
        """Give neurons of this process the states of a snapshot; those of other processes are skipped."""
        rows = np.ascontiguousarray(rows, np.float64)
        self._restore(np.ascontiguousarray(neurons, np.int64), *rows.shape, rows)

    def arrive(self, targets: Ids, steps: Ids, contacts: Ids, port: int) -> None:
        """Have contacts arrive at a port of neurons of this process, as if their spikes were on their way.

        Parameters
        ----------
        targets, steps, contacts : ndarray of int64, shape (n,)
            Node ids, steps (0-based) in whose update they act, and how many.
        port : int
            From 0.
        """
        arrays = (np.ascontiguousarray(array, np.int64) for array in (targets, steps, contacts))
        self._arrive(*arrays, len(targets), port)

    def inject(self, neurons: Ids, first: int, last: int, current: float) -> None:
        """Inject a current [pA] into neurons in the steps ``first`` < s <= ``last`` (1-based).

        Parameters
        ----------
        neurons : ndarray of int64, shape (n_neurons,)
            Node ids; those of other processes are skipped.
        first, last : int
            Steps.
        current : float
            pA; adds to what else is injected.
        """
        self._inject(np.ascontiguousarray(neurons, np.int64), len(neurons), first, last, current)

    def drop(self, neuron: int, step: int) -> None:
        """Let the first spike of a neuron at or after a step reach nobody, if it is of this process."""
        self._drop(neuron, step)

    def send(self, steps: Ids, neurons: Ids) -> None:
        """Send spikes that neurons need not fire themselves.

        Parameters
        ----------
        steps, neurons : ndarray of int64, shape (n_spikes,)
            Steps (1-based, not decreasing, after those given earlier) and node ids; those of other processes
            are skipped.
        """
        self._send(np.ascontiguousarray(steps, np.int64), np.ascontiguousarray(neurons, np.int64), len(steps))
