"""The configuration of a run: TOML, defaults from the paper, every mistake named by its key."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eiassembly.model.errors import ConfigError
from eiassembly.model.files import describe_os_error
from eiassembly.model.parameters import DT, PRESETS, Probability, Strength

Structure = Literal["rand", "scaled_i", "tuned_i", "tuned_ei", "scaled_adjust", "tuned_adjust"]
PresetName = Literal["A", "B", "C", "D", "simple"]
ProjectionName = Literal["OB_to_E", "OB_to_I", "E_to_E", "E_to_I", "I_to_E", "I_to_I"]
RewiredName = Literal["E_to_E", "I_to_E", "E_to_I"]
MemberName = Literal["E", "I"]
Ratio = Annotated[float, Field(ge=1)]
N_MEMBERS = MappingProxyType({"E": 100, "I": 25})
"""Members of an assembly at scale 1 (Methods, "Assemblies")."""
RATIO_OF: Mapping[str, RewiredName] = MappingProxyType(
    {"alpha": "E_to_E", "beta": "I_to_E", "gamma": "E_to_I"}
)
"""Which projection's density within assemblies a ratio is of (Fig. 1)."""

Seed = Annotated[int, Field(ge=0, lt=2**63)]


class Section(BaseModel):
    """Immutable section: unknown keys and values of another type are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class NetworkConfig(Section):
    """What is wired."""

    preset: PresetName = Field(default="A", description="published network [-], Table 2")
    structure: Structure = Field(default="rand", description="kind of assemblies [-], Fig. 1 and Methods")
    seed: Seed = Field(default=1, description="of all random draws of the wiring [-], ours")
    assemblies: int = Field(
        default=15, ge=0, description="stored memories, one per learned odour [1], Methods"
    )
    members: dict[MemberName, Annotated[int, Field(ge=1)]] = Field(
        default={}, description="members of an assembly at scale 1, if not 100 E and 25 I [1], Methods"
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
    probability: dict[ProjectionName, Probability] = Field(
        default={}, description="connection probability at scale 1, instead of the preset's [1], Table 2"
    )
    strength: dict[ProjectionName, Strength] = Field(
        default={}, description="conductance per contact, instead of the preset's [nS], Table 2"
    )
    within: dict[RewiredName, Annotated[float, Field(ge=0)]] = Field(
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

    @model_validator(mode="after")
    def _enough_members(self) -> "NetworkConfig":
        members = n_members(self)
        for name, population in PRESETS[self.preset].by_name.items():
            size, count = population.size, members.get(name, 0)
            if count > size:
                raise ValueError(f"members.{name}: expected at most {size} neurons, found {count}")
        for name, within in self.within.items():
            most = members[name.split("_to_")[0]] * self.scale
            if within > most:
                raise ValueError(f"within.{name}: expected at most {most} members, found {within:g}")
        return self

    @model_validator(mode="after")
    def _contacts_or_ratio(self) -> "NetworkConfig":
        for name, pair in RATIO_OF.items():
            if getattr(self, name) is not None and pair in self.within:
                raise ValueError(f"{name}: expected no within.{pair} beside it, found both")
        return self


def n_members(network: NetworkConfig) -> dict[str, int]:
    """Members of an assembly at scale 1 by population, E first."""
    chosen: dict[str, int] = {str(name): count for name, count in network.members.items()}
    return {**N_MEMBERS, **chosen}


class OdorsConfig(Section):
    """What is smelled: baseline and odour in turn (Methods, "Olfactory bulb input")."""

    kind: Literal["sequence"] = Field(default="sequence", description="protocol [-], Methods")
    learned: int = Field(default=0, ge=0, description="learned odours presented [1], Methods: 10")
    novel: int = Field(default=10, ge=0, description="novel odours presented [1], Methods")
    seed: Seed = Field(default=1, description="of odours and spike trains [-], ours")
    baseline: float = Field(default=1000.0, ge=0, description="before every odour [ms], Methods")
    duration: float = Field(default=2000.0, gt=0, description="of every odour [ms], Methods")
    decay: Literal["measured", "text"] = Field(
        default="measured",
        description="time constants of the mitral cells' responses [-], 1.1, 1.6, 2.2 s measured in the "
        "published odour sets or 1, 2, 4 s as in Methods",
    )
    overlap_with: int | None = Field(
        default=None, ge=0, description="learned odour that novel ones share cells with [1], Fig. 6"
    )
    share: float = Field(
        default=0.5, ge=0, le=1, description="part of activated and inhibited cells they share [1], Fig. 6"
    )

    @model_validator(mode="after")
    def _not_empty(self) -> "OdorsConfig":
        if self.learned + self.novel == 0:
            raise ValueError("novel: expected at least 1 when learned is 0, found 0")
        return self


class SimulationConfig(Section):
    """How it is simulated."""

    dt: float = Field(default=DT, gt=0, le=1, description="time step [ms], Methods")
    delay: float = Field(default=DT, gt=0, description="transmission delay [ms], Methods: one step")
    threads: int = Field(default=2, ge=1, le=1024, description="threads per process [1], ours")
    block: float = Field(default=1000.0, gt=0, description="time between writes to the run file [ms], ours")

    @model_validator(mode="after")
    def _multiples_of_dt(self) -> "SimulationConfig":
        for name in ("delay", "block"):
            value = getattr(self, name)
            if abs(value / self.dt - round(value / self.dt)) > 1e-6 or value < self.dt / 2:
                raise ValueError(f"{name}: expected a multiple of dt = {self.dt:g} ms, found {value:g}")
        return self


class OutputConfig(Section):
    """Where results go."""

    dir: str = Field(default="results", min_length=1, description="directory [-], ours")


class Config(Section):
    """A whole run; without any argument network A, unstructured, and ten novel odours."""

    network: NetworkConfig = Field(default=NetworkConfig(), description="see NetworkConfig [-]")
    odors: OdorsConfig = Field(default=OdorsConfig(), description="see OdorsConfig [-]")
    simulation: SimulationConfig = Field(default=SimulationConfig(), description="see SimulationConfig [-]")
    output: OutputConfig = Field(default=OutputConfig(), description="see OutputConfig [-]")

    @model_validator(mode="after")
    def _learned_odors_exist(self) -> "Config":
        if self.odors.learned > self.network.assemblies:
            raise ValueError(
                f"odors.learned: expected at most network.assemblies = {self.network.assemblies}, "
                f"found {self.odors.learned}"
            )
        return self

    @model_validator(mode="after")
    def _overlapping_odor_exists(self) -> "Config":
        other = self.odors.overlap_with
        if other is not None and other >= self.network.assemblies:
            raise ValueError(
                f"odors.overlap_with: expected a learned odour, below network.assemblies = "
                f"{self.network.assemblies}, found {other}"
            )
        return self


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read a TOML file, apply overrides such as ``network.seed=2``, and validate.

    Raises
    ------
    ConfigError
        Unreadable file, bad TOML, unknown key, wrong type or impossible value; one line.
    """
    return parse_config(_read(path), str(path), overrides)


