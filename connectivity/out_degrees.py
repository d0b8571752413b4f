"""Equal numbers of outputs: deletes and adds connections of a source until it has nearly the mean number.

Methods, "Connectivity": the spread of out-degrees of recurrent projections is reduced to 3-5 % of the mean. A
connection that is added never doubles an existing one; autapses are allowed.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.memories.editing import contacts_at, edited
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Flags, Ids
from eiassembly.core.communicator import Collectives
from eiassembly.core.random import Streams, Words, below, mixed

_EVERYTHING = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class OutDegreeSpread:
    """Out-degrees that are left alone, and where the others are brought, relative to the mean."""

    accepted: float
    aimed: float


_WITHIN = OutDegreeSpread(0.03, 0.03)
_INHIBITION = OutDegreeSpread(0.05, 0.03)
_PUBLISHED = MappingProxyType(
    {
        ("I", "E"): _INHIBITION,
        ("FBI", "E"): _INHIBITION,
        ("FFI", "E"): _INHIBITION,
        ("E", "I"): OutDegreeSpread(0.05, 0.0),
        ("E", "FBI"): OutDegreeSpread(0.05, 0.05),
        ("E", "FFI"): OutDegreeSpread(0.05, 0.05),
        ("FBI", "FBI"): OutDegreeSpread(0.02, 0.02),
        ("FFI", "FFI"): OutDegreeSpread(0.02, 0.02),
    }
)


def published_spread(source: str, target: str) -> OutDegreeSpread:
    """Return the spread of the authors' matrices: 3 % of the mean unless *measured* otherwise.

    From I to E sources beyond 5 % are brought to within 3 %; those from E to I to the mean or one more.
    """
    return _PUBLISHED.get((source, target), _WITHIN)


@dataclass(frozen=True, eq=False)
class Changes:
    """Connections to delete and to add per source, shape (n_sources,)."""

    delete: Ids
    add: Ids


def planned(out_degree: Ids, mean: float, spread: OutDegreeSpread) -> Changes:
    """Compare the out-degrees with the mean p·N of the targets."""
    low, high = round(mean * (1 - spread.accepted)), round(mean * (1 + spread.accepted))
    fewest = round(mean * (1 - spread.aimed))
    most = max(round(mean * (1 + spread.aimed)), fewest + (spread.aimed == 0))
    return Changes(
        delete=np.where(out_degree > high, np.maximum(out_degree - most, 0), 0),
        add=np.where(out_degree < low, np.maximum(fewest - out_degree, 0), 0),
    )


def equalize_out_degrees(
    projection: Projection,
    n_targets: int,
    mean: float,
    spread: OutDegreeSpread,
    seed: int,
    collectives: Collectives,
) -> Projection:
    """Bring the out-degree of every source into the spread.

    Parameters
    ----------
    projection : Projection
        The own slice of a projection without multiple connections.
    n_targets : int
        Size of the target population.
    mean : float
        Mean out-degree p·N the spread refers to.
    spread : OutDegreeSpread
        What is left alone and what is aimed at.
    seed : int
        Of the wiring.
    collectives : Collectives
        To the owners of the other slices.
    """
    out_degree = collectives.total(projection.out_degree())
    changes = planned(out_degree, mean, spread)
    gained = _additions(projection, out_degree, changes.add, n_targets, seed, collectives)
    lost = _deletions(projection, out_degree, changes.delete, seed, collectives)
    return _edited(projection, lost, *gained)


def _deletions(
    projection: Projection, out_degree: Ids, delete: Ids, seed: int, collectives: Collectives
) -> Ids:
    """Find the entries with the smallest hashes of every source, as many as it has to lose; increasing."""
    words = Streams(seed, f"delete {projection.name}").words(np.arange(projection.n_sources), 1)[:, 0]
    share = _likely_share(delete, out_degree)
    while True:
        likely = np.where(share < 1, np.minimum(share, 0.999) * 2.0**64, 0).astype(np.uint64)
        likely[share >= 1] = _EVERYTHING
        entries, hashes = _candidates(projection, words, likely, delete > 0)
        sources = projection.sources[entries]
        table = np.stack([sources.astype(np.uint64), hashes], axis=1)
        limits = _limits(collectives.gathered(table), delete)
        if limits is not None:
            return entries[hashes <= limits[sources]]
        share *= 2


def _likely_share(delete: Ids, out_degree: Ids) -> NDArray[np.float64]:
    """Share of all values below which nearly always enough of a source's hashes lie: these are exchanged."""
    share = (delete + 6 * np.sqrt(delete) + 10) / np.maximum(out_degree, 1)
    share[delete == 0] = 0
    return np.asarray(share)


