"""Equal numbers of outputs: deletes and adds connections of a source until it has nearly the mean number.

Methods, "Connectivity": the spread of out-degrees of recurrent projections is reduced to 3-5 % of the mean. A
connection that is added never doubles an existing one; autapses are allowed.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.exchange import Exchange
from eiassembly.connectivity.streams import Ids, Streams, Words, below, mixed
from eiassembly.connectivity.wiring import Projection

Mask = NDArray[np.bool_]

_EVERYTHING = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Spread:
    """Out-degrees that are left alone, and where the others are brought, relative to the mean."""

    accepted: float
    aimed: float


def published_spread(source: str, target: str) -> Spread:
    """Return the spread of the authors' matrices: 3 % within populations and from OB, 5 % between E and I.

    Sources beyond 5 % are brought to within 3 %; those from E to I to the mean or one more (all *measured*).
    """
    if source in ("OB", target):
        return Spread(0.03, 0.03)
    return Spread(0.05, 0.0 if target == "I" else 0.03)


@dataclass(frozen=True, eq=False)
class Changes:
    """Connections to delete and to add per source, shape (n_sources,)."""

    delete: Ids
    add: Ids


def planned(out_degree: Ids, mean: float, spread: Spread) -> Changes:
    """Compare the out-degrees with the mean p·N of the targets."""
    low, high = round(mean * (1 - spread.accepted)), round(mean * (1 + spread.accepted))
    fewest = round(mean * (1 - spread.aimed))
    most = max(round(mean * (1 + spread.aimed)), fewest + (spread.aimed == 0))
    return Changes(
        delete=np.where(out_degree > high, np.maximum(out_degree - most, 0), 0),
        add=np.where(out_degree < low, np.maximum(fewest - out_degree, 0), 0),
    )


def equalised(
    projection: Projection, n_targets: int, mean: float, spread: Spread, seed: int, exchange: Exchange
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
    spread : Spread
        What is left alone and what is aimed at.
    seed : int
        Of the wiring.
    exchange : Exchange
        To the owners of the other slices.
    """
    changes = planned(exchange.total(projection.out_degree()), mean, spread)
    keys = _keys(projection)
    sources, targets = _additions(projection, keys, n_targets, changes.add, seed, exchange)
    kept = ~_deletions(projection, changes.delete, seed, exchange)
    return _edited(
        projection, keys, kept, sources, (targets - projection.first_target) // projection.target_step
    )


def _keys(projection: Projection) -> Ids:
    """One increasing number per connection: row · n_sources + source."""
    rows = np.arange(projection.n_targets) * projection.n_sources
    return np.repeat(rows, np.diff(projection.offsets)) + projection.sources


def _deletions(projection: Projection, delete: Ids, seed: int, exchange: Exchange) -> Mask:
    """Mark the connections with the smallest hashes of every source, as many as it has to lose."""
    words = Streams(seed, f"delete {projection.name}").words(np.arange(projection.n_sources), 1)[:, 0]
    entries = np.flatnonzero((delete > 0)[projection.sources])
    sources = projection.sources[entries]
    hashes = mixed(words[sources], projection.targets()[entries])
    limits = _limits(sources, hashes, delete, exchange)
    marked = np.zeros(len(projection.sources), bool)
    marked[entries[hashes <= limits[sources]]] = True
    return marked


def _limits(sources: NDArray[np.int32], hashes: Words, delete: Ids, exchange: Exchange) -> Words:
    """For each source the largest of its ``delete`` smallest hashes; only likely candidates are exchanged."""
    losing = np.flatnonzero(delete)
    limits = np.zeros(len(delete), np.uint64)
    counts = exchange.total(np.bincount(sources, minlength=len(delete)))
    share = (delete + 6 * np.sqrt(delete) + 10) / np.maximum(counts, 1)
    while len(losing):
        likely = np.where(share < 1, np.minimum(share, 0.999) * 2.0**64, 0).astype(np.uint64)
        likely[share >= 1] = _EVERYTHING
        mine = hashes <= likely[sources]
        table = exchange.gathered(np.stack([sources[mine].astype(np.uint64), hashes[mine]], axis=1))
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        starts = np.searchsorted(table[:, 0], np.arange(len(delete) + 1, dtype=np.uint64))
        if (np.diff(starts)[losing] >= delete[losing]).all():
            limits[losing] = table[starts[losing] + delete[losing] - 1, 1]
            break
        share *= 2
    return limits


def _additions(
    projection: Projection, keys: Ids, n_targets: int, add: Ids, seed: int, exchange: Exchange
) -> tuple[Ids, Ids]:
    """Return (sources, targets) of new connections onto own targets.

    A source tries targets in the order of its own stream and skips those it already has.
    """
    gaining = np.flatnonzero(add)
    words = Streams(seed, f"add {projection.name}").word(gaining)
    tries = 2 * int(add.max(initial=0)) + 16
    while True:
        tried = below(mixed(words[:, np.newaxis], np.arange(tries)), n_targets)
        free = ~(_taken(projection, keys, gaining, tried, exchange) | _repeated(tried))
        order = np.cumsum(free, axis=1)
        if len(gaining) == 0 or (order[:, -1] >= add[gaining]).all():
            break
        tries *= 2
    row, column = np.nonzero(free & (order <= add[gaining, np.newaxis]))
    targets = tried[row, column]
    own = _is_own(projection, targets)
    return gaining[row[own]], targets[own]


def _is_own(projection: Projection, targets: Ids) -> Mask:
    distance = targets - projection.first_target
    rows = distance // projection.target_step
    own: Mask = (distance >= 0) & (distance % projection.target_step == 0) & (rows < projection.n_targets)
    return own


def _taken(projection: Projection, keys: Ids, gaining: Ids, tried: Ids, exchange: Exchange) -> Mask:
    """Mark the tries that hit an existing connection, whoever owns it."""
    index = np.flatnonzero(_is_own(projection, tried.ravel()))
    rows = (tried.ravel()[index] - projection.first_target) // projection.target_step
    wanted = rows * projection.n_sources + gaining[index // tried.shape[1]]
    found = np.searchsorted(keys, wanted)
    exists = keys[np.minimum(found, len(keys) - 1)] == wanted if len(keys) else np.zeros(len(index), bool)
    hits = exchange.gathered(index[exists].astype(np.uint64)[:, np.newaxis])[:, 0]
    taken = np.zeros(tried.size, bool)
    taken[hits.astype(np.int64)] = True
    return taken.reshape(tried.shape)


def _repeated(tried: Ids) -> Mask:
    """Mark values that occurred earlier in their row."""
    order = np.argsort(tried, axis=1, kind="stable")
    in_order = np.take_along_axis(tried, order, axis=1)
    same = np.zeros(tried.shape, bool)
    same[:, 1:] = in_order[:, 1:] == in_order[:, :-1]
    repeated = np.empty_like(same)
    np.put_along_axis(repeated, order, same, axis=1)
    return repeated


def _edited(projection: Projection, keys: Ids, kept: Mask, sources: Ids, rows: Ids) -> Projection:
    """Delete the entries that are not kept and insert new ones."""
    new = np.argsort(rows * projection.n_sources + sources)
    remaining = keys[kept]
    places = np.searchsorted(remaining, (rows * projection.n_sources + sources)[new])
    merged = np.insert(projection.sources[kept], places, sources[new].astype(np.int32))
    lost = np.concatenate(([0], np.cumsum(~kept)))[projection.offsets]
    gained = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=projection.n_targets))))
    return replace(
        projection,
        offsets=projection.offsets - lost + gained,
        sources=merged,
        multiplicity=np.ones(len(merged), np.uint8),
    )
