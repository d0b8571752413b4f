"""By which rule memories are stored: members, chosen by what, and what they receive from each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from eiassembly.config.network import NetworkConfig, structure_of
from eiassembly.config.structures import Pair, pair_of, ratio_pairs

PRINCIPAL = "E"
"""Population whose members are chosen first."""


@dataclass(frozen=True)
class Rule:
    """How a memory is stored.

    Parameters
    ----------
    members : mapping of str to int
        Members of an assembly in each population that takes part, ``E`` first.
    chosen_by : mapping of str to str
        For each of these populations the one whose contacts decide who is a member: ``OB`` for the mitral
        cells that the odor activates, else the population's members.
    within : mapping of (source, target) to float
        Contacts that a member of the target population receives from its fellow members in the source
        population: what rewiring reaches for.
    ratios : mapping of (source, target) to float
        The same as a density relative to that before storing (α, β, γ); not for pairs that are in ``within``.
    seed : int
        Of the random choices.
    """

    members: Mapping[str, int]
    chosen_by: Mapping[str, str]
    within: Mapping[Pair, float]
    seed: int
    ratios: Mapping[Pair, float] = field(default_factory=dict)

    def resolved(self, within: Mapping[Pair, float]) -> "Rule":
        """Return the rule with contacts in place of the ratios."""
        return replace(self, within={**self.within, **within}, ratios={})

    def described(self) -> dict[str, Any]:
        """Plain JSON values; see `rule_from`."""
        tables = {"within": self.within, "ratios": self.ratios}
        named = {key: {f"{s}_to_{t}": n for (s, t), n in table.items()} for key, table in tables.items()}
        return {"members": dict(self.members), "chosen_by": dict(self.chosen_by), "seed": self.seed, **named}


def rule_from(described: Mapping[str, Any]) -> Rule:
    """Make a rule of what `Rule.described` has returned."""
    tables = {key: {pair_of(name): n for name, n in described[key].items()} for key in ("within", "ratios")}
    return Rule(described["members"], described["chosen_by"], seed=described["seed"], **tables)


def rule_of(network: NetworkConfig) -> Rule:
    """Return the rule of a configured network: its structure's, with what is configured instead."""
    structure = structure_of(network)
    configured = {pair: getattr(network, name) for name, pair in ratio_pairs(structure).items()}
    ratios = {pair: ratio for pair, ratio in configured.items() if ratio is not None}
    within = {pair: n for pair, n in structure.within.items() if pair not in ratios}
    members = {name: m.size * network.scale for name, m in structure.members.items()}
    return Rule(members, {name: m.by for name, m in structure.members.items()}, within, network.seed, ratios)


def key_of(pair: Pair, ratio: bool) -> str:
    """Return the key of the configuration that sets what members receive: as contacts or as a ratio."""
    if not ratio:
        return f"network.within.{pair[0]}_to_{pair[1]}"
    return "network.alpha" if pair[0] == pair[1] else f"network.{'gamma' if pair[0] == PRINCIPAL else 'beta'}"
