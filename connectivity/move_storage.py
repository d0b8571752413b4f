"""What storing memories has moved, in NET.h5.

Layout, below the group ``moves``::

    /                        attribute content_hash
    /<SOURCE>_to_<TARGET>    datasets memory, targets, gained, lost: one row per contact (see ``Moves``);
                             memory is the index of the assembly
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.exchange import Alone, Exchange
from eiassembly.connectivity.moves import NO_MOVES, Moves
from eiassembly.connectivity.wiring import Assembly, Wiring
from eiassembly.model.errors import FileFormatError

_COLUMNS = ("memory", "targets", "gained", "lost")


def write_moves(group: h5py.Group | None, wiring: Wiring, exchange: Exchange | None = None) -> None:
    """Write the moves of all memories into an empty group; called by all parties.

    Parameters
    ----------
    group : h5py.Group, optional
        Of the first party; None for the others.
    wiring : Wiring
        Whole, or contiguous slices of the targets in the order of the parties.
    exchange : Exchange, optional
        To the other parties.
    """
    tables = {}
    for projection in wiring.projections:
        parts = list((exchange or Alone()).in_turn(_rows(wiring.assemblies, projection.name)))
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
        As in `storage.read_wiring`.

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
    """Sort the rows of parties one after the other by memory; shape (4, n_moves)."""
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
