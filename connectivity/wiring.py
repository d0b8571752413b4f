"""The wiring of a network: populations, projections and assemblies, immutable."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from eiassembly.model.parameters import Population

Ids = NDArray[np.int64]


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

    def matrix(self) -> csr_array:
        """Contacts as a sparse matrix of int32, shape (n_targets, n_sources); row = target."""
        return csr_array(
            (self.multiplicity.astype(np.int32), self.sources, self.offsets),
            shape=(self.n_targets, self.n_sources),
        )

    def in_degree(self) -> Ids:
        """Contacts received by every target, shape (n_targets,)."""
        total = np.concatenate(([0], np.cumsum(self.multiplicity, dtype=np.int64)))
        return np.asarray(total[self.offsets[1:]] - total[self.offsets[:-1]])

    def out_degree(self) -> Ids:
        """Contacts made by every source onto the targets of this slice, shape (n_sources,)."""
        return np.bincount(self.sources, weights=self.multiplicity, minlength=self.n_sources).astype(np.int64)

    def with_strength(self, strength: float) -> "Projection":
        """Return the same connections with another strength [nS]."""
        return replace(self, strength=strength)


@dataclass(frozen=True, eq=False)
class Assembly:
    """One stored memory: the odour it was built from and its members, sorted ids."""

    odor: int
    excitatory: Ids
    inhibitory: Ids = field(default_factory=lambda: np.empty(0, np.int64))


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
        digest = hashlib.sha256()
        for population in self.populations:
            digest.update(population.model_dump_json().encode())
        for p in sorted(self.projections, key=lambda p: p.name):
            digest.update(f"{p.name} {p.strength!r} {p.first_target}".encode())
            for array, dtype in ((p.offsets, "<i8"), (p.sources, "<i4"), (p.multiplicity, "u1")):
                digest.update(np.ascontiguousarray(array, dtype=dtype).tobytes())
        for assembly in self.assemblies:
            digest.update(f"odor {assembly.odor}".encode())
            for members in (assembly.excitatory, assembly.inhibitory):
                digest.update(np.ascontiguousarray(members, dtype="<i8").tobytes())
        return digest.hexdigest()
