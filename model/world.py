"""The processes of a run: one, or the ranks of an MPI job."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class World(Protocol):
    """What the run loop needs to know about the other processes."""

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""

    @property
    def size(self) -> int:
        """Number of processes."""

    def gather(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Concatenate arrays of shape (n, …) from all ranks, in rank order, on rank 0; None elsewhere."""

    def broadcast(self, value: Any) -> Any:
        """Value of rank 0 on every rank."""

    def maximum(self, value: float) -> float:
        """Return the largest value of all ranks."""

    def abort(self, status: int) -> None:
        """End all ranks at once; does nothing in a single process."""


@dataclass(frozen=True)
class SingleProcess:
    """The world of a run without MPI."""

    rank: int = 0
    size: int = 1

    def gather(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Return the rows themselves."""
        return rows

    def broadcast(self, value: Any) -> Any:
        """Return the value itself."""
        return value

    def maximum(self, value: float) -> float:
        """Return the value itself."""
        return value

    def abort(self, status: int) -> None:
        """Do nothing: the exception that led here ends the process."""


class MpiWorld:
    """The ranks of ``MPI.COMM_WORLD``."""

    def __init__(self) -> None:
        from mpi4py import MPI  # imported late: without a launcher this package is not needed

        self._mpi = MPI
        self._comm = MPI.COMM_WORLD
        self.rank: int = self._comm.Get_rank()
        self.size: int = self._comm.Get_size()

    def gather(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Concatenate arrays of shape (n, …) from all ranks, in rank order, on rank 0; None elsewhere."""
        rows = np.ascontiguousarray(rows)
        counts = self._comm.gather(len(rows))
        if counts is None:
            self._comm.Gatherv(rows, None)
            return None
        row = int(np.prod(rows.shape[1:], dtype=np.int64))
        gathered = np.empty((sum(counts), *rows.shape[1:]), rows.dtype)
        self._comm.Gatherv(rows, (gathered, [count * row for count in counts]))
        return gathered

    def broadcast(self, value: Any) -> Any:
        """Value of rank 0 on every rank."""
        return self._comm.bcast(value)

    def maximum(self, value: float) -> float:
        """Return the largest value of all ranks."""
        return float(self._comm.allreduce(value, op=self._mpi.MAX))

    def abort(self, status: int) -> None:
        """End all ranks at once."""
        self._comm.Abort(status)
