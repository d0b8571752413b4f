"""A wiring described in plain text: sizes, degrees, assemblies."""

from collections.abc import Iterator

from eiassembly.connectivity.statistics import (
    Summary,
    contacts_within,
    enriched_pairs,
    largest_overlap,
    n_distinct,
    relative_density,
    summary,
)
from eiassembly.connectivity.wiring import Projection, Wiring


def described(wiring: Wiring) -> str:
    """Return a table of everything one wants to know before simulating a network."""
    return "\n".join((*_origin(wiring), *_populations(wiring), *_projections(wiring), *_assemblies(wiring)))


def _origin(wiring: Wiring) -> Iterator[str]:
    if "preset" in wiring.description:
        network = wiring.description
        yield f"network       {network['preset']} {network['structure']}, seed {network['seed']}"
    elif "imported_from" in wiring.description:
        yield f"network       imported from {wiring.description['imported_from']}"
        if "chi" in wiring.description:
            inhibition, chi = wiring.description["inhibition_from"], wiring.description["chi"]
            scaled = wiring.description.get("scaled", "I_to_E").replace("_to_", " to ")
            yield f"inhibition    of E from {inhibition}, strength of {scaled} times {chi:g}"
    yield f"content hash  {wiring.content_hash()}"


def _populations(wiring: Wiring) -> Iterator[str]:
    yield ""
    yield "population      size  kind"
    for population in wiring.populations:
        kind = population.sign if population.neuron else f"{population.sign}, source of given spikes"
        yield f"{population.name:<12}{population.size:>8}  {kind}"


def _projections(wiring: Wiring) -> Iterator[str]:
    yield ""
    yield f"{'':<12}{'strength':>8}  {'':>9}  {'inputs per neuron':^24}  {'outputs per neuron':^24}  largest"
    head = f"{'min':>7} {'mean':>8} {'max':>7}"
    yield f"{'projection':<12}{'[nS]':>8}  {'contacts':>9}  {head}  {head}  multiplicity"
    for p in wiring.projections:
        yield (
            f"{_arrow(p):<12}{p.strength:>8.4g}  {p.n_contacts:>9}  {_triple(summary(p.in_degree()))}  "
            f"{_triple(summary(p.out_degree()))}  {p.multiplicity.max(initial=0)}"
        )


def _assemblies(wiring: Wiring) -> Iterator[str]:
    yield ""
    yield f"assemblies    {len(wiring.assemblies)}"
    if not wiring.assemblies:
        return
    for name in (population.name for population in wiring.populations):
        members = [assembly.of(name) for assembly in wiring.assemblies]
        if not any(map(len, members)):
            continue
        size = summary([len(m) for m in members])
        yield (
            f"{name:<12}  {size.mean:g} members each, {n_distinct(members)} different neurons, "
            f"two assemblies share at most {largest_overlap(members)}"
        )
    yield from _within(wiring)


def _within(wiring: Wiring) -> Iterator[str]:
    """One line per rewired projection; α, β, γ only for networks whose unstructured state we know."""
    yield ""
    yield f"{'within':<12}{'inputs from fellow members':^24}  density over  density over"
    yield f"{'assemblies':<12} {'min':>7} {'mean':>8} {'max':>7}  {'mean density':>12}  before storing"
    known = wiring.description.get("enrichment", {})
    symbols = {"alpha": "α", "beta": "β", "gamma": "γ"}
    for name, pair in enriched_pairs(wiring).items():
        projection = wiring.projection(*pair)
        counts = summary([c for member in contacts_within(projection, wiring.assemblies) for c in member])
        achieved = f"{symbols[name.partition('_')[0]]} = {known[name]:.2f}" if name in known else "unknown"
        density = relative_density(projection, wiring.assemblies)
        yield f"{_arrow(projection):<12} {_triple(counts)}  {density:>12.2f}  {achieved}"


def _arrow(projection: Projection) -> str:
    return f"{projection.source} → {projection.target}"


def _triple(numbers: Summary) -> str:
    return f"{numbers.least:>7g} {numbers.mean:>8.2f} {numbers.most:>7g}"
