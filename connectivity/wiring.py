"""The wiring of a network: populations, projections and assemblies, immutable."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import Population
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.content_hash import Hashed, content_hash
from eiassembly.core.arrays import Ids
from eiassembly.core.reprs import html_table

if TYPE_CHECKING:
    from scipy.sparse import csr_array


BLOCK = 1 << 18
"""Entries that are worked on at a time: what is computed for each of them stays in the processor's cache."""
MOST_CONTACTS = 255
"""Contacts of one connection: what `Projection.multiplicity` can hold."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Connections between two populations, compressed by target.

    Parameters
    ----------
    source, target : str
        Names of the populations.
    strength : float
        Conductance step per spike and contact, nS.
    n_sources : int
        Size of the source population.
    offsets : ndarray of int64, shape (n_targets + 1,)
        The inputs of target ``first_target + i * target_step`` are the entries ``offsets[i]:offsets[i + 1]``.
    sources : ndarray of int32, shape (n_entries,)
        Presynaptic ids, increasing and unique within a target.
    multiplicity : ndarray of uint8, shape (n_entries,)
        Number of contacts of each connection, at least 1.
    first_target : int
        Id of the first target in this slice; 0 for a whole projection.
    target_step : int
        Distance between the ids of successive targets in this slice; 1 for a whole projection.
    """

    source: str
    target: str
    strength: float
    n_sources: int
    offsets: NDArray[np.int64]
    sources: NDArray[np.int32]
    multiplicity: NDArray[np.uint8]
    first_target: int = 0
    target_step: int = 1

    def __post_init__(self) -> None:
        for array in (self.offsets, self.sources, self.multiplicity):
            array.setflags(write=False)

    def __repr__(self) -> str:
        sizes = f"{self.n_sources:,} × {self.n_targets:,} neurons"
        return f"Projection({self.name}: {sizes}, {self.n_contacts:,} contacts of {self.strength:g} nS)"

    @property
    def name(self) -> str:
        """``SOURCE_to_TARGET``, the name in files."""
        return f"{self.source}_to_{self.target}"

    @property
    def n_targets(self) -> int:
        """Number of targets in this slice."""
        return len(self.offsets) - 1

    @property
    def n_contacts(self) -> int:
        """Number of synaptic contacts, counted with multiplicity."""
        return int(self.multiplicity.sum(dtype=np.int64))

    def targets(self) -> NDArray[np.int32]:
        """Postsynaptic id of every entry, shape (n_entries,)."""
        return np.repeat(self.target_ids().astype(np.int32), np.diff(self.offsets))

    def target_ids(self) -> Ids:
        """Ids of the targets in this slice, shape (n_targets,)."""
        return self.first_target + self.target_step * np.arange(self.n_targets, dtype=np.int64)

    def blocks(self) -> "Iterator[tuple[slice, Projection]]":
        """Cut the slice into (rows, part) of successive targets, small enough to compute with all entries."""
        for rows in row_blocks(self.offsets, BLOCK):
            entries = slice(self.offsets[rows.start], self.offsets[rows.stop])
            part = replace(
                self,
                offsets=self.offsets[rows.start : rows.stop + 1] - self.offsets[rows.start],
                sources=self.sources[entries],
                multiplicity=self.multiplicity[entries],
                first_target=self.first_target + rows.start * self.target_step,
            )
            yield rows, part

    def rows_of(self, targets: Ids) -> tuple[Ids, Ids]:
        """Find targets in this slice.

        Parameters
        ----------
        targets : ndarray of int64, shape (n,)
            Ids, in this slice or not.

        Returns
        -------
        index : ndarray of int64
            Which of ``targets`` are in this slice.
        rows : ndarray of int64, shape of ``index``
            Their places in this slice: row r has the entries ``offsets[r]:offsets[r + 1]``.
        """
        rows, off = np.divmod(targets - self.first_target, self.target_step)
        index = np.flatnonzero((off == 0) & (rows >= 0) & (rows < self.n_targets))
        return index, rows[index]

    def entries_of(self, rows: Ids) -> tuple[Ids, Ids]:
        """Collect all entries of some rows, one row after the other: (entries, number per row)."""
        counts = self.offsets[rows + 1] - self.offsets[rows]
        first = np.repeat(self.offsets[rows] - np.cumsum(counts) + counts, counts)
        return first + np.arange(len(first)), counts

    def places(self, rows: Ids, sources: Ids) -> Ids:
        """Find for pairs of a row and a source the first entry of the row that is not below the source."""
        places = self.offsets[rows]
        remaining = self.offsets[rows + 1] - places
        while (remaining > 1).any():
            half = remaining >> 1
            places += half * (self.sources.take(places + half - 1) < sources)
            remaining -= half
        last = np.flatnonzero(remaining)
        places[last] += self.sources[places[last]] < sources[last]
        return places

    def received_from(self, groups: Sequence[Ids]) -> Ids:
        """Count what every target receives from groups of sources, contacts, shape (n_groups, n_targets)."""
        is_source = np.zeros((len(groups), self.n_sources), bool)
        for index, group in enumerate(groups):
            is_source[index, group] = True
        counts = np.empty((len(groups), self.n_targets), np.int64)
        for rows, part in self.blocks():
            row_of = np.repeat(np.arange(part.n_targets), np.diff(part.offsets))
            sources = part.sources.astype(np.intp)
            for count, wanted in zip(counts, is_source, strict=True):
                entries = np.flatnonzero(wanted.take(sources))
                count[rows] = np.bincount(row_of[entries], part.multiplicity[entries], part.n_targets)
        return counts

    def spliced(
        self,
        kept: NDArray[np.bool_],
        fresh: NDArray[np.bool_],
        offsets: Ids,
        sources: NDArray[np.int32],
        multiplicity: NDArray[np.uint8],
    ) -> "Projection":
        """Return a projection in which some entries are dropped and others inserted.

        Parameters
        ----------
        kept : ndarray of bool, shape (n_entries,)
            Entries to keep.
        fresh : ndarray of bool, shape (n_entries of the result,)
            Where the new entries go; those that are kept fill the other places.
        offsets : ndarray of int64, shape (n_targets + 1,)
            Of the result.
        sources, multiplicity : ndarray of int32 and of uint8, shape (n_new,)
            The new entries.
        """
        merged_sources = np.empty(len(fresh), np.int32)
        merged_multiplicity = np.empty(len(fresh), np.uint8)
        n_used = 0
        for rows, part in self.blocks():
            ends = [rows.start, rows.stop]
            old, new = slice(*self.offsets[ends]), slice(*offsets[ends])
            is_kept, is_fresh = kept[old], fresh[new]
            used = slice(n_used, n_used + int(np.count_nonzero(is_fresh)))
            _fill(merged_sources[new], is_fresh, part.sources[is_kept], sources[used])
            _fill(merged_multiplicity[new], is_fresh, part.multiplicity[is_kept], multiplicity[used])
            n_used = used.stop
        return replace(self, offsets=offsets, sources=merged_sources, multiplicity=merged_multiplicity)

    def matrix(self) -> "csr_array":
        """Contacts as a sparse matrix of int32, shape (n_targets, n_sources); row = target."""
        # Imported here as building needs no sparse matrices, and SciPy takes as long to import as a network
        # to wire.
        from scipy.sparse import csr_array

        return csr_array(
            (self.multiplicity.astype(np.int32), self.sources, self.offsets),
            shape=(self.n_targets, self.n_sources),
        )

    def in_degree(self) -> Ids:
        """Contacts received by every target, shape (n_targets,)."""
        degree = np.empty(self.n_targets, np.int64)
        for rows, part in self.blocks():
            total = np.concatenate(([0], np.cumsum(part.multiplicity, dtype=np.int64)))
            degree[rows] = total[part.offsets[1:]] - total[part.offsets[:-1]]
        return degree

    def out_degree(self) -> Ids:
        """Contacts made by every source onto the targets of this slice, shape (n_sources,)."""
        degree = np.zeros(self.n_sources, np.int64)
        size = max(BLOCK, self.n_sources)
        for low in range(0, len(self.sources), size):
            block = slice(low, low + size)
            contacts = np.bincount(self.sources[block], self.multiplicity[block], self.n_sources)
            degree += contacts.astype(np.int64)
        return degree

    def with_strength(self, strength: float) -> "Projection":
        """Return the same connections with another strength [nS]."""
        return replace(self, strength=strength)