def _candidates(projection: Projection, words: Words, likely: Words, losing: Flags) -> tuple[Ids, Words]:
    """Find the entries of losing sources whose hash is at most the likely one: (entries, hashes)."""
    found = [(np.empty(0, np.int64), np.empty(0, np.uint64))]
    for rows, part in projection.blocks():
        entries = np.flatnonzero(losing.take(part.sources))
        sources = part.sources[entries]
        hashes = mixed(words[sources], part.targets()[entries])
        below_likely = np.flatnonzero(hashes <= likely[sources])
        found.append((projection.offsets[rows.start] + entries[below_likely], hashes[below_likely]))
    entries, hashes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return entries, hashes


def _limits(table: Words, delete: Ids) -> Words | None:
    """For each source the largest of its ``delete`` smallest hashes; None if a source has too few of them.

    Parameters
    ----------
    table : ndarray of uint64, shape (n_candidates, 2)
        Source and hash of the candidates of all ranks.
    delete : ndarray of int64, shape (n_sources,)
        Connections to delete.
    """
    losing = np.flatnonzero(delete)
    sources, hashes = table.T.copy()
    by_hash = np.argsort(hashes)
    # As np.lexsort, which takes ten times as long.
    order = by_hash[_order(sources[by_hash])]
    sources, hashes = sources[order], hashes[order]
    starts = np.searchsorted(sources, np.arange(len(delete) + 1, dtype=np.uint64))
    if (np.diff(starts)[losing] < delete[losing]).any():
        return None
    limits = np.zeros(len(delete), np.uint64)
    limits[losing] = hashes[starts[losing] + delete[losing] - 1]
    return limits


def _additions(
    projection: Projection, out_degree: Ids, add: Ids, n_targets: int, seed: int, collectives: Collectives
) -> tuple[Ids, Ids]:
    """Return (rows, sources) of new connections onto own targets.

    A source tries targets in the order of its own stream and skips those it already has.
    """
    gaining = np.flatnonzero(add)
    words = Streams(seed, f"add {projection.name}").word(gaining)
    wanted = add[gaining]
    tries = 2 * wanted + 8
    while True:
        source = np.repeat(np.arange(len(gaining)), tries)
        first = np.cumsum(tries) - tries
        number = np.arange(len(source)) - first[source]
        tried = below(mixed(words[source], number), n_targets)
        free = _free(projection, collectives, gaining[source], tried)
        total = np.concatenate(([0], np.cumsum(free)))
        if (total[first + tries] - total[first] >= wanted).all():
            break
        tries *= 2
    chosen = np.flatnonzero(free & (total[1:] - total[first][source] <= wanted[source]))
    index, rows = projection.rows_of(tried[chosen])
    return rows, gaining[source[chosen[index]]]


def _free(projection: Projection, collectives: Collectives, sources: Ids, tried: Ids) -> Flags:
    """Mark tries that hit neither an existing connection, whoever owns it, nor an earlier try of the source.

    Tries are in the order of their sources, and those of a source in the order of its stream.
    """
    free = np.ones(len(tried), bool)
    order = _order(tried)
    sources, tried = sources[order], tried[order]
    again = (tried[1:] == tried[:-1]) & (sources[1:] == sources[:-1])
    free[order[1:][again]] = False
    index, rows = projection.rows_of(tried)
    contacts, _ = contacts_at(projection, rows, sources[index])
    hit = index[contacts > 0]
    hits = collectives.gathered(order[hit].astype(np.uint64)[:, np.newaxis])[:, 0]
    free[hits.astype(np.int64)] = False
    return free


def _order(ids: Ids | Words) -> Ids:
    """Stable order, digit by digit: NumPy sorts integers of 16 bits in linear time."""
    order = np.argsort((ids & 0xFFFF).astype(np.uint16), kind="stable")
    for shift in range(16, int(ids.max(initial=0)).bit_length(), 16):
        digits = (ids[order] >> shift & 0xFFFF).astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")]
    return order


def _edited(projection: Projection, lost: Ids, rows: Ids, sources: Ids) -> Projection:
    """Delete entries and insert new ones, of one contact each, into rows."""
    order = np.lexsort((sources, rows))
    return edited(projection, lost, rows[order], sources[order], np.ones(len(order), np.uint8))
