"""Edges of a SONATA network, written in blocks: however many synapses, memory for a block and the cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import Sign
from eiassembly.connectivity.files.sonata import names
from eiassembly.connectivity.wiring import Projection, row_blocks
from eiassembly.core.arrays import Ids

_BLOCK = 1 << 21
"""Edges whose index is sorted at a time."""
_CHUNK = 1 << 16


@dataclass(frozen=True)
class EdgeSource:
    """A projection that is read again and again, in parts.

    Parameters
    ----------
    source, target : str
        Names of the populations.
    sign : str
        Of the source population.
    strength : float
        Conductance step per spike and contact, nS.
    n_sources : int
        Size of the source population.
    offsets : ndarray of int64, shape (n_targets + 1,)
        Of the whole projection.
    parts : callable
        Starts to read successive targets; every part is a `Projection`.
    """

    source: str
    target: str
    sign: Sign
    strength: float
    n_sources: int
    offsets: Ids
    parts: Callable[[], Iterator[Projection]]

    @property
    def name(self) -> str:
        """``SOURCE_to_TARGET``."""
        return f"{self.source}_to_{self.target}"

    @property
    def n_edges(self) -> int:
        """Number of connected pairs."""
        return int(self.offsets[-1])


def write_edges(population: h5py.Group, edges: EdgeSource, type_id: int, delay: float) -> None:
    """Write a projection as an edge population.

    Parameters
    ----------
    population : h5py.Group
        Empty, named like the projection.
    edges : EdgeSource
        What to write.
    type_id : int
        Row of the edge types.
    delay : float
        Of transmission, ms: the wiring does not know it.
    """
    population.attrs.update({"strength": edges.strength, "strength_units": "nS"})
    constant(population, "edge_type_id", edges.n_edges, type_id, np.uint32)
    constant(population, "edge_group_id", edges.n_edges, 0, np.uint32)
    constant(population, "0/delay", edges.n_edges, delay, np.float64).attrs["units"] = "ms"
    n_outputs, n_ranges = _write_columns(population, edges)
    _write_target_index(population, edges.offsets)
    _write_source_index(population, edges, n_outputs, n_ranges)


def constant(group: h5py.Group, name: str, length: int, value: Any, dtype: Any) -> h5py.Dataset:
    """Create a dataset that has the same value everywhere: as fill value, which takes no space."""
    chunks = (min(max(length, 1), _CHUNK),)
    return group.create_dataset(
        name, shape=(length,), maxshape=(None,), chunks=chunks, dtype=dtype, fillvalue=value
    )


def _write_columns(population: h5py.Group, edges: EdgeSource) -> tuple[Ids, int]:
    """Write what differs from edge to edge.

    Returns
    -------
    n_outputs : ndarray of int64, shape (n_sources,)
        Edges of every source.
    n_ranges : int
        Runs of successive edges with the same source.
    """
    columns = {
        name: population.create_dataset(name, (edges.n_edges,), dtype)
        for name, dtype in (
            ("source_node_id", np.uint64), ("target_node_id", np.uint64), ("edge_group_index", np.uint64),
            ("0/syn_weight", np.float64), ("0/multiplicity", np.uint8),
        )
    }  # fmt: skip
    columns["source_node_id"].attrs["node_population"] = edges.source
    columns["target_node_id"].attrs["node_population"] = edges.target
    columns["0/syn_weight"].attrs["units"] = "nS"
    n_outputs, n_ranges, low, previous = np.zeros(edges.n_sources, np.int64), 0, 0, -1
    for part in edges.parts():
        for name, values in _columns(part, low, edges.sign).items():
            columns[name][low : low + len(values)] = values
        n_outputs += np.bincount(part.sources, minlength=edges.n_sources)
        n_ranges += int(np.count_nonzero(np.diff(part.sources, prepend=previous)))
        low += len(part.sources)
        previous = part.sources[-1] if len(part.sources) else previous
    return n_outputs, n_ranges


def _columns(part: Projection, first: int, sign: Sign) -> dict[str, NDArray[Any]]:
    """Values of successive edges; ``first`` is the id of the first of them."""
    strength = part.strength if sign == "excitatory" else -part.strength
    return {
        "source_node_id": part.sources,
        "target_node_id": part.targets(),
        "edge_group_index": np.arange(first, first + len(part.sources)),
        "0/syn_weight": strength * part.multiplicity,
        "0/multiplicity": part.multiplicity,
    }


def _write_target_index(population: h5py.Group, offsets: Ids) -> None:
    """Write one range per neuron with inputs: these are successive edges."""
    ends = np.stack([offsets[:-1], offsets[1:]], axis=1)
    has_inputs = ends[:, 1] > ends[:, 0]
    index = population.create_group(names.INDICES["target"])
    index[names.EDGES] = ends[has_inputs].astype(np.uint64)
    _write_ranges(index, has_inputs.astype(np.int64))


def _write_ranges(index: h5py.Group, counts: Ids) -> None:
    """Write first and last + 1 of the ranges of every node, shape (n_nodes, 2)."""
    last = np.cumsum(counts)
    index[names.RANGES] = np.stack([last - counts, last], axis=1).astype(np.uint64)
    index[names.RANGES_OF_BMTK] = index[names.RANGES]  # the same dataset, which takes no space


def _write_source_index(population: h5py.Group, edges: EdgeSource, n_outputs: Ids, n_ranges: int) -> None:
    """Write the ranges of every neuron's outputs, which are scattered over the edges: one per run of them."""
    index = population.create_group(names.INDICES["source"])
    ranges = index.create_dataset(names.EDGES, (n_ranges, 2), np.uint64)
    counts = np.zeros(len(n_outputs), np.int64)
    low = 0
    for sources in row_blocks(np.array([0, *accumulate(n_outputs.tolist())]), _BLOCK):
        ids, first, last = _runs(edges, sources)
        counts += np.bincount(ids, minlength=len(counts))
        ranges[low : low + len(ids)] = np.stack([first, last], axis=1)
        low += len(ids)
    _write_ranges(index, counts)


def _runs(edges: EdgeSource, wanted: slice) -> tuple[Ids, Ids, Ids]:
    """Find the runs of successive edges of some sources: (source, first edge, last edge + 1), by source."""
    found, sources, low = [], [], 0
    for part in edges.parts():
        entries = np.flatnonzero((part.sources >= wanted.start) & (part.sources < wanted.stop))
        found.append(entries + low)
        sources.append(part.sources[entries])
        low += len(part.sources)
    source, edge = np.concatenate(sources).astype(np.int64), np.concatenate(found)
    order = np.argsort(source, kind="stable")
    source, edge = source[order], edge[order]
    is_first = np.ones(len(edge), bool)
    is_first[1:] = (np.diff(source) != 0) | (np.diff(edge) != 1)
    first = np.flatnonzero(is_first)
    return source[first], edge[first], edge[np.append(first, len(edge))[1:] - 1] + 1
