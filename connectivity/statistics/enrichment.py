"""Numbers that describe what memories make of a wiring: contacts and densities within assemblies."""

from collections.abc import Sequence

import numpy as np

from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.communicator import Collectives

Pair = tuple[str, str]


def members_of(pair: Pair, assemblies: Sequence[Assembly]) -> tuple[list[Ids], list[Ids]]:
    """Return the members of each assembly in the source and in the target population of a projection."""
    source, target = pair
    return [a.of(source) for a in assemblies], [a.of(target) for a in assemblies]


def contacts_within(projection: Projection, assemblies: Sequence[Assembly]) -> list[Ids]:
    """Count for each assembly the contacts that its members receive from fellow members.

    Parameters
    ----------
    projection : Projection
        Between E and I neurons; whole or a slice.
    assemblies : sequence of Assembly
        With members in both populations.

    Returns
    -------
    list of ndarray of int64
        One array per assembly, one entry per member in the slice.
    """
    found = []
    pair = (projection.source, projection.target)
    for sources, targets in zip(*members_of(pair, assemblies), strict=True):
        _, rows = projection.rows_of(targets)
        entries, counts = projection.entries_of(rows)
        is_member = np.zeros(projection.n_sources, bool)
        is_member[sources] = True
        inside = np.flatnonzero(is_member.take(projection.sources.take(entries)))
        row_of = np.searchsorted(np.cumsum(counts), inside, side="right")
        contacts = np.bincount(row_of, projection.multiplicity[entries[inside]], len(rows))
        found.append(contacts.astype(np.int64))
    return found


def relative_density(projection: Projection, assemblies: Sequence[Assembly]) -> float:
    """Density of contacts within assemblies relative to that of the whole projection; nan without members."""
    pair = (projection.source, projection.target)
    possible = sum(len(s) * len(t) for s, t in zip(*members_of(pair, assemblies), strict=True))
    if not possible or not projection.n_contacts:
        return float("nan")
    within = sum(int(counts.sum()) for counts in contacts_within(projection, assemblies))
    return within / possible / (projection.n_contacts / (projection.n_sources * projection.n_targets))


def enriched_pairs(wiring: Wiring) -> dict[str, Pair]:
    """Return (source, target) whose density within assemblies the paper calls α, β, γ (Fig. 1).

    α is E to E; β is to E from an inhibitory population all assemblies have members in, γ from E to it.
    Where there are several of these populations, their names are added: ``beta_FBI``, ``beta_FFI``.
    Projections that the network lacks are left out.
    """
    inhibitory = [
        p.name
        for p in wiring.populations
        if p.sign == "inhibitory" and all(len(assembly.of(p.name)) for assembly in wiring.assemblies)
    ]
    pairs: dict[str, Pair] = {"alpha": ("E", "E")}
    for name in inhibitory:
        suffix = f"_{name}" if len(inhibitory) > 1 else ""
        pairs |= {f"beta{suffix}": (name, "E"), f"gamma{suffix}": ("E", name)}
    known = {(p.source, p.target) for p in wiring.projections}
    return {symbol: pair for symbol, pair in pairs.items() if pair in known}


def enrichment(before: Wiring, after: Wiring, collectives: Collectives) -> dict[str, float]:
    """α, β, γ: density of contacts within the assemblies after the memories were stored over that before.

    A ratio is left out if there were no contacts before.

    Parameters
    ----------
    before, after : Wiring
        The same slice of the network; ``after`` has the assemblies.
    collectives : Collectives
        To the owners of the other slices.
    """
    ratios = {}
    for name, pair in enriched_pairs(after).items():
        totals = [
            sum(int(counts.sum()) for counts in contacts_within(wiring.projection(*pair), after.assemblies))
            for wiring in (before, after)
        ]
        before_total, after_total = collectives.total(np.array(totals))
        if before_total:
            ratios[name] = float(after_total / before_total)
    return ratios
