"""The content hash of a wiring, also of one that does not fit into memory."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import Population
from eiassembly.connectivity.assembly import Assembly

Pieces = Iterable[NDArray[Any]]


class Hashed(NamedTuple):
    """A projection for the hash; its arrays (see `Projection`) may come in successive pieces."""

    name: str
    strength: float
    first_target: int
    offsets: Pieces
    sources: Pieces
    multiplicity: Pieces

    def parts(self) -> Iterator[tuple[Pieces, str]]:
        """Arrays in the order in which they are hashed, each with its type."""
        yield from ((self.offsets, "<i8"), (self.sources, "<i4"), (self.multiplicity, "u1"))


def content_hash(
    populations: Iterable[Population], projections: Iterable[Hashed], assemblies: "Iterable[Assembly]"
) -> str:
    """Sha256 of everything that shapes the dynamics and of the assemblies.

    Parameters
    ----------
    populations : iterable of Population
        In their order.
    projections : iterable of Hashed
        Whole projections, in any order.
    assemblies : iterable of Assembly
        In their order.
    """
    digest = hashlib.sha256()
    for population in populations:
        digest.update(population.model_dump_json().encode())
    for projection in sorted(projections, key=lambda projection: projection.name):
        digest.update(f"{projection.name} {projection.strength!r} {projection.first_target}".encode())
        for pieces, dtype in projection.parts():
            for piece in pieces:
                digest.update(np.ascontiguousarray(piece, dtype=dtype).data)
    for assembly in assemblies:
        digest.update(f"odor {assembly.odor}".encode())
        for name, members in sorted(assembly.members.items()):
            digest.update(f"{name} {len(members)}".encode())
            digest.update(np.ascontiguousarray(members, dtype="<i8").data)
    return digest.hexdigest()
