"""Inputs of some targets while memories are stored: contacts move between sources, none is lost or made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import BLOCK, MOST_CONTACTS, Projection
from eiassembly.core.arrays import Flags, Ids
from eiassembly.core.random import Words, mixed

Contacts = NDArray[np.uint8]

NOTHING = np.empty((0, 3), np.int64)
"""Table of no moves."""
_LAST = np.uint64(2**64 - 1)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Inputs of some targets in as many places as a target has contacts: room for all, wherever they move.

    Parameters
    ----------
    n_sources : int
        Size of the source population.
    sources : ndarray of int64, shape (n_targets, n_places)
        In any order, at most once per target; ``n_sources`` where there never was an input.
    contacts : ndarray of uint8, shape (n_targets, n_places)
        Multiplicities; 0 where there is no input, or none any more.
    """

    n_sources: int
    sources: Ids
    contacts: Contacts

    @classmethod
    def of(cls, projection: Projection, rows: Ids) -> "Inputs":
        """Take the inputs of some rows."""
        entries, counts = projection.entries_of(rows)
        multiplicity = projection.multiplicity[entries]
        n_contacts = np.bincount(np.repeat(np.arange(len(rows)), counts), multiplicity)
        used = np.arange(n_contacts.max(initial=0)) < counts[:, np.newaxis]
        sources = np.full(used.shape, projection.n_sources)
        contacts = np.zeros(used.shape, np.uint8)
        sources[used], contacts[used] = projection.sources[entries], multiplicity
        return cls(projection.n_sources, sources, contacts)

    def strengthen(self, which: Ids, members: Ids, within: Ids, words: Words) -> tuple[Ids, int]:
        """Move contacts from non-members to members in the inputs of some targets, in blocks of them.

        Returns
        -------
        table : ndarray of int64, shape (n_moves, 3)
            Target (as in ``which``), gained and lost source: what `Moves` records.
        missing : int
            Contacts that could not be moved.
        """
        member = np.full(self.n_sources + 1, -1)
        member[members] = np.arange(len(members))
        size = max(1, BLOCK // max(1, len(members)))
        tables, missing = [NOTHING], 0
        for low in range(0, len(which), size):
            block = slice(low, low + size)
            rows = which[block]
            sources, contacts = self.sources[rows], self.contacts[rows]
            choice = _chosen(sources, contacts, member, members, within[block], words[block])
            tables.append(choice.table(rows, sources, members))
            contacts -= choice.lost
            _give(sources, contacts, member, members, choice.gained)
            self.sources[rows], self.contacts[rows] = sources, contacts
            missing += choice.n_missing
        return np.concatenate(tables), missing

    def compressed(self) -> tuple[Ids, NDArray[np.int32], Contacts]:
        """Return (entries per target, sources, multiplicity), sources increasing within a target."""
        packed = np.where(self.contacts > 0, self.sources, self.n_sources) << 8 | self.contacts
        packed.sort(axis=1)
        used = packed < self.n_sources << 8
        entries = packed[used]
        return used.sum(axis=1), (entries >> 8).astype(np.int32), (entries & 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class _Choice:
    """Which contacts move.

    Parameters
    ----------
    lost : ndarray of bool, shape (n_targets, n_places)
        Inputs that lose one.
    gained : ndarray of bool, shape (n_targets, n_members)
        Members that get one: as many in every row.
    n_missing : int
        Contacts that cannot be moved.
    """

    lost: Flags
    gained: Flags
    n_missing: int

    def table(self, rows: Ids, sources: Ids, members: Ids) -> Ids:
        """Return target, gained and lost source of every move, shape (n_moves, 3); sorted."""
        target, column = np.divmod(np.flatnonzero(self.gained), len(members))
        places = np.flatnonzero(self.lost)
        lost = places // sources.shape[1] << 32 | sources.ravel()[places]
        lost.sort()
        return np.stack([rows[target], members[column], lost & 0xFFFFFFFF], axis=1)


def _chosen(
    sources: Ids, contacts: Contacts, member: Ids, members: Ids, within: Ids, words: Words
) -> _Choice:
    """Choose the contacts of non-members that go, and the members that get as many instead.

    Parameters
    ----------
    sources, contacts : ndarray, shape (n_targets, n_places)
        As in `Inputs`.
    member : ndarray of int64, shape (n_sources + 1,)
        Which of the members a source is; -1 for all others.
    members : ndarray of int64, shape (n_members,)
        Sources.
    within : ndarray of int64, shape (n_targets,)
        Contacts from members that each target is to receive.
    words : ndarray of uint64, shape (n_targets,)
        Of this assembly.
    """
    inside = member.take(sources) >= 0
    outside = (contacts > 0) & ~inside
    missing = np.maximum(within - (contacts * inside).sum(axis=1, dtype=np.int64), 0)
    member_hashes = mixed(words[:, np.newaxis], members)
    row, place = np.divmod(np.flatnonzero(inside & (contacts == MOST_CONTACTS)), sources.shape[1])
    member_hashes[row, member[sources[row, place]]] = _LAST
    room = len(members) - np.bincount(row, minlength=len(sources))
    moved = np.minimum(missing, np.minimum(outside.sum(axis=1), room))
    hashes = mixed(words[:, np.newaxis], sources)
    hashes[~outside] = _LAST
    return _Choice(_smallest(hashes, moved), _smallest(member_hashes, moved), int((missing - moved).sum()))


def _give(sources: Ids, contacts: Contacts, member: Ids, members: Ids, gains: Flags) -> None:
    """Add contacts from the marked members, in place: to existing inputs, else in places that are free."""
    which = member.take(sources)
    entries = np.flatnonzero(which >= 0)
    row, column = entries // sources.shape[1], which.ravel()[entries]
    contacts.ravel()[entries] += gains[row, column]
    gains[row, column] = False
    free = np.flatnonzero(contacts == 0)
    before = np.searchsorted(free, np.arange(len(sources)) * sources.shape[1])
    row, column = np.divmod(np.flatnonzero(gains), len(members))
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    places = free[before[row] + rank]
    sources.ravel()[places], contacts.ravel()[places] = members[column], 1


def _smallest(hashes: Words, count: Ids) -> Flags:
    """Mark the ``count`` smallest entries of every row: a random choice, as the entries are hashes."""
    most = int(count.max(initial=0))
    if most < hashes.shape[1]:
        least = np.partition(hashes, most, axis=1)[:, : most + 1]
    else:
        least = np.concatenate([hashes, np.full((len(hashes), 1), _LAST)], axis=1)
    least.sort(axis=1)
    return np.asarray(hashes < least[np.arange(len(hashes)), count][:, np.newaxis])
