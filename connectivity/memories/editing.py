"""Single connections of a projection deleted, inserted and changed."""

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import MOST_CONTACTS, Projection
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import EiassemblyError


def edited(
    projection: Projection, lost: Ids, rows: Ids, sources: Ids, multiplicity: NDArray[np.uint8]
) -> Projection:
    """Delete entries and insert new ones.

    Parameters
    ----------
    projection : Projection
        Whole or a slice.
    lost : ndarray of int64
        Entries to delete, increasing.
    rows, sources, multiplicity : ndarray of int64 and of uint8, shape (n_new,)
        New entries, by row and within a row by source; none of them is there after the deletions.
    """
    places = projection.places(rows, sources)
    kept = np.ones(len(projection.sources), bool)
    kept[lost] = False
    fresh = np.zeros(len(kept) - len(lost) + len(rows), bool)
    fresh[places - np.searchsorted(lost, places) + np.arange(len(places))] = True
    n_lost = np.searchsorted(lost, projection.offsets)
    n_gained = np.searchsorted(rows, np.arange(projection.n_targets + 1))
    offsets = projection.offsets - n_lost + n_gained
    return projection.spliced(kept, fresh, offsets, sources.astype(np.int32), multiplicity)


def contacts_at(projection: Projection, rows: Ids, sources: Ids) -> tuple[Ids, Ids]:
    """Find pairs of a row and a source: (contacts, 0 where there are none; entry, where there are some)."""
    places = projection.places(rows, sources)
    contacts = np.zeros(len(rows), np.int64)
    inside = np.flatnonzero(places < projection.offsets[rows + 1])
    found = inside[projection.sources[places[inside]] == sources[inside]]
    contacts[found] = projection.multiplicity[places[found]]
    return contacts, places


def with_changes(projection: Projection, rows: Ids, sources: Ids, change: Ids) -> Projection:
    """Add contacts to pairs of a row and a source, or take some away; pairs may be named again and again.

    Parameters
    ----------
    projection : Projection
        Whole or a slice.
    rows, sources, change : ndarray of int64, shape (n_changes,)
        Which pair, and how many contacts more (or fewer, if negative) it is to have.

    Raises
    ------
    EiassemblyError
        A connection would have fewer contacts than none, or more than a projection can hold.
    """
    pairs, which = np.unique(rows * projection.n_sources + sources, return_inverse=True)
    total = np.bincount(which, change, len(pairs)).astype(np.int64)
    rows, sources = np.divmod(pairs[total != 0], projection.n_sources)
    before, entries = contacts_at(projection, rows, sources)
    after = before + total[total != 0]
    impossible = np.flatnonzero((after < 0) | (after > MOST_CONTACTS))
    if len(impossible):
        first = impossible[0]
        target = projection.target_ids()[rows[first]]
        raise EiassemblyError(
            f"{projection.name}: expected 0 to {MOST_CONTACTS} contacts per connection, found {after[first]} "
            f"from neuron {sources[first]} to neuron {target}"
        )
    new = after > 0
    return edited(projection, entries[before > 0], rows[new], sources[new], after[new].astype(np.uint8))
