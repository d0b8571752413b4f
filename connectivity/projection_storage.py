"""The connections of a projection in HDF5: written whole or in slices, read whole or for some targets."""

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.content import Hashed
from eiassembly.connectivity.exchange import Alone, Exchange
from eiassembly.connectivity.wiring import Projection

_ALL = slice(None)
_BLOCK = 1 << 22
"""Entries that are read at once when only some targets are wanted: bounds the memory to 20 MB."""


def create_projection(group: h5py.Group, projection: Projection) -> None:
    """Describe a projection in an empty group; its connections are not yet there."""
    group.attrs["source"] = projection.source
    group.attrs["target"] = projection.target
    group.attrs["strength"] = projection.strength
    group.attrs["strength_units"] = "nS"
    group.attrs["n_sources"] = projection.n_sources


def hashed(group: h5py.Group) -> Hashed:
    """Take a whole projection for the content hash; its arrays are read piece by piece."""
    offsets, sources, multiplicity = (_pieces(group[name]) for name in ("offsets", "sources", "multiplicity"))
    name = f"{group.attrs['source']}_to_{group.attrs['target']}"
    return Hashed(name, float(group.attrs["strength"]), 0, offsets, sources, multiplicity)


def _pieces(dataset: h5py.Dataset) -> Iterator[NDArray[Any]]:
    return (dataset[low : low + _BLOCK] for low in range(0, len(dataset), _BLOCK))


def write_projection(
    group: h5py.Group | None, projection: Projection, exchange: Exchange | None = None
) -> None:
    """Write the connections of a projection; called by all who have slices of it.

    Parameters
    ----------
    group : h5py.Group, optional
        Made by `create_projection`; None for all parties but the first.
    projection : Projection
        Whole, or contiguous slices in the order of the parties.
    exchange : Exchange, optional
        To the owners of the other slices; none if it is whole.
    """
    exchange = exchange or Alone()
    n_targets, n_entries = exchange.total(np.array([projection.n_targets, len(projection.sources)]))
    _write_parts(group, "offsets", n_targets + 1, _offsets(projection, exchange))
    _write_parts(group, "sources", n_entries, exchange.in_turn(projection.sources))
    _write_parts(group, "multiplicity", n_entries, exchange.in_turn(projection.multiplicity))


def _offsets(projection: Projection, exchange: Exchange) -> Iterator[NDArray[np.int64]]:
    """Offsets of the whole projection, piece by piece."""
    n_before = 0
    yield np.zeros(1, np.int64)
    for ends in exchange.in_turn(projection.offsets[1:]):
        yield n_before + ends
        n_before += int(ends[-1]) if len(ends) else 0


def _write_parts(group: h5py.Group | None, name: str, length: int, parts: Iterator[NDArray[Any]]) -> None:
    """Write an array that comes piece by piece; without a group only take the pieces."""
    start = 0
    for part in parts:
        if group is not None:
            dataset = group.require_dataset(name, (length,), part.dtype, exact=True)
            dataset[start : start + len(part)] = part
            start += len(part)


def read_projection(group: h5py.Group, targets: slice = _ALL) -> Projection:
    """Read a projection, or only the inputs of some targets, without ever holding the rest.

    Parameters
    ----------
    group : h5py.Group
        Group of the projection.
    targets : slice
        Of target ids, with a positive step; ``slice(rank, None, ranks)`` is every ranks-th target.
    """
    offsets = group["offsets"][:]
    wanted = np.arange(len(offsets) - 1)[targets]
    counts = np.diff(offsets)[wanted]
    start, _, step = targets.indices(len(offsets) - 1)
    return Projection(
        source=str(group.attrs["source"]),
        target=str(group.attrs["target"]),
        strength=float(group.attrs["strength"]),
        n_sources=int(group.attrs["n_sources"]),
        offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        sources=_read_rows(group["sources"], offsets, wanted),
        multiplicity=_read_rows(group["multiplicity"], offsets, wanted),
        first_target=start,
        target_step=step,
    )


def _read_rows(dataset: h5py.Dataset, offsets: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[Any]:
    """Entries of the wanted targets; read in blocks because single rows are slow and all may be too many."""
    if len(wanted) == 0:
        return np.empty(0, dataset.dtype)
    if len(wanted) == wanted[-1] - wanted[0] + 1:
        return np.asarray(dataset[offsets[wanted[0]] : offsets[wanted[-1] + 1]])
    block_of = offsets[wanted] // _BLOCK
    parts = []
    for rows in np.split(wanted, np.flatnonzero(np.diff(block_of)) + 1):
        between = slice(rows[0], rows[-1] + 1)
        is_wanted = np.isin(np.arange(rows[0], rows[-1] + 1), rows, assume_unique=True)
        entries = dataset[offsets[rows[0]] : offsets[rows[-1] + 1]]
        parts.append(entries[np.repeat(is_wanted, np.diff(offsets)[between])])
    return np.concatenate(parts)