def _fill(merged: NDArray[Any], fresh: NDArray[np.bool_], kept: NDArray[Any], new: NDArray[Any]) -> None:
    """Fill the places marked fresh with new values and the others with those that are kept."""
    merged[~fresh] = kept
    merged[fresh] = new


@dataclass(frozen=True, eq=False)
class Wiring:
    """A whole network.

    Parameters
    ----------
    populations : tuple of Population
        Mitral cells (``OB``) first.
    projections : tuple of Projection
        At most one per pair of populations.
    assemblies : tuple of Assembly
        In the order in which the memories were stored.
    description : dict
        Where the network comes from (preset, structure, seed, … or the imported file); plain JSON values.
    """

    populations: tuple[Population, ...]
    projections: tuple[Projection, ...]
    assemblies: tuple[Assembly, ...] = ()
    description: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Wiring({'; '.join(self._summary().values())})"

    def _repr_html_(self) -> str:
        strengths = {p.name: f"{p.n_contacts:,} contacts of {p.strength:g} nS" for p in self.projections}
        return html_table("Network", self._summary() | strengths)

    def _summary(self) -> dict[str, str]:
        about = self.description
        known = [str(about[key]) for key in ("preset", "structure", "imported_from") if about.get(key)]
        seed = [f"seed {about['seed']}"] if "seed" in about else []
        return {
            "network": " ".join(known + seed) or "unnamed",
            "populations": ", ".join(f"{p.size:,} {p.name}" for p in self.populations),
            "contacts": f"{sum(p.n_contacts for p in self.projections):,} contacts",
            "assemblies": f"{len(self.assemblies)} assemblies",
        }

    def population(self, name: str) -> Population:
        """Return the population of this name; KeyError if there is none."""
        for population in self.populations:
            if population.name == name:
                return population
        raise KeyError(f"no population {name}; there are {', '.join(p.name for p in self.populations)}")

    def projection(self, source: str, target: str) -> Projection:
        """Return the projection between two populations; KeyError if there is none."""
        for projection in self.projections:
            if (projection.source, projection.target) == (source, target):
                return projection
        raise KeyError(f"no projection from {source} to {target}")

    def inputs(self, target: str) -> tuple[Projection, ...]:
        """Projections onto a population, in the order of the populations."""
        order = [population.name for population in self.populations]
        found = (p for p in self.projections if p.target == target)
        return tuple(sorted(found, key=lambda p: order.index(p.source)))

    def replacing(self, projections: Iterable[Projection], **changes: Any) -> "Wiring":
        """Return a wiring in which projections between the same populations are replaced by these."""
        new = {(p.source, p.target): p for p in projections}
        kept = tuple(new.get((p.source, p.target), p) for p in self.projections)
        return replace(self, projections=kept, **changes)

    def content_hash(self) -> str:
        """Sha256 of everything that shapes the dynamics and of the assemblies (not of the description)."""
        projections = (
            Hashed(p.name, p.strength, p.first_target, [p.offsets], [p.sources], [p.multiplicity])
            for p in self.projections
        )
        return content_hash(self.populations, projections, self.assemblies)


def row_blocks(offsets: NDArray[np.int64], size: int) -> Iterator[slice]:
    """Cut rows into successive ones that have at most ``size`` entries together, or are a single row.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n_rows + 1,)
        Row i has the entries ``offsets[i]:offsets[i + 1]``.
    size : int
        Entries per block.
    """
    low = 0
    while low < len(offsets) - 1:
        high = int(np.searchsorted(offsets, offsets[low] + size, side="right")) - 1
        high = max(high, low + 1)  # a row is never split
        yield slice(low, high)
        low = high
