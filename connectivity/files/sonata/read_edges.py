"""Edges of a SONATA network as projections; in any order, read in blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import Sign
from eiassembly.connectivity.files.sonata.files import Files, Types, read_types
from eiassembly.connectivity.wiring import MOST_CONTACTS, Projection, row_blocks
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import damage_named, opened_hdf5

KIND = "SONATA edges"
_BLOCK = 1 << 20
"""Edges that are read at a time."""
_TOLERANCE = 1e-6
"""Relative: weights are often stored in single precision."""


@dataclass(frozen=True)
class Edges:
    """A projection, the sign of its weights (None without edges), and the file it is from."""

    projection: Projection
    sign: Sign | None
    path: Path


def read_edges(files: Files, sizes: Mapping[str, int]) -> list[Edges]:
    """Read all projections in their order.

    Parameters
    ----------
    files : Files
        Of the network.
    sizes : mapping of str to int
        Of the populations.

    Raises
    ------
    FileFormatError
        A file is missing or damaged, or says something that a `Projection` cannot.
    """
    found: dict[str, Edges] = {}
    for part in files.edges:
        types = read_types(part.types_path, "edge")
        with opened_hdf5(part.path, KIND) as h5, damage_named(part.path, KIND):
            for name in part.populations or list(h5["edges"]):
                where = f"{part.path}: edges/{name}"
                projection, sign = _read(_Columns(h5["edges"][name], where, types, sizes))
                if projection.name in found:
                    raise FileFormatError(
                        f"{where}: expected one edge population from {projection.source} to "
                        f"{projection.target}, found a second one"
                    )
                found[projection.name] = Edges(projection, sign, part.path)
    return list(found.values())


def _read(columns: "_Columns") -> tuple[Projection, Sign | None]:
    """Read in two passes: how many edges a target has, then which."""
    n_targets = columns.sizes["target"]
    counts = np.zeros(n_targets, np.int64)
    for edges in columns.blocks():
        counts += np.bincount(columns.ids("target", edges), minlength=n_targets)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    sources, contacts = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.uint8)
    free = offsets[:-1].copy()
    weight: float | None = None
    for edges in columns.blocks():
        targets = columns.ids("target", edges)
        order = np.argsort(targets, kind="stable")
        places = _places(targets[order], free)
        sources[places] = columns.ids("source", edges)[order]
        contacts[places] = columns.contacts(edges)[order]
        weight = columns.weight_of_contact(edges, weight)
    projection = Projection(
        columns.names["source"], columns.names["target"], columns.strength(weight),
        columns.sizes["source"], offsets, sources, contacts,
    )  # fmt: skip
    sign: Sign | None = None if weight is None else "inhibitory" if weight < 0 else "excitatory"
    return _ordered(projection, columns), sign


def _places(targets: Ids, free: Ids) -> Ids:
    """Give each of these edges, sorted by target, the next place of its target; ``free`` moves on."""
    first = np.searchsorted(targets, targets)
    places = free[targets] + np.arange(len(targets)) - first
    free += np.bincount(targets, minlength=len(free))
    return places


def _ordered(projection: Projection, columns: "_Columns") -> Projection:
    """Sort the sources of every target; several edges of one pair become one entry."""
    rows = list(row_blocks(projection.offsets, _BLOCK))
    if all(np.all(np.diff(_keys(projection, block)) > 0) for block in rows):
        return projection
    counts, sources, contacts = [], [], []
    for block in rows:
        keys, inverse = np.unique(_keys(projection, block), return_inverse=True)
        entries = slice(projection.offsets[block.start], projection.offsets[block.stop])
        total = np.bincount(inverse, projection.multiplicity[entries], len(keys)).astype(np.int64)
        counts.append(np.bincount(keys // projection.n_sources, minlength=block.stop - block.start))
        sources.append((keys % projection.n_sources).astype(np.int32))
        contacts.append(columns.as_contacts(total))
    offsets = np.concatenate(([0], np.cumsum(np.concatenate(counts))))
    return replace(
        projection, offsets=offsets, sources=np.concatenate(sources), multiplicity=np.concatenate(contacts)
    )


def _keys(projection: Projection, rows: slice) -> Ids:
    """One number per entry of these rows: by target, then by source."""
    offsets = projection.offsets[rows.start : rows.stop + 1]
    row = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    return row * projection.n_sources + projection.sources[offsets[0] : offsets[-1]]


class _Columns:
    """The datasets of one edge population, checked as they are read.

    How often an edge counts differs between networks: as ``multiplicity`` says, its weight being that of all
    contacts (ours); as ``nsyns`` says, its weight being that of one (bmtk); or once.
    """

    def __init__(self, group: h5py.Group, where: str, types: Types, sizes: Mapping[str, int]) -> None:
        self._group, self._where, self._types = group, where, types
        self._n_edges = len(group["source_node_id"])
        ends = ("source", "target")
        self.names = {end: str(group[f"{end}_node_id"].attrs["node_population"]) for end in ends}
        for name in self.names.values():
            if name not in sizes:
                raise self._error("node_population", f"one of {', '.join(sizes)}", name)
        self.sizes = {end: sizes[name] for end, name in self.names.items()}

    def blocks(self) -> Iterator[slice]:
        """Successive edges."""
        for low in range(0, self._n_edges, _BLOCK):
            edges = slice(low, min(low + _BLOCK, self._n_edges))
            self._check_group(edges)
            yield edges

    def _check_group(self, edges: slice) -> None:
        """Attributes must be in one group, in the order of the edges."""
        index = self._group.get("edge_group_index")
        if index is not None and not np.array_equal(index[edges], np.arange(edges.start, edges.stop)):
            raise self._error("edge_group_index", "0, 1, 2, …", "another order")
        if "edge_group_id" in self._group and self._group["edge_group_id"][edges].any():
            raise self._error("edge_group_id", "one group, 0", "others")

    def ids(self, end: str, edges: slice) -> Ids:
        """Ids of the sources or targets of these edges."""
        ids: Ids = self._group[f"{end}_node_id"][edges].astype(np.int64)
        for extreme in (ids.min(), ids.max()):
            if not 0 <= extreme < self.sizes[end]:
                raise self._error(f"{end}_node_id", f"0 to {self.sizes[end] - 1}", extreme)
        return ids

    def contacts(self, edges: slice) -> NDArray[np.uint8]:
        """Contacts of every edge."""
        for name in ("0/multiplicity", "0/nsyns"):
            if name in self._group:
                return self.as_contacts(self._group[name][edges])
        return np.ones(edges.stop - edges.start, np.uint8)

    def as_contacts(self, numbers: NDArray[np.generic]) -> NDArray[np.uint8]:
        """Check and convert numbers of contacts."""
        contacts = numbers.astype(np.uint8)
        wrong = np.flatnonzero((contacts != numbers) | (contacts == 0))
        if len(wrong):
            raise self._error(
                "multiplicity", f"whole numbers of contacts from 1 to {MOST_CONTACTS}", numbers[wrong[0]]
            )
        return contacts

    def weight_of_contact(self, edges: slice, expected: float | None) -> float | None:
        """Weight of a contact, which must be the same everywhere; None if the files have no weights."""
        weights = self._weights(edges)
        if weights is None:
            return None
        if "0/multiplicity" in self._group:
            weights = weights / self._group["0/multiplicity"][edges]
        expected = float(weights[0]) if expected is None else expected
        wrong = np.flatnonzero(~(np.abs(weights - expected) <= _TOLERANCE * abs(expected)))
        if len(wrong) or expected == 0:
            found = weights[wrong[0]] if len(wrong) else expected
            raise self._error(
                "syn_weight", f"one weight per contact, {expected:g} as the first", f"{found:g}"
            )
        return expected

    def _weights(self, edges: slice) -> Floats | None:
        if "0/syn_weight" in self._group:
            return np.asarray(self._group["0/syn_weight"][edges], np.float64)
        ids, inverse = np.unique(self._group["edge_type_id"][edges], return_inverse=True)
        weights = [self._types.get(int(i), {}).get("syn_weight") for i in ids]
        if any(weight is None for weight in weights):
            return None
        return np.array([float(weight or "nan") for weight in weights])[inverse]

    def strength(self, weight: float | None) -> float:
        """Strength [nS]: what the exporter has noted exactly, or the weight of a contact."""
        noted = self._group.attrs.get("strength")
        if weight is None:
            if noted is None:
                raise self._error("syn_weight", "edges with this attribute, or their types", "none")
            return float(noted)
        weight = abs(weight)
        if noted is not None and abs(weight - noted) > _TOLERANCE * noted:
            raise self._error("syn_weight", f"{noted:g} per contact, the attribute strength", f"{weight:g}")
        return weight if noted is None else float(noted)

    def _error(self, key: str, expected: str, found: object) -> FileFormatError:
        return FileFormatError(f"{self._where}: {key}: expected {expected}, found {found}")