def parse_config(table: Mapping[str, Any], origin: str, overrides: Sequence[str] = ()) -> Config:
    """Validate a table as it comes from TOML; ``origin`` is the name used in errors."""
    merged = dict(table)
    for override in overrides:
        _override(merged, override)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        problems = error.errors()
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ConfigError(f"{origin}: {_describe(problems[0])}{more}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else describe_os_error(error)
        raise ConfigError(f"{path}: cannot read the configuration: {reason}") from error
    except ValueError as error:  # TOML syntax or encoding
        raise ConfigError(f"{path}: expected a TOML file in UTF-8: {error}") from error


def _override(table: dict[str, Any], override: str) -> None:
    """Set ``section.key=value`` in the table; the value is TOML, or a bare string."""
    name, equals, text = override.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"--set {override}: expected SECTION.KEY=VALUE, for example network.seed=2")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    *parents, last = name.strip().split(".")
    for parent in parents:
        inner = table.get(parent, {})
        if not isinstance(inner, Mapping):
            raise ConfigError(f"--set {override}: {parent}: expected a table, found {inner!r}")
        table[parent] = dict(inner)
        table = table[parent]
    table[last] = value


def _describe(problem: Any) -> str:
    """Turn an error of pydantic into ``key: expected …, found …``."""
    path = [str(part) for part in problem["loc"] if part != "[key]"]
    key = ".".join(path)
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; {_suggestion(path)}"
    if problem["type"] == "value_error":
        return ".".join(filter(None, (key, str(problem["ctx"]["error"]))))
    expected = (
        "a table" if problem["type"] == "model_type" else problem["msg"].removeprefix("Input should be ")
    )
    return f"{key}: expected {expected}, found {problem['input']!r}"


def _suggestion(path: list[str]) -> str:
    """Name the nearest known key, or all keys of the section."""
    section: type[BaseModel] = Config
    for part in path[:-1]:
        inner = section.model_fields[part].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    names = list(section.model_fields)
    near = difflib.get_close_matches(path[-1], names, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names)}"
