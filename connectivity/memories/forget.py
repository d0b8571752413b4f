"""Contacts that memories have moved, moved back: of one memory, wherever in the order it is, or of all.

A projection with memories is the one before them plus what every memory has gained, minus what it has lost.
Contacts between the same two neurons cannot be told apart. A memory that takes one away takes, as long as
there are others, not the one that an earlier memory has brought there.

So a memory that is not the last is forgotten as follows. Its contacts go back to where it had found them.
Those that a later memory had to take away stay with that one, which is then on record as having taken them
from where the forgotten memory had found them: to there they return once it is forgotten, too.
"""

from collections.abc import Sequence

import numpy as np

from eiassembly.connectivity.assembly import Moves
from eiassembly.connectivity.memories.editing import contacts_at, with_changes
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import EiassemblyError

_NOBODY = -1


def unstored(projection: Projection, memories: Sequence[Moves]) -> Projection:
    """Return a projection as it was before any of its memories.

    Parameters
    ----------
    projection : Projection
        Whole or a slice.
    memories : sequence of Moves
        What each memory has moved in this slice.

    Raises
    ------
    EiassemblyError
        The record does not belong to this projection.
    """
    return _moved_back(projection, Moves.joined(memories))


def forgotten(
    projection: Projection, memories: Sequence[Moves], index: int
) -> tuple[Projection, tuple[Moves, ...]]:
    """Forget one memory.

    Parameters
    ----------
    projection : Projection
        Whole or a slice.
    memories : sequence of Moves
        What each memory has moved in this slice, in the order in which they were stored.
    index : int
        Which of them to forget.

    Returns
    -------
    projection : Projection
        Every target receives as many contacts as before.
    memories : tuple of Moves
        What is on record of the others.

    Raises
    ------
    EiassemblyError
        The record does not belong to this projection.
    """
    own, later = memories[index], memories[index + 1 :]
    taken_by = _takers(projection, own, later)
    inherited = [
        _inheriting(moves, own.at(taken_by == k), projection.n_sources) for k, moves in enumerate(later)
    ]
    kept = _moved_back(projection, own.at(taken_by == _NOBODY))
    return kept, (*memories[:index], *inherited)


def _moved_back(projection: Projection, moves: Moves) -> Projection:
    _, rows = projection.rows_of(moves.targets.astype(np.int64))
    if len(rows) < len(moves):
        raise _foreign(projection)
    sources = np.concatenate([moves.gained, moves.lost]).astype(np.int64)
    return with_changes(projection, np.tile(rows, 2), sources, np.repeat([-1, 1], len(moves)))


def _foreign(projection: Projection) -> EiassemblyError:
    return EiassemblyError(f"{projection.name}: what memories have moved is not what this network has")


def _takers(projection: Projection, own: Moves, later: Sequence[Moves]) -> Ids:
    """Find which of the later memories had to take each contact that a memory has gained; shape (n_moves,).

    It is the first that left none between the two neurons.
    """
    takers = np.full(len(own), _NOBODY)
    pair, memory, net = _events(own.gained_keys(projection.n_sources), later, projection.n_sources)
    _, rows = projection.rows_of(own.targets.astype(np.int64))
    contacts, _ = contacts_at(projection, rows, own.gained.astype(np.int64))
    after_own = contacts - np.bincount(pair, net, len(own)).astype(np.int64)
    total = np.concatenate(([0], np.cumsum(net)))
    left = after_own[pair] + total[1:] - total[np.searchsorted(pair, pair)]
    if (after_own < 1).any() or (left < 0).any():
        raise _foreign(projection)
    empty = np.flatnonzero(left == 0)
    pairs, first = np.unique(pair[empty], return_index=True)
    takers[pairs] = memory[empty[first]]
    return takers


def _events(pairs: Ids, later: Sequence[Moves], n_sources: int) -> tuple[Ids, Ids, Ids]:
    """Collect what later memories have gained (+) and lost (-) at some pairs: (pair, memory, contacts)."""
    columns = [(moves.gained_keys(n_sources), 1, k) for k, moves in enumerate(later)]
    columns += [(moves.lost_keys(n_sources), -1, k) for k, moves in enumerate(later)]
    found = [np.empty((3, 0), np.int64)]
    for keys, sign, k in columns if len(pairs) else ():
        place = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
        place = place[pairs[place] == keys]
        found.append(np.stack([place, np.full(len(place), k), np.full(len(place), sign)]))
    pair, memory, sign = np.concatenate(found, axis=1)
    n_later = max(len(later), 1)
    codes, which = np.unique(pair * n_later + memory, return_inverse=True)
    return codes // n_later, codes % n_later, np.bincount(which, sign, len(codes)).astype(np.int64)


def _inheriting(moves: Moves, taken: Moves, n_sources: int) -> Moves:
    """Record that contacts were not taken from where a forgotten memory had moved them, but from before."""
    if not len(taken):
        return moves
    keys = moves.lost_keys(n_sources)
    order = np.argsort(keys, kind="stable")
    rows = order[np.searchsorted(keys[order], taken.gained_keys(n_sources))]
    lost = moves.lost.copy()
    lost[rows] = taken.lost
    return _shortened(Moves(moves.targets, moves.gained, lost), rows, n_sources)


def _shortened(moves: Moves, rows: Ids, n_sources: int) -> Moves:
    """Make one move of two where, in some rows, a contact was taken from a source that has gained one.

    A contact that comes back to where it was is no longer on record.
    """
    gained, wanted = moves.gained_keys(n_sources), moves.lost_keys(n_sources)
    present, lost = np.ones(len(moves), bool), moves.lost.copy()
    for row in rows[np.isin(wanted[rows], gained)]:
        while present[row]:
            other = int(np.searchsorted(gained, wanted[row]))
            if other == len(gained) or gained[other] != wanted[row] or not present[other]:
                break
            present[other] = False
            lost[row], wanted[row] = lost[other], wanted[other]
    return Moves(moves.targets, moves.gained, lost).at(present)
