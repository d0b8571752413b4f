"""The configuration of a run: TOML, defaults from the paper, every mistake named by its key."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from eiassembly.connectivity.structures import (
    pair_of,
    projections_of,
    published_structures,
    ratio_pairs,
    structure_of,
)
from eiassembly.model.interventions import Current, Displace, Excitability, Perturb, Replay
from eiassembly.model.odor_config import CountedOdors, MorphOdors, OdorsConfig, SequenceOdors
from eiassembly.model.parameters import DT, PRESETS, Probability, Strength
from eiassembly.model.sections import Section, Seed
from eiassembly.model.settings import INTERVENTIONS, Dynamics
from eiassembly.model.silencing import Silence
from eiassembly.model.toml_tables import Origin, override, parsed, read_text, validated

StructureName = Literal[
    "rand", "scaled_i", "tuned_i", "tuned_ei", "scaled_adjust", "tuned_adjust",
    "e_assemblies", "ff_assembly", "fb_component",
]  # fmt: skip
PresetName = Literal["A", "B", "C", "D", "simple", "dp3_A", "dp3_B", "dp3_C", "dp3_D", "dp3_E"]
Ratio = Annotated[float, Field(ge=1)]


class NetworkConfig(Section):
    """What is wired."""

    preset: PresetName = Field(default="A", description="published network [-], Table 2")
    structure: StructureName = Field(default="rand", description="kind of assemblies [-], Fig. 1 and Methods")
    seed: Seed = Field(default=1, description="of all random draws of the wiring [-], ours")
    assemblies: int = Field(
        default=15, ge=0, description="stored memories, one per learned odour [1], Methods: 15, of dp3 20"
    )
    added: int = Field(
        default=0,
        ge=0,
        description="memories stored after these: of the first novel odours, by the same rule [1], Fig. 6: 2",
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
        description="factor of population, odour and assembly sizes; numbers of inputs stay [1], ours",
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
                f"structure: expected {_either(structures)} with preset {self.preset}, "
                f"found {self.structure!r}"
            )
        published = structures[self.structure]
        names = [p.name for p in projections_of(self.preset, self.structure)]
        rewirable = [name for name in names if published.rewirable(pair_of(name))]
        tables = {"probability": names, "strength": names, "within": rewirable, "members": published.members}
        for key, known in tables.items():
            for name in getattr(self, key):
                if name not in known:
                    raise ValueError(f"{key}.{name}: expected {_either(known)}, found {name!r}")
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


def _either(names: Iterable[str]) -> str:
    """Return ``'a', 'b' or 'c'``."""
    *others, last = (repr(name) for name in names)
    return f"{', '.join(others)} or {last}" if others else last


class SimulationConfig(Section):
    """How it is simulated."""

    dt: float = Field(default=DT, gt=0, le=1, description="time step [ms], Methods")
    delay: float = Field(default=DT, gt=0, description="transmission delay [ms], Methods: one step")
    threads: int = Field(default=2, ge=1, le=1024, description="threads per process [1], ours")
    block: float = Field(default=1000.0, gt=0, description="time between writes to the run file [ms], ours")
    silence: list[Silence] = Field(
        default=[], description="neurons whose spikes reach nobody for a while [-], ours"
    )
    current: list[Current] = Field(default=[], description="currents into neurons [-], Fig. 3 s1")
    perturb: list[Perturb] = Field(default=[], description="spikes more or less [-], ours")
    replay: list[Replay] = Field(default=[], description="spikes of another run [-], Methods")
    displace: list[Displace] = Field(default=[], description="displaced states [-], ours")
    excitability: list[Excitability] = Field(
        default=[], description="neurons with a lower g_rest for a while [-], ours"
    )

    @model_validator(mode="after")
    def _multiples_of_dt(self) -> "SimulationConfig":
        for name in ("delay", "block"):
            value = getattr(self, name)
            if abs(value / self.dt - round(value / self.dt)) > 1e-6 or value < self.dt / 2:
                raise ValueError(f"{name}: expected a multiple of dt = {self.dt:g} ms, found {value:g}")
        return self

    def dynamics(self, **more: Any) -> Dynamics:
        """Return what of it shapes the result, with more settings that a configuration does not have."""
        interventions = {name: tuple(getattr(self, name)) for name in INTERVENTIONS}
        return Dynamics(dt=self.dt, delay=self.delay, **interventions, **more)


class OutputConfig(Section):
    """Where results go."""

    dir: str = Field(default="results", min_length=1, description="directory [-], ours")


class Config(Section):
    """A whole run; without any argument network A, unstructured, and ten novel odours."""

    network: NetworkConfig = Field(default=NetworkConfig(), description="see NetworkConfig [-]")
    odors: OdorsConfig = Field(
        default=SequenceOdors(), description="what is smelled, by odors.kind [-], Methods"
    )
    simulation: SimulationConfig = Field(default=SimulationConfig(), description="see SimulationConfig [-]")
    output: OutputConfig = Field(default=OutputConfig(), description="see OutputConfig [-]")

    @model_validator(mode="after")
    def _odors_exist(self) -> "Config":
        most, odors = self.network.assemblies, self.odors
        if isinstance(odors, CountedOdors) and odors.learned > most:
            raise ValueError(
                f"odors.learned: expected at most network.assemblies = {most}, found {odors.learned}"
            )
        if isinstance(odors, MorphOdors) and odors.last == (most if odors.first is None else odors.first):
            raise ValueError(f"odors.last: expected another odour than the first, found {odors.last}")
        if odors.overlap_with is not None and odors.overlap_with >= most:
            raise ValueError(
                f"odors.overlap_with: expected a learned odour, below network.assemblies = {most}, "
                f"found {odors.overlap_with}"
            )
        return self


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a TOML file, apply overrides such as ``network.seed=2``, and validate.

    Raises
    ------
    ConfigError
        Unreadable file, bad TOML, unknown key, wrong type or impossible value; one line.
    """
    source = read_text(path)
    # What an override has put there is in no line.
    return parse_config(parsed(source), str(path) if overrides else source, overrides)


def parse_config(table: Mapping[str, Any], origin: Origin, overrides: Sequence[str] = ()) -> Config:
    """Validate a table as it comes from TOML; ``origin`` is the name used in errors."""
    merged = dict(table)
    for setting in overrides:
        override(merged, setting)
    return validated(Config, merged, origin)
