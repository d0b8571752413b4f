"""The processes of a run: one, or the ranks of an MPI job, and how all of them end when one cannot go on."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eiassembly.core.errors import EndedError
from eiassembly.core.signals import Interrupted, Signals

_FAILED = 1
"""Tag of the messages by which a rank tells the others that it has failed."""
_ROWS = 2
"""Tag of arrays that are sent to rank 0."""
_PIECE = 1 << 24
"""Rows that are sent at once: MPI counts with 31 bits."""


class Communicator(ABC):
    """What the run loop needs to know about the other processes."""

    rank: int = 0
    """Number of this process, from 0."""
    size: int = 1
    """Number of processes."""
    has_ended: bool = False
    """Whether all ranks have agreed that the run ends here."""

    def __init__(self) -> None:
        self.signals = Signals()

    @abstractmethod
    def gather(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Concatenate arrays of shape (n, …) from all ranks, in rank order, on rank 0; None elsewhere."""

    @abstractmethod
    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """On rank 0 the arrays of shape (n, …) of all ranks, one after the other; none elsewhere.

        Rank 0 never has more than one of them; the others must exhaust the iterator.
        """

    @abstractmethod
    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum arrays of the same shape over all ranks, on all ranks."""

    @abstractmethod
    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Concatenate arrays of shape (n, …) from all ranks, in rank order, on all ranks."""

    @abstractmethod
    def allgather(self, value: Any) -> list[Any]:
        """Return the values of all ranks, on all ranks."""

    def machine(self) -> int:
        """Return what names this machine, the same for all ranks on it; called by all of them alike."""
        return 0

    @abstractmethod
    def fail(self, patience: float) -> tuple[bool, bool]:
        """Return whether this rank is the first of those that have failed, and whether all have.

        For errors that not all ranks need to meet, so that some may be waiting for this one for ever.

        Parameters
        ----------
        patience : float
            How long to wait for others that fail, too, s.
        """

    @abstractmethod
    def abort(self, status: int) -> None:
        """End all ranks at once; does nothing in a single process."""

    @contextmanager
    def collective(self, heeding_signals: bool = True) -> Iterator[None]:
        """Run a block whose failure on any rank ends the run on all, and so do signals that have arrived.

        All ranks must get to the end of the block, or fail in it, whatever happens on the others. The first
        of those that failed raises its error, or rank 0 `Interrupted`; the others raise `EndedError`.

        Parameters
        ----------
        heeding_signals : bool
            False where it is too late for them.
        """
        error: Exception | None = None
        try:
            yield
        except Exception as caught:
            if self.has_ended:
                raise
            error = caught
        outcomes = self.allgather((error is not None, heeding_signals and self.signals.received))
        failed = [rank for rank, (has_failed, _) in enumerate(outcomes) if has_failed]
        number = max(received for _, received in outcomes)
        self.has_ended = bool(failed or number)
        if failed:
            if error is not None and failed[0] == self.rank:
                raise error
            raise EndedError(1)
        if number:
            interruption = Interrupted(number)
            raise interruption if self.rank == 0 else EndedError(interruption.status)


