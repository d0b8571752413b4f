"""The connections of a projection in HDF5: written whole or in slices, read whole or for some targets.

What storing memories has moved, in NET.h5, has this layout, below the group ``moves``::

    /                        attribute content_hash
    /<SOURCE>_to_<TARGET>    datasets memory, targets, gained, lost: one row per contact (see ``Moves``);
                             memory is the index of the assembly
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.assembly import NO_MOVES, Assembly, Moves
from eiassembly.connectivity.content_hash import Hashed
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.communicator import Collectives, Serial
from eiassembly.core.errors import FileFormatError

_ALL = slice(None)
_BLOCK = 1 << 22
"""Entries that are read at once when only some targets are wanted: bounds the memory to 20 MB."""

_COLUMNS = ("memory", "targets", "gained", "lost")


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
    group: h5py.Group | None, projection: Projection, collectives: Collectives | None = None
) -> None:
    """Write the connections of a projection; called by all who have slices of it.

    Parameters
    ----------
    group : h5py.Group, optional
        Made by `create_projection`; None for all ranks but the first.
    projection : Projection
        Whole, or contiguous slices in the order of the ranks.
    collectives : Collectives, optional
        To the owners of the other slices; none if it is whole.
    """
    collectives = collectives or Serial()
    n_targets, n_entries = collectives.total(np.array([projection.n_targets, len(projection.sources)]))
    _write_parts(group, "offsets", n_targets + 1, _offsets(projection, collectives))
    _write_parts(group, "sources", n_entries, collectives.in_turn(projection.sources))
    _write_parts(group, "multiplicity", n_entries, collectives.in_turn(projection.multiplicity))


def _offsets(projection: Projection, collectives: Collectives) -> Iterator[NDArray[np.int64]]:
    """Offsets of the whole projection, piece by piece."""
    n_before = 0
    yield np.zeros(1, np.int64)
    for ends in collectives.in_turn(projection.offsets[1:]):
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


def write_moves(group: h5py.Group | None, wiring: Wiring, collectives: Collectives | None = None) -> None:
    """Write the moves of all memories into an empty group; called by all ranks.

    Parameters
    ----------
    group : h5py.Group, optional
        Of the first rank; None for the others.
    wiring : Wiring
        Whole, or contiguous slices of the targets in the order of the ranks.
    collectives : Collectives, optional
        To the other ranks.
    """
    tables = {}
    for projection in wiring.projections:
        parts = list((collectives or Serial()).in_turn(_rows(wiring.assemblies, projection.name)))
        if sum(map(len, parts)):
            tables[projection.name] = _by_memory(np.concatenate(parts))
    if group is None:
        return
    group.attrs["content_hash"] = _hash(tables)
    for name, table in tables.items():
        for column, numbers in zip(_COLUMNS, table, strict=True):
            group[f"{name}/{column}"] = numbers


def with_moves(
    assemblies: Sequence[Assembly], group: h5py.Group, targets: Mapping[str, slice]
) -> tuple[Assembly, ...]:
    """Return assemblies with what storing them has moved, where that is known.

    Parameters
    ----------
    assemblies : sequence of Assembly
        As they are in the file: with ``moves`` unless these are unknown.
    group : h5py.Group
        What `write_moves` has filled.
    targets : mapping of str to slice
        As in `network.read_wiring`.

    Raises
    ------
    FileFormatError
        The moves are not what their content hash says.
    """
    tables = {name: np.stack([group[name][column][:] for column in _COLUMNS]) for name in group}
    if _hash(tables) != group.attrs["content_hash"]:
        raise FileFormatError(
            f"{group.file.filename}: {group.name}: content does not match its content_hash; "
            "the file was damaged or changed after it was written"
        )
    own = {name: _of_targets(table, targets.get(name.split("_to_")[1])) for name, table in tables.items()}
    return tuple(
        assembly if assembly.moves is None else replace(assembly, moves=_moves_of(own, k))
        for k, assembly in enumerate(assemblies)
    )


def _rows(assemblies: Sequence[Assembly], name: str) -> NDArray[np.int32]:
    """Collect what all memories have moved in a projection, shape (n_moves, 4), columns as in the file."""
    parts = [(assembly.moves or {}).get(name, NO_MOVES) for assembly in assemblies]
    memory = np.repeat(np.arange(len(parts), dtype=np.int32), [len(moves) for moves in parts])
    joined = Moves.joined(parts)
    return np.stack([memory, joined.targets, joined.gained, joined.lost], axis=1)


def _by_memory(rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sort the rows of ranks one after the other by memory; shape (4, n_moves)."""
    return np.ascontiguousarray(rows[np.argsort(rows[:, 0], kind="stable")].T)


def _of_targets(table: NDArray[np.int32], targets: slice | None) -> NDArray[np.int32]:
    """Rows of the targets in a slice with a positive step."""
    if targets is None:
        return table
    start, stop, step = targets.indices(np.iinfo(np.int32).max)
    return table[:, (table[1] >= start) & (table[1] < stop) & ((table[1] - start) % step == 0)]


def _moves_of(tables: Mapping[str, NDArray[np.int32]], memory: int) -> dict[str, Moves]:
    """Select what one memory has moved; its rows are next to each other, memories in order."""
    found = {}
    for name, table in tables.items():
        low, high = np.searchsorted(table[0], [memory, memory + 1])
        if low < high:
            found[name] = Moves.of(*table[1:, low:high])
    return found


def _hash(tables: Mapping[str, NDArray[np.int32]]) -> str:
    digest = hashlib.sha256()
    for name, table in sorted(tables.items()):
        digest.update(f"{name} {table.shape[1]}".encode())
        digest.update(np.ascontiguousarray(table, "<i4").tobytes())
    return digest.hexdigest()
