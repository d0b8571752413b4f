"""Density of contacts within assemblies, between assemblies, and elsewhere.

Every pair of a source and a target is of one kind: both belong to the same assembly (at least one), they
belong to different assemblies only, or at least one of them belongs to none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.random import Words

WITHIN, BETWEEN, ELSEWHERE = "within", "between", "elsewhere"
KINDS = (WITHIN, BETWEEN, ELSEWHERE)
_BITS = 64


@dataclass(frozen=True)
class Densities:
    """Contacts of a projection by the kind of pair.

    Parameters
    ----------
    source, target : str
        Names of the populations.
    pairs, contacts : mapping of str to int
        By kind.
    """

    source: str
    target: str
    pairs: Mapping[str, int]
    contacts: Mapping[str, int]

    @classmethod
    def of(cls, projection: Projection, assemblies: Sequence[Assembly]) -> "Densities":
        """Count a whole projection."""
        sources = _memberships([a.of(projection.source) for a in assemblies], projection.n_sources)
        targets = _memberships([a.of(projection.target) for a in assemblies], projection.n_targets)
        return cls(
            projection.source,
            projection.target,
            dict(zip(KINDS, _count_pairs(sources, targets), strict=True)),
            dict(zip(KINDS, _count_contacts(projection, sources, targets), strict=True)),
        )

    def density(self, kind: str) -> float:
        """Contacts per pair; nan if there is no such pair."""
        return self.contacts[kind] / self.pairs[kind] if self.pairs[kind] else float("nan")

    @property
    def mean(self) -> float:
        """Contacts per pair of the whole projection."""
        return sum(self.contacts.values()) / sum(self.pairs.values())

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        kinds = {
            kind: {
                "pairs": self.pairs[kind],
                "contacts": self.contacts[kind],
                "density": self.density(kind) if self.pairs[kind] else None,
            }
            for kind in KINDS
        }
        return {"source": self.source, "target": self.target, "mean": self.mean} | kinds


def _memberships(members: Sequence[NDArray[np.int64]], size: int) -> Words:
    """Bit k of a row: the neuron belongs to assembly k; shape (size, n_words)."""
    words = np.zeros((size, max(1, -(-len(members) // _BITS))), np.uint64)
    for k, ids in enumerate(members):
        words[ids, k // _BITS] |= np.uint64(1) << np.uint64(k % _BITS)
    return words


def _count_contacts(projection: Projection, sources: Words, targets: Words) -> list[int]:
    contacts = np.zeros(len(KINDS), np.int64)
    for rows, part in projection.blocks():
        target = targets[rows].repeat(np.diff(part.offsets), axis=0)
        source = sources[part.sources]
        kind = _kinds(source, target)
        contacts += np.bincount(kind, part.multiplicity, len(KINDS)).astype(np.int64)
    return [int(count) for count in contacts]


def _count_pairs(sources: Words, targets: Words) -> list[int]:
    """Count pairs by the combinations of assemblies that occur: far fewer than neurons."""
    pairs = np.zeros(len(KINDS), np.int64)
    patterns, counts = np.unique(sources, axis=0, return_counts=True)
    for target, n_targets in zip(*np.unique(targets, axis=0, return_counts=True), strict=True):
        kind = _kinds(patterns, np.broadcast_to(target, patterns.shape))
        pairs += n_targets * np.bincount(kind, counts, len(KINDS)).astype(np.int64)
    return [int(count) for count in pairs]


def _kinds(sources: Words, targets: Words) -> NDArray[np.int64]:
    """Index into `KINDS` of pairs; both arrays have the shape (n_pairs, n_words)."""
    is_within = (sources & targets).any(axis=1)
    are_members = sources.any(axis=1) & targets.any(axis=1)
    return np.where(is_within, 0, np.where(are_members, 1, 2))