class SerialCommunicator(Communicator):
    """The communicator of a run without MPI."""

    def gather(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Return the rows themselves."""
        return rows

    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Yield the rows."""
        yield rows

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the counts."""
        return counts

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the rows."""
        return rows

    def allgather(self, value: Any) -> list[Any]:
        """Return the value alone."""
        return [value]

    def fail(self, patience: float) -> tuple[bool, bool]:
        """There is nobody else."""
        return True, True

    def abort(self, status: int) -> None:
        """Do nothing: the exception that led here ends the process."""


class MpiCommunicator(Communicator):
    """The ranks of ``MPI.COMM_WORLD``."""

    def __init__(self) -> None:
        from mpi4py import MPI  # imported late: without a launcher this package is not needed

        super().__init__()
        # NEST talks on COMM_WORLD; what it says must never be taken for what is said here.
        self._comm = MPI.COMM_WORLD.Dup()
        self._neighbours = MPI.COMM_WORLD.Split_type(MPI.COMM_TYPE_SHARED)
        self.rank = self._comm.Get_rank()
        self.size = self._comm.Get_size()

    def machine(self) -> int:
        """Lowest rank on this machine."""
        return int(min(self._neighbours.allgather(self.rank)))

    def gather(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Concatenate arrays of shape (n, …) from all ranks, in rank order, on rank 0; None elsewhere."""
        rows = np.ascontiguousarray(rows)
        counts = self._comm.gather(len(rows))
        if counts is None:
            self._comm.Gatherv(rows, None)
            return None
        gathered, lengths = _room_for(counts, rows)
        self._comm.Gatherv(rows, (gathered, lengths))
        return gathered

    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """On rank 0 the arrays of shape (n, …) of all ranks, one after the other; none elsewhere."""
        counts = self._comm.gather(len(rows))
        if counts is None:
            for piece in _pieces(np.ascontiguousarray(rows)):
                self._comm.Send(piece, dest=0, tag=_ROWS)
            return
        yield rows
        for rank in range(1, self.size):
            received = np.empty((counts[rank], *rows.shape[1:]), rows.dtype)
            for piece in _pieces(received):
                self._comm.Recv(piece, source=rank, tag=_ROWS)
            yield received

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum arrays of the same shape over all ranks, on all ranks."""
        summed = np.empty_like(counts)
        self._comm.Allreduce(np.ascontiguousarray(counts), summed)
        return summed

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Concatenate arrays of shape (n, …) from all ranks, in rank order, on all ranks."""
        rows = np.ascontiguousarray(rows)
        gathered, lengths = _room_for(self._comm.allgather(len(rows)), rows)
        self._comm.Allgatherv(rows, (gathered, lengths))
        return gathered

    def allgather(self, value: Any) -> list[Any]:
        """Return the values of all ranks, on all ranks."""
        values: list[Any] = self._comm.allgather(value)
        return values

    def fail(self, patience: float) -> tuple[bool, bool]:
        """Tell the others, without waiting for them to listen, and hear who else has failed."""
        others = (rank for rank in range(self.size) if rank != self.rank)
        sent = [self._comm.isend(self.rank, dest=rank, tag=_FAILED) for rank in others]
        failed, deadline = {self.rank}, time.monotonic() + patience
        while len(failed) < self.size and time.monotonic() < deadline:
            if self._comm.iprobe(tag=_FAILED):
                failed.add(self._comm.recv(tag=_FAILED))
            else:
                time.sleep(0.01)
        for request in sent:
            request.Test()  # small messages are on their way; to wait could be for ever
        return self.rank == min(failed), len(failed) == self.size

    def abort(self, status: int) -> None:
        """End all ranks at once."""
        self._comm.Abort(status)


def _room_for(counts: Sequence[int], rows: NDArray[Any]) -> tuple[NDArray[Any], list[int]]:
    """Make room for so many rows of every rank: (array, number of items from each)."""
    row = int(np.prod(rows.shape[1:], dtype=np.int64))
    return np.empty((sum(counts), *rows.shape[1:]), rows.dtype), [count * row for count in counts]


def _pieces(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Cut an array into views that are short enough for one message."""
    return (rows[low : low + _PIECE] for low in range(0, len(rows), _PIECE))


class Collectives(Protocol):
    """What the algorithms need from a communicator; every rank must make the same calls."""

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum arrays of the same shape over all ranks."""

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Concatenate tables, shape (any, n_columns), of all ranks, in any order."""

    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Arrays, shape (any, …), of all ranks, one after the other in the order of the ranks.

        Only for the first rank, which never has more than one of them in memory; for the others, which must
        exhaust the iterator, there are none.
        """


class Serial:
    """One rank that owns all targets."""

    def total(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the counts."""
        return counts

    def gathered(self, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the table."""
        return rows

    def in_turn(self, rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Yield the array."""
        yield rows
