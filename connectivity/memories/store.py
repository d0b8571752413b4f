"""Memories stored in a network one by one, and forgotten.

Members are chosen from the network without its memories, so they depend neither on other memories nor on the
order. E members: those that receive most contacts from the mitral cells that the odor activates. I members:
those that receive most from the E members (or from the activated mitral cells, see `Rule`). Contacts then
move in the network as it is: where assemblies overlap, the order matters.

Many memories at once are the same network, bit for bit, as the same memories one after the other, and
forgetting the last one gives back, bit for bit, the network before it. What forgetting an earlier one means
is described in `forget`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eiassembly.connectivity.assembly import NO_MOVES, Assembly, Moves
from eiassembly.connectivity.memories.forget import forgotten, unstored
from eiassembly.connectivity.memories.members import strongest_receivers
from eiassembly.connectivity.memories.rewiring import Rewired
from eiassembly.connectivity.memories.rule import Rule
from eiassembly.connectivity.memories.targets import Storing
from eiassembly.connectivity.statistics.enrichment import enrichment
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.communicator import Collectives, Serial
from eiassembly.core.errors import ConfigError
from eiassembly.odors.odors import Odor

HISTORY = "memories"
"""Where the description lists what was stored and forgotten, in this order."""


def add_memory(wiring: Wiring, odor: Odor, rule: Rule, collectives: Collectives | None = None) -> Wiring:
    """Store one more memory; see `with_memories`."""
    return with_memories(wiring, [odor], rule, collectives)


def with_memories(
    wiring: Wiring, odors: Sequence[Odor], rule: Rule, collectives: Collectives | None = None
) -> Wiring:
    """Store memories of odors, one after the other.

    Strengths do not change: the factor χ of inhibition belongs to the network, not to a memory.

    Parameters
    ----------
    wiring : Wiring
        Whole, or the same slice of every rank.
    odors : sequence of Odor
        Their numbers and activated mitral cells count.
    rule : Rule
        How they are stored. Ratios become contacts that all these assemblies have in common.
    collectives : Collectives, optional
        To the owners of the other slices; none if all targets are here.

    Returns
    -------
    Wiring
        In-degrees are those of ``wiring``. The description has no ``enrichment``: see `measured`.

    Raises
    ------
    ConfigError
        An odor is stored already, or members or contacts are not enough; for all ranks.
    """
    collectives = collectives or Serial()
    _check(wiring, odors, rule)
    if not odors:
        return wiring
    fresh = _assemblies(wiring, odors, rule, collectives)
    storing = {
        pair: Storing(wiring.projection(*pair), fresh, rule.seed, collectives)
        for pair in (*rule.within, *rule.ratios)
    }
    found = {
        pair: storing[pair].contacts_for(ratio, _without_memories(wiring, wiring.projection(*pair)))
        for pair, ratio in rule.ratios.items()
    }
    resolved = rule.resolved(found)
    results = [storing[pair].reaching(within) for pair, within in resolved.within.items()]
    history = [{"stored": odor.number, "rule": resolved.described()} for odor in odors]
    return wiring.replacing(
        [result.projection for result in results],
        assemblies=wiring.assemblies + _recorded(fresh, results),
        description=_continued(wiring, history),
    )


def _recorded(assemblies: Sequence[Assembly], results: Sequence[Rewired]) -> tuple[Assembly, ...]:
    """Return assemblies with what storing them has moved."""
    return tuple(
        replace(assembly, moves={r.projection.name: r.moves[k] for r in results if len(r.moves[k])})
        for k, assembly in enumerate(assemblies)
    )


def forget(wiring: Wiring, index: int) -> Wiring:
    """Forget a memory: what storing it has moved goes back, as described in `forget`.

    Parameters
    ----------
    wiring : Wiring
        Whole or a slice.
    index : int
        Place of the memory in ``wiring.assemblies``.

    Returns
    -------
    Wiring
        In-degrees are those of ``wiring``; the memories after this one have moved up. The description has no
        ``enrichment``: see `measured`.

    Raises
    ------
    ConfigError
        There is no such memory, or it is not known what storing it has moved.
    EiassemblyError
        What is on record does not belong to this network.
    """
    if not 0 <= index < len(wiring.assemblies):
        raise ConfigError(f"memory: expected one of 0 to {len(wiring.assemblies) - 1}, found {index}")
    assembly = wiring.assemblies[index]
    if assembly.moves is None:
        raise ConfigError(
            f"memory: expected one that was stored by eiassembly, found {index} (odor {assembly.odor}), "
            "which was imported: what storing it has moved is not known"
        )
    kept = wiring.assemblies[:index] + wiring.assemblies[index + 1 :]
    changed = []
    for projection in wiring.projections:
        if projection.name in assembly.moves:
            restored, others = forgotten(projection, _moves(wiring, projection.name), index)
            changed.append(restored)
            kept = tuple(_recording(a, projection.name, m) for a, m in zip(kept, others, strict=True))
    history = [{"forgotten": assembly.odor}]
    return wiring.replacing(changed, assemblies=kept, description=_continued(wiring, history))


def _recording(assembly: Assembly, name: str, moves: Moves) -> Assembly:
    """Return an assembly with another record for one projection; projections without moves are left out."""
    if assembly.moves is None:
        return assembly
    record = {**assembly.moves, name: moves}
    return replace(assembly, moves={key: m for key, m in record.items() if len(m)})


def achieved(wiring: Wiring, collectives: Collectives | None = None) -> dict[str, float]:
    """Return α, β, γ of the memories whose storing is on record; see `enrichment`."""
    known = wiring.replacing([], assemblies=tuple(a for a in wiring.assemblies if a.moves is not None))
    before = known.replacing(_without_memories(wiring, p) for p in wiring.projections)
    return enrichment(before, known, collectives or Serial())


def measured(wiring: Wiring, collectives: Collectives | None = None) -> Wiring:
    """Put α, β, γ into the description, as ``enrichment``, if the storing of all memories is on record."""
    if any(assembly.moves is None for assembly in wiring.assemblies):
        return wiring
    description = {**wiring.description, "enrichment": achieved(wiring, collectives)}
    return wiring.replacing([], description=description)


def last_rule(wiring: Wiring) -> dict[str, Any] | None:
    """Return the rule by which the last memory was stored, as `Rule.described` has it; None if unknown."""
    rules = [step["rule"] for step in wiring.description.get(HISTORY, []) if "rule" in step]
    return rules[-1] if rules else None


def _check(wiring: Wiring, odors: Sequence[Odor], rule: Rule) -> None:
    stored = {assembly.odor for assembly in wiring.assemblies}
    for odor in odors:
        if odor.number in stored:
            raise ConfigError(f"odor: expected one that is not stored yet, found {odor.number}")
        stored.add(odor.number)
        n_mitral = wiring.population("OB").size
        if odor.activated.max(initial=0) >= n_mitral:
            raise ConfigError(
                f"odor {odor.number}: expected mitral cells below {n_mitral}, found {odor.activated.max()}"
            )
    for name, count in rule.members.items():
        size = wiring.population(name).size
        if count > size:
            raise ConfigError(f"network.members.{name}: expected at most {size} neurons, found {count}")


def _assemblies(
    wiring: Wiring, odors: Sequence[Odor], rule: Rule, collectives: Collectives
) -> tuple[Assembly, ...]:
    """Choose the members of each odor's assembly from the network without memories."""
    numbers = [odor.number for odor in odors]
    chosen: dict[str, Sequence[Ids]] = {"OB": [odor.activated for odor in odors]}
    for name, count in rule.members.items():
        source = rule.chosen_by[name]
        chosen[name] = strongest_receivers(
            wiring.projection(source, name),
            wiring.population(name).size,
            chosen[source],
            count,
            rule.seed,
            collectives,
            numbers,
            Moves.joined(_moves(wiring, f"{source}_to_{name}")),
        )
    return tuple(
        Assembly(number, {name: chosen[name][k] for name in rule.members}) for k, number in enumerate(numbers)
    )


def _without_memories(wiring: Wiring, projection: Projection) -> Projection:
    """Return a projection as it was before the memories whose storing is on record."""
    moves = [moves for moves in _moves(wiring, projection.name) if len(moves)]
    return unstored(projection, moves) if moves else projection


def _moves(wiring: Wiring, name: str) -> list[Moves]:
    """Return what each memory has moved in a projection, as far as it is on record."""
    return [(assembly.moves or {}).get(name, NO_MOVES) for assembly in wiring.assemblies]


def _continued(wiring: Wiring, history: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the description with more history, and without what is not true any more."""
    kept = {key: value for key, value in wiring.description.items() if key != "enrichment"}
    return {**kept, HISTORY: [*wiring.description.get(HISTORY, []), *history]}
