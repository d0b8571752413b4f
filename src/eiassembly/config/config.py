"""The configuration of a run: TOML, defaults from the paper, every mistake named by its key."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from eiassembly.config.network import NetworkConfig
from eiassembly.config.odors import CountedOdors, MorphOdors, OdorsConfig, SequenceOdors
from eiassembly.config.simulation import SimulationConfig
from eiassembly.core.records import Section
from eiassembly.core.toml import Origin, override, parsed, read_text, validated


class OutputConfig(Section):
    """Where results go."""

    dir: str = Field(default="results", min_length=1, description="directory [-], ours")


class Config(Section):
    """A whole run; without any argument network A, unstructured, and ten novel odors."""

    network: NetworkConfig = Field(default=NetworkConfig(), description="see NetworkConfig [-]")
    odors: OdorsConfig = Field(
        default=SequenceOdors(), description="the stimulus, by odors.kind [-], Methods"
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
            raise ValueError(f"odors.last: expected another odor than the first, found {odors.last}")
        if odors.overlap_with is not None and odors.overlap_with >= most:
            raise ValueError(
                f"odors.overlap_with: expected a learned odor, below network.assemblies = {most}, "
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
