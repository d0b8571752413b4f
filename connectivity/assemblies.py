"""Assemblies: who belongs to them, and the rewiring that stores them (Methods, "Assemblies").

All work is done target by target: what happens to a neuron's inputs depends on its own stream only.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.exchange import Exchange
from eiassembly.connectivity.streams import Ids, Streams, Words, mixed
from eiassembly.connectivity.wiring import Projection

Counts = NDArray[np.uint8]

_DENSE = 1 << 26
"""Bytes of the dense block of targets that is rewired at a time."""
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
    is_source = np.zeros((projection.n_sources, len(groups)), np.int32)
    for index, group in enumerate(groups):
        is_source[group, index] = 1
    counts[:, projection.target_ids()] = (projection.matrix() @ is_source).T
    counts = exchange.total(counts)
    words = Streams(seed, f"members {projection.name}").words(np.arange(n_targets), 1)[:, 0]
    return tuple(_eligible(row, mixed(words, k), n_members) for k, row in enumerate(counts))


def _eligible(received: Ids, hashes: Words, n_members: int) -> Ids:
    """Choose among the targets that receive at least as much as the ``n_members``-th one; sorted ids."""
    least = np.sort(received)[-n_members]
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
    rows = np.flatnonzero(np.isin(ids, np.concatenate([*targets, np.empty(0, np.int64)])))
    words = Streams(seed, f"rewire {projection.name}").word(ids[rows])
    size = max(1, _DENSE // projection.n_sources)
    parts = [_empty_part()]
    for low in range(0, len(rows), size):
        block = rows[low : low + size]
        dense = _dense(projection, block)
        _store(dense, ids[block], words[low : low + size], sources, targets, within)
        parts.append(_compressed(dense))
    counts, new_sources, new_multiplicity = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _with_rows(projection, rows, counts, new_sources, new_multiplicity)


def _store(
    dense: Counts, ids: Ids, words: Words, sources: Sequence[Ids], targets: Sequence[Ids], within: int
) -> None:
    """Store all assemblies in the inputs of some targets, in place."""
    for k, (source_members, target_members) in enumerate(zip(sources, targets, strict=True)):
        rows = np.flatnonzero(np.isin(ids, target_members))
        dense[rows] = _strengthened(dense[rows], source_members, within, mixed(words[rows], k))


def _strengthened(inputs: Counts, members: Ids, within: int, words: Words) -> Counts:
    """Move contacts from non-members to members in each row of ``inputs``, shape (n_targets, n_sources)."""
    outside = inputs.copy()
    outside[:, members] = 0
    row, source = np.nonzero(outside)
    available = np.bincount(row, minlength=len(inputs))
    missing = within - inputs[:, members].sum(axis=1, dtype=np.int64)
    moved = np.clip(missing, 0, np.minimum(available, len(members)))
    gains = _smallest(mixed(words[:, np.newaxis], members), moved)
    position = np.arange(len(row)) - np.repeat(np.cumsum(available) - available, available)
    hashes = np.full((len(inputs), available.max(initial=0)), _LAST)
    hashes[row, position] = mixed(words[row], source)
    losses = _smallest(hashes, moved)[row, position]
    inputs[:, members] += gains
    inputs[row[losses], source[losses]] -= 1
    return inputs


def _smallest(hashes: Words, count: Ids) -> NDArray[np.bool_]:
    """Mark the ``count`` smallest entries of every row: a random choice, as the entries are hashes."""
    padded = np.concatenate([np.sort(hashes, axis=1), np.full((len(hashes), 1), _LAST)], axis=1)
    return np.asarray(hashes < padded[np.arange(len(hashes)), count][:, np.newaxis])


def _dense(projection: Projection, rows: Ids) -> Counts:
    counts = np.diff(projection.offsets)[rows]
    entries = np.arange(counts.sum()) + np.repeat(
        projection.offsets[rows] - (np.cumsum(counts) - counts), counts
    )
    dense = np.zeros((len(rows), projection.n_sources), np.uint8)
    dense[np.repeat(np.arange(len(rows)), counts), projection.sources[entries]] = projection.multiplicity[
        entries
    ]
    return dense


def _compressed(dense: Counts) -> tuple[Ids, NDArray[np.int32], Counts]:
    """Return (entries per row, sources, multiplicity)."""
    entries = np.flatnonzero(dense)
    return (
        np.count_nonzero(dense, axis=1).astype(np.int64),
        (entries % dense.shape[1]).astype(np.int32),
        dense.ravel()[entries],
    )


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
    old, new = np.repeat(replaced, old_counts), np.repeat(replaced, new_counts)
    merged_sources = np.empty(len(new), np.int32)
    merged_multiplicity = np.empty(len(new), np.uint8)
    for merged, kept, fresh in (
        (merged_sources, projection.sources, sources),
        (merged_multiplicity, projection.multiplicity, multiplicity),
    ):
        merged[~new] = kept[~old]
        merged[new] = fresh
    offsets = np.concatenate(([0], np.cumsum(new_counts)))
    return replace(projection, offsets=offsets, sources=merged_sources, multiplicity=merged_multiplicity)
