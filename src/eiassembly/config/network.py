"""The section ``[network]`` of a configuration: what is wired."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from eiassembly.config.parameters import PRESETS, Probability, Strength
from eiassembly.config.structures import (
    STRUCTURES,
    Members,
    Pair,
    StructureNumbers,
    pair_of,
    projections_of,
    published_structures,
    ratio_pairs,
)
from eiassembly.core.records import Section, Seed, either, one_of

StructureName = Annotated[str, one_of(STRUCTURES)]
PresetName = Annotated[str, one_of(PRESETS)]
Ratio = Annotated[float, Field(ge=1)]


class NetworkConfig(Section):
    """What is wired."""

    preset: PresetName = Field(default="A", description="published network [-], Table 2")
    structure: StructureName = Field(default="rand", description="kind of assemblies [-], Fig. 1 and Methods")
    seed: Seed = Field(default=1, description="of all random draws of the wiring [-], ours")
    assemblies: int = Field(
        default=15, ge=0, description="stored memories, one per learned odor [1], Methods: 15, of dp3 20"
    )
    added: int = Field(
        default=0,
        ge=0,
        description="memories stored after these: of the first novel odors, by the same rule [1], Fig. 6: 2",
    )
    members: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="members of an assembly at scale 1, instead of the structure's [1], Methods"
    )
    inhibitory_members_from: Literal["E", "OB"] | None = Field(
        default=None,
        description="whose connections decide which inhibitory neurons are members, instead of the "
        "structure's: E members' or those of activated mitral cells [-], Methods and Fig. 2 s1G",
    )
    scale: int = Field(
        default=1,
        ge=1,
        description="factor of population, odor and assembly sizes; numbers of inputs stay [1], ours",
    )
    probability: dict[str, Probability] = Field(
        default={}, description="connection probability at scale 1, instead of the preset's [1], Table 2"
    )
    strength: dict[str, Strength] = Field(
        default={}, description="conductance per contact, instead of the preset's [nS], Table 2"
    )
    within: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default={}, description="inputs from within the assembly, instead of the structure's [1], Methods"
    )
    alpha: Ratio | None = Field(
        default=None, description="density of E to E within assemblies over that before storing [1], Fig. 1"
    )
    beta: Ratio | None = Field(
        default=None, description="density of I to E within assemblies over that before storing [1], Fig. 1"
    )
    gamma: Ratio | None = Field(
        default=None, description="density of E to I within assemblies over that before storing [1], Fig. 1"
    )
    chi: float | None = Field(
        default=None, gt=0, description="factor of inhibition, instead of the structure's [1], Fig. 2C"
    )

    @model_validator(mode="before")
    @classmethod
    def _as_many_assemblies_as_published(cls, table: Any) -> Any:
        if not isinstance(table, Mapping) or "assemblies" in table:
            return table
        preset = next((p for p in PRESETS.values() if p.name == table.get("preset")), None)
        return table if preset is None else {**table, "assemblies": preset.assemblies}

    @model_validator(mode="after")
    def _fits_the_preset(self) -> "NetworkConfig":
        structures = published_structures(self.preset)
        if self.structure not in structures:
            raise ValueError(
                f"structure: expected {either(structures)} with preset {self.preset}, "
                f"found {self.structure!r}"
            )
        published = structures[self.structure]
        names = [p.name for p in projections_of(self.preset, self.structure)]
        rewirable = [name for name in names if published.rewirable(pair_of(name))]
        tables = {"probability": names, "strength": names, "within": rewirable, "members": published.members}
        for key, known in tables.items():
            for name in getattr(self, key):
                if name not in known:
                    raise ValueError(f"{key}.{name}: expected {either(known)}, found {name!r}")
        return self

    @model_validator(mode="after")
    def _enough_members(self) -> "NetworkConfig":
        members = structure_of(self).members
        for name, population in PRESETS[self.preset].by_name.items():
            size, count = population.size, members[name].size if name in members else 0
            if count > size:
                raise ValueError(f"members.{name}: expected at most {size} neurons, found {count}")
        for name, within in self.within.items():
            most = members[pair_of(name)[0]].size * self.scale
            if within > most:
                raise ValueError(f"within.{name}: expected at most {most} members, found {within:g}")
        return self

    @model_validator(mode="after")
    def _has_what_chooses_members(self) -> "NetworkConfig":
        names = [p.name for p in projections_of(self.preset, self.structure)]
        for name, members in structure_of(self).members.items():
            if f"{members.by}_to_{name}" not in names:
                raise ValueError(
                    f"inhibitory_members_from: expected a population that is connected to {name}, "
                    f"found {members.by!r}"
                )
        return self

    @model_validator(mode="after")
    def _contacts_or_ratio(self) -> "NetworkConfig":
        pairs = ratio_pairs(structure_of(self))
        names = [p.name for p in projections_of(self.preset, self.structure)]
        for symbol in ("alpha", "beta", "gamma"):
            if getattr(self, symbol) is None:
                continue
            name = "_to_".join(pairs.get(symbol, ()))
            if name not in names:
                raise ValueError(
                    f"{symbol}: expected a structure with one such projection, found {self.structure}"
                )
            if name in self.within:
                raise ValueError(f"{symbol}: expected no within.{name} beside it, found both")
        return self


def structure_of(network: "NetworkConfig") -> StructureNumbers:
    """Return the published structure with the exceptions of the preset and the configured overrides."""
    published = published_structures(network.preset)[network.structure]
    exceptions = published.exceptions.get(network.preset, {})
    within: dict[Pair, float] = {pair: exceptions.get(pair, n) for pair, n in published.within.items()}
    within |= {pair_of(name): count for name, count in network.within.items()}
    chi = published.chi if network.chi is None else network.chi
    return replace(published, members=_members(published, network), within=within, chi=chi)


def _members(published: StructureNumbers, network: "NetworkConfig") -> dict[str, Members]:
    """Members of a structure with the configured sizes and choosers."""
    chooser = network.inhibitory_members_from
    return {
        name: Members(network.members.get(name, m.size), m.by if name == "E" or chooser is None else chooser)
        for name, m in published.members.items()
    }
