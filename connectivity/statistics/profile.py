"""Everything that `network info` says of a network, as numbers: text, JSON and figure are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eiassembly.config.parameters import Population
from eiassembly.connectivity.statistics.degrees import Degrees, Distribution
from eiassembly.connectivity.statistics.densities import Densities
from eiassembly.connectivity.statistics.enrichment import contacts_within, enriched_pairs, relative_density
from eiassembly.connectivity.statistics.overlaps import Overlaps
from eiassembly.connectivity.statistics.spectrum import Spectrum, spectrum
from eiassembly.connectivity.wiring import Wiring

_SYMBOLS = {"alpha": "α", "beta": "β", "gamma": "γ"}


@dataclass(frozen=True, eq=False)
class Enriched:
    """Contacts within assemblies in one of the projections that memories are stored in.

    Parameters
    ----------
    symbol : str
        α, β or γ.
    source, target : str
        Of the projection.
    inputs : Distribution
        Contacts that members receive from fellow members.
    relative : float
        Density within assemblies over that of the whole projection.
    achieved : float or None
        Density within assemblies over that before the memories were stored, where that is known.
    """

    symbol: str
    source: str
    target: str
    inputs: Distribution
    relative: float
    achieved: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "symbol": self.symbol,
            "source": self.source,
            "target": self.target,
            "inputs_from_fellow_members": self.inputs.as_json(),
            "relative_density": self.relative,
            "achieved": self.achieved,
        }


@dataclass(frozen=True, eq=False)
class Profile:
    """A network in numbers.

    Parameters
    ----------
    description : mapping
        Where it comes from.
    content_hash : str
        Of the wiring.
    populations : tuple of Population
        In their order.
    degrees : tuple of Degrees
        By projection.
    n_assemblies : int
        Stored memories.
    overlaps : tuple of Overlaps
        By population with members.
    enriched : tuple of Enriched
        By projection that memories are stored in.
    densities : tuple of Densities
        By projection with members in both populations.
    spectrum : Spectrum or None
        None without connections between neurons.
    """

    description: Mapping[str, Any]
    content_hash: str
    populations: tuple[Population, ...]
    degrees: tuple[Degrees, ...]
    n_assemblies: int
    overlaps: tuple[Overlaps, ...]
    enriched: tuple[Enriched, ...]
    densities: tuple[Densities, ...]
    spectrum: Spectrum | None

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "description": dict(self.description),
            "content_hash": self.content_hash,
            "populations": [population.model_dump() for population in self.populations],
            "projections": [degrees.as_json() for degrees in self.degrees],
            "assemblies": self.n_assemblies,
            "overlaps": [overlaps.as_json() for overlaps in self.overlaps],
            "enriched": [enriched.as_json() for enriched in self.enriched],
            "densities": [densities.as_json() for densities in self.densities],
            "spectrum": self.spectrum.as_json() if self.spectrum else None,
        }


def profile_of(wiring: Wiring) -> Profile:
    """Measure a whole network."""
    members = {name for assembly in wiring.assemblies for name, ids in assembly.members.items() if len(ids)}
    return Profile(
        description=wiring.description,
        content_hash=wiring.content_hash(),
        populations=wiring.populations,
        degrees=tuple(Degrees.of(projection) for projection in wiring.projections),
        n_assemblies=len(wiring.assemblies),
        overlaps=tuple(
            Overlaps.of(p.name, p.size, wiring.assemblies) for p in wiring.populations if p.name in members
        ),
        enriched=_enriched(wiring) if wiring.assemblies else (),
        densities=tuple(
            Densities.of(p, wiring.assemblies) for p in wiring.projections if {p.source, p.target} <= members
        ),
        spectrum=spectrum(wiring),
    )


def _enriched(wiring: Wiring) -> tuple[Enriched, ...]:
    known = wiring.description.get("enrichment", {})
    found = []
    for name, pair in enriched_pairs(wiring).items():
        projection = wiring.projection(*pair)
        counts = np.concatenate(contacts_within(projection, wiring.assemblies))
        if len(counts):
            symbol = _SYMBOLS[name.partition("_")[0]]
            relative = relative_density(projection, wiring.assemblies)
            found.append(Enriched(symbol, *pair, Distribution.of(counts), relative, known.get(name)))
    return tuple(found)
