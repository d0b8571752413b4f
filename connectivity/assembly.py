"""What storing a memory has moved: enough to move it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eiassembly.core.arrays import Ids


@dataclass(frozen=True, eq=False)
class Moves:
    """Contacts of one projection that storing a memory has moved, one row per contact.

    Parameters
    ----------
    targets : ndarray of int32, shape (n_moves,)
        Postsynaptic members of the assembly, non-decreasing.
    gained : ndarray of int32, shape (n_moves,)
        Presynaptic member that has the contact since; increasing within a target.
    lost : ndarray of int32, shape (n_moves,)
        Presynaptic neuron that has had it before; never one that ``gained`` of the same target names.
    """

    targets: NDArray[np.int32]
    gained: NDArray[np.int32]
    lost: NDArray[np.int32]

    def __post_init__(self) -> None:
        for array in (self.targets, self.gained, self.lost):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.targets)

    @classmethod
    def of(cls, targets: ArrayLike, gained: ArrayLike, lost: ArrayLike) -> "Moves":
        """Make a record of integers of any kind."""
        return cls(*(np.array(column, np.int32) for column in (targets, gained, lost)))

    @classmethod
    def joined(cls, parts: "Iterable[Moves]") -> "Moves":
        """Return the rows of all parts, one part after the other; of none: no rows."""
        columns = [(moves.targets, moves.gained, moves.lost) for moves in (NO_MOVES, *parts)]
        return cls(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def at(self, rows: NDArray[np.bool_ | np.int64]) -> "Moves":
        """Return some rows, by a mask or by their indices."""
        return Moves(self.targets[rows], self.gained[rows], self.lost[rows])

    def gained_keys(self, n_sources: int) -> NDArray[np.int64]:
        """Return one number per pair of target and ``gained``; increasing."""
        return keys(self.targets, self.gained, n_sources)

    def lost_keys(self, n_sources: int) -> NDArray[np.int64]:
        """Return one number per pair of target and ``lost``; in no order."""
        return keys(self.targets, self.lost, n_sources)


def keys(targets: NDArray[np.int32], sources: NDArray[np.int32], n_sources: int) -> NDArray[np.int64]:
    """Return one number per pair of a target and a source."""
    return np.asarray(targets.astype(np.int64) * n_sources + sources)


NO_MOVES = Moves.of([], [], [])


@dataclass(frozen=True, eq=False)
class Assembly:
    """One stored memory.

    Parameters
    ----------
    odor : int
        Number of the odor it was built from.
    members : mapping of str to ndarray of int64
        Sorted ids by population; populations without members are left out.
    moves : mapping of str to Moves, optional
        What storing it has moved, by projection; None if unknown. Takes no part in the content hash.
    """

    odor: int
    members: Mapping[str, Ids]
    moves: Mapping[str, Moves] | None = None

    def __repr__(self) -> str:
        members = ", ".join(f"{len(ids)} {name}" for name, ids in self.members.items()) or "no members"
        return f"Assembly(odor {self.odor}: {members})"

    def of(self, population: str) -> Ids:
        """Members in a population, sorted ids; none in populations that take no part."""
        return self.members.get(population, np.empty(0, np.int64))

    @property
    def excitatory(self) -> Ids:
        """Members among the excitatory cells, the population ``E``."""
        return self.of("E")
