"""Who is a member of an assembly: the neurons that receive most contacts from others."""

from collections.abc import Sequence

import numpy as np

from eiassembly.connectivity.assembly import NO_MOVES, Moves
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Ids
from eiassembly.core.communicator import Collectives
from eiassembly.core.random import Streams, Words, mixed


def strongest_receivers(
    projection: Projection,
    n_targets: int,
    groups: Sequence[Ids],
    n_members: int,
    seed: int,
    collectives: Collectives,
    numbers: Sequence[int] | None = None,
    moved: Moves = NO_MOVES,
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
        Activated mitral cells of each odor, or E members of each assembly.
    n_members : int
        Targets to choose per group.
    seed : int
        Of the wiring.
    collectives : Collectives
        To the owners of the other slices.
    numbers : sequence of int, optional
        Odors of the groups, which decide between equals; 0, 1, … if not given.
    moved : Moves
        Contacts of the own slice that count where they have been before they were moved.

    Returns
    -------
    tuple of ndarray of int64
        Sorted ids, one array per group.
    """
    counts = np.zeros((len(groups), n_targets), np.int64)
    counts[:, projection.target_ids()] = projection.received_from(groups) - _brought(
        projection, groups, moved
    )
    counts = collectives.total(counts)
    words = Streams(seed, f"members {projection.name}").words(np.arange(n_targets), 1)[:, 0]
    numbered = zip(range(len(groups)) if numbers is None else numbers, counts, strict=True)
    return tuple(_eligible(row, mixed(words, number), n_members) for number, row in numbered)


def _brought(projection: Projection, groups: Sequence[Ids], moved: Moves) -> Ids:
    """Count what moves have brought every target from groups of sources, shape (n_groups, n_targets)."""
    _, rows = projection.rows_of(moved.targets.astype(np.int64))
    brought = np.zeros((len(groups), projection.n_targets), np.int64)
    for count, group in zip(brought, groups, strict=True) if len(rows) else ():
        is_source = np.zeros(projection.n_sources, np.int64)
        is_source[group] = 1
        change = is_source.take(moved.gained) - is_source.take(moved.lost)
        count[:] = np.bincount(rows, change, projection.n_targets)
    return brought


def _eligible(received: Ids, hashes: Words, n_members: int) -> Ids:
    """Choose among the targets that receive at least as much as the ``n_members``-th one; sorted ids."""
    least = np.partition(received, -n_members)[-n_members]
    eligible = np.flatnonzero(received >= least)
    return np.sort(eligible[np.argsort(hashes[eligible])[:n_members]])
