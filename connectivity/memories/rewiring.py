"""Assemblies: who belongs to them, and the rewiring that stores them (Methods, "Assemblies").

All work is done target by target: what happens to a neuron's inputs depends on its own stream only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.assembly import Assembly, Moves
from eiassembly.connectivity.memories.inputs import NOTHING, Contacts, Inputs
from eiassembly.connectivity.wiring import BLOCK, Projection
from eiassembly.core.arrays import Ids
from eiassembly.core.random import Streams, Words, mixed, uniform


@dataclass(frozen=True, eq=False)
class Rewired:
    """A projection with memories.

    Parameters
    ----------
    projection : Projection
        After all moves.
    moves : tuple of Moves
        One per assembly: what was moved for it.
    n_missing : int
        Contacts of this slice that could not be moved as asked for.
    """

    projection: Projection
    moves: tuple[Moves, ...]
    n_missing: int


def rewired(projection: Projection, assemblies: Sequence[Assembly], within: float, seed: int) -> Rewired:
    """Raise the inputs of each assembly's target members from its source members; conserve in-degrees.

    A target that receives fewer than ``within`` contacts from its fellow members gets the missing ones from
    different, randomly chosen members (also onto existing connections, whose multiplicity grows) and loses as
    many contacts from randomly chosen non-members. Assemblies are stored one after the other.

    Parameters
    ----------
    projection : Projection
        Whole or a slice.
    assemblies : sequence of Assembly
        What to store: members in the source and in the target population. What is chosen depends on the
        odor, not on its place in this sequence.
    within : float
        Contacts from fellow members that each member is to receive; of a number that is not whole each target
        takes one of the two next to it, on average the number itself.
    seed : int
        Of the wiring.
    """
    own = [projection.rows_of(assembly.of(projection.target))[1] for assembly in assemblies]
    rows = np.unique(np.concatenate([*own, np.empty(0, np.int64)]))
    goals = _Goals.of(projection, within, seed, projection.target_ids()[rows])
    size = max(1, BLOCK // max(1, np.diff(projection.offsets).max(initial=0)))
    parts, tables, n_missing = [_empty_part()], [[NOTHING] for _ in own], 0
    for low in range(0, len(rows), size):
        block = slice(low, low + size)
        inputs = Inputs.of(projection, rows[block])
        for assembly, target_rows, moved in zip(assemblies, own, tables, strict=True):
            which = np.flatnonzero(np.isin(rows[block], target_rows, assume_unique=True))
            wanted, words = goals.at(low + which, assembly.odor)
            table, missing = inputs.strengthen(which, assembly.of(projection.source), wanted, words)
            table[:, 0] = goals.ids[low + table[:, 0]]
            moved.append(table)
            n_missing += missing
        parts.append(inputs.compressed())
    replaced = _with_rows(projection, rows, *(np.concatenate(part) for part in zip(*parts, strict=True)))
    return Rewired(replaced, tuple(Moves.of(*np.concatenate(table).T) for table in tables), n_missing)


@dataclass(frozen=True, eq=False)
class _Goals:
    """What targets are to receive from their fellow members, and the random words that decide from which.

    Parameters
    ----------
    ids : ndarray of int64, shape (n_targets,)
        Of the targets.
    within : float
        Contacts that a target is to receive, on average.
    choice, rounding : ndarray of uint64, shape (n_targets,)
        Words of the targets.
    """

    ids: Ids
    within: float
    choice: Words
    rounding: Words

    @classmethod
    def of(cls, projection: Projection, within: float, seed: int, ids: Ids) -> "_Goals":
        """Draw the words of some targets."""
        purposes = (f"rewire {projection.name}", f"round {projection.name}")
        choice, rounding = (Streams(seed, purpose).word(ids) for purpose in purposes)
        return cls(ids, within, choice, rounding)

    def at(self, which: Ids, odor: int) -> tuple[Ids, Words]:
        """Return (contacts wanted, words) of some targets in the assembly of an odor."""
        whole = int(self.within)
        more = uniform(mixed(self.rounding[which], odor)) < self.within - whole
        return whole + more.astype(np.int64), mixed(self.choice[which], odor)


def _empty_part() -> tuple[Ids, NDArray[np.int32], Contacts]:
    return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8)


def _with_rows(
    projection: Projection, rows: Ids, counts: Ids, sources: NDArray[np.int32], multiplicity: Contacts
) -> Projection:
    """Replace the inputs of some targets."""
    replaced = np.zeros(projection.n_targets, bool)
    replaced[rows] = True
    old_counts = np.diff(projection.offsets)
    new_counts = old_counts.copy()
    new_counts[rows] = counts
    kept, fresh = np.repeat(~replaced, old_counts), np.repeat(replaced, new_counts)
    offsets = np.concatenate(([0], np.cumsum(new_counts)))
    return projection.spliced(kept, fresh, offsets, sources, multiplicity)
