"""Assemblies: who belongs to them, and the rewiring that stores them (Methods, "Assemblies").

All work is done target by target: what happens to a neuron's inputs depends on its own stream only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.exchange import Exchange
from eiassembly.connectivity.streams import Ids, Streams, Words, mixed
from eiassembly.connectivity.wiring import BLOCK, Projection

Counts = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_LAST = np.uint64(2**64 - 1)


def strongest_receivers(
    projection: Projection,
    n_targets: int,
    groups: Sequence[Ids],
    n_members: int,
    seed: int,
    exchange: Exchange,
) -> tuple[Ids, ...]:
    """For each group of sources choose targets that receive most connections from it.

    All targets that receive at least as many as the ``n_members``-th one are equally eligible, as in the
    authors' choice (*measured*: their members are a random part of all that reach the last one's count).

    Parameters
    ----------
    projection : Projection
        The own slice.
    n_targets : int
        Size of the target population.
    groups : sequence of ndarray of int64
        Activated mitral cells of each odour, or E members of each assembly.
    n_members : int
        Targets to choose per group.
    seed : int
        Of the wiring.
    exchange : Exchange
        To the owners of the other slices.

    Returns
    -------
    tuple of ndarray of int64
        Sorted ids, one array per group.
    """
    counts = np.zeros((len(groups), n_targets), np.int64)
    counts[:, projection.target_ids()] = projection.received_from(groups)
    counts = exchange.total(counts)
    words = Streams(seed, f"members {projection.name}").words(np.arange(n_targets), 1)[:, 0]
    return tuple(_eligible(row, mixed(words, k), n_members) for k, row in enumerate(counts))


def _eligible(received: Ids, hashes: Words, n_members: int) -> Ids:
    """Choose among the targets that receive at least as much as the ``n_members``-th one; sorted ids."""
    least = np.partition(received, -n_members)[-n_members]
    eligible = np.flatnonzero(received >= least)
    return np.sort(eligible[np.argsort(hashes[eligible])[:n_members]])


def rewired(
    projection: Projection, sources: Sequence[Ids], targets: Sequence[Ids], within: int, seed: int
) -> Projection:
    """Raise the inputs of each assembly's target members from its source members; conserve in-degrees.

    A target that receives fewer than ``within`` contacts from its fellow members gets the missing ones from
    different, randomly chosen members (also onto existing connections, whose multiplicity grows) and loses as
    many contacts from randomly chosen non-members. Assemblies are stored one after the other.

    Parameters
    ----------
    projection : Projection
        Whole or a slice.
    sources, targets : sequences of ndarray of int64
        Members of each assembly in the two populations, sorted.
    within : int
        Contacts from fellow members that each member is to receive.
    seed : int
        Of the wiring.
    """
    ids = projection.target_ids()
    own = [projection.rows_of(members)[1] for members in targets]
    rows = np.unique(np.concatenate([*own, np.empty(0, np.int64)]))
    words = Streams(seed, f"rewire {projection.name}").word(ids[rows])
    size = max(1, BLOCK // max(1, np.diff(projection.offsets).max(initial=0)))
    parts = [_empty_part()]
    for low in range(0, len(rows), size):
        block = slice(low, low + size)
        inputs = _Inputs.of(projection, rows[block])
        for k, (source_members, target_rows) in enumerate(zip(sources, own, strict=True)):
            which = np.flatnonzero(np.isin(rows[block], target_rows, assume_unique=True))
            hashes = mixed(words[block][which], k)
            inputs.strengthen(which, source_members, within, hashes)
        parts.append(inputs.compressed())
    counts, new_sources, new_multiplicity = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _with_rows(projection, rows, counts, new_sources, new_multiplicity)


@dataclass(frozen=True, eq=False)
class _Inputs:
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
    contacts: Counts

    @classmethod
    def of(cls, projection: Projection, rows: Ids) -> "_Inputs":
        """Take the inputs of some rows."""
        entries, counts = projection.entries_of(rows)
        multiplicity = projection.multiplicity[entries]
        n_contacts = np.bincount(np.repeat(np.arange(len(rows)), counts), multiplicity)
        used = np.arange(n_contacts.max(initial=0)) < counts[:, np.newaxis]
        sources = np.full(used.shape, projection.n_sources)
        contacts = np.zeros(used.shape, np.uint8)
        sources[used], contacts[used] = projection.sources[entries], multiplicity
        return cls(projection.n_sources, sources, contacts)

    def strengthen(self, which: Ids, members: Ids, within: int, words: Words) -> None:
        """Move contacts from non-members to members in the inputs of some targets, in blocks of them."""
        member = np.full(self.n_sources + 1, -1)
        member[members] = np.arange(len(members))
        size = max(1, BLOCK // max(1, len(members)))
        for low in range(0, len(which), size):
            rows = which[low : low + size]
            sources, contacts = self.sources[rows], self.contacts[rows]
            gains = _moved(sources, contacts, member, members, within, words[low : low + size])
            _give(sources, contacts, member, members, gains)
            self.sources[rows], self.contacts[rows] = sources, contacts

    def compressed(self) -> tuple[Ids, NDArray[np.int32], Counts]:
        """Return (entries per target, sources, multiplicity), sources increasing within a target."""
        packed = np.where(self.contacts > 0, self.sources, self.n_sources) << 8 | self.contacts
        packed.sort(axis=1)
        used = packed < self.n_sources << 8
        entries = packed[used]
        return used.sum(axis=1), (entries >> 8).astype(np.int32), (entries & 255).astype(np.uint8)


def _moved(sources: Ids, contacts: Counts, member: Ids, members: Ids, within: int, words: Words) -> Mask:
    """Take contacts of non-members away, in place, and mark the members that get as many instead.

    Parameters
    ----------
    sources, contacts : ndarray, shape (n_targets, n_places)
        As in `_Inputs`.
    member : ndarray of int64, shape (n_sources + 1,)
        Which of the members a source is; -1 for all others.
    members : ndarray of int64, shape (n_members,)
        Sources.
    within : int
        Contacts from members that each target is to receive.
    words : ndarray of uint64, shape (n_targets,)
        Of this assembly.

    Returns
    -------
    ndarray of bool, shape (n_targets, n_members)
    """
    inside = member.take(sources) >= 0
    outside = (contacts > 0) & ~inside
    missing = within - (contacts * inside).sum(axis=1, dtype=np.int64)
    moved = np.clip(missing, 0, np.minimum(outside.sum(axis=1), len(members)))
    hashes = mixed(words[:, np.newaxis], sources)
    hashes[~outside] = _LAST
    contacts -= _smallest(hashes, moved)
    return _smallest(mixed(words[:, np.newaxis], members), moved)


def _give(sources: Ids, contacts: Counts, member: Ids, members: Ids, gains: Mask) -> None:
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


def _smallest(hashes: Words, count: Ids) -> Mask:
    """Mark the ``count`` smallest entries of every row: a random choice, as the entries are hashes."""
    most = int(count.max(initial=0))
    if most < hashes.shape[1]:
        least = np.partition(hashes, most, axis=1)[:, : most + 1]
    else:
        least = np.concatenate([hashes, np.full((len(hashes), 1), _LAST)], axis=1)
    least.sort(axis=1)
    return np.asarray(hashes < least[np.arange(len(hashes)), count][:, np.newaxis])


def _empty_part() -> tuple[Ids, NDArray[np.int32], Counts]:
    return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8)


def _with_rows(
    projection: Projection, rows: Ids, counts: Ids, sources: NDArray[np.int32], multiplicity: Counts
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
