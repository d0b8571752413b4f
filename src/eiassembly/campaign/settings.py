"""CAMPAIGN.toml: what all runs share, what varies between them, and what a batch system is asked for."""

from typing import Any

from pydantic import Field

from eiassembly.config.neurons import NeuronName
from eiassembly.core.records import Section

Table = dict[str, Any]
Axes = dict[str, dict[str, list[Any]]]
"""Values by section and key."""


class Variant(Section):
    """Settings that change together, such as a protocol: the runs are made with each of the variants."""

    name: str = Field(min_length=1, description="part of the names of its runs [-], ours")
    after: str | None = Field(
        default=None, description="variant whose run with the same values must be done before [-], ours"
    )
    vary: Axes = Field(default={}, description="in place of the same keys of the campaign's vary [-], ours")
    network: Table = Field(default={}, description="as in CONFIG.toml [-], ours")
    odors: Table = Field(default={}, description="as in CONFIG.toml [-], ours")
    simulation: Table = Field(default={}, description="as in CONFIG.toml [-], ours")


class RunSettings(Section):
    """How every run of the campaign is executed."""

    neuron: NeuronName = Field(
        default="extension", description="our exact neuron or NEST's own, which has no snapshots [-], ours"
    )
    checkpoint_every: float = Field(
        default=5000.0, gt=0, description="simulated time between snapshots to continue from [ms], ours"
    )


class SlurmSettings(Section):
    """What Slurm is asked for; partition and account are in the environment (jobs/environment.sh)."""

    ranks: int = Field(default=1, ge=1, description="processes per run [1], ours")
    nodes: int | None = Field(
        default=None, ge=1, description="machines per run, default: Slurm decides [1], ours"
    )
    at_once: int = Field(default=50, ge=1, description="runs at the same time [1], ours")
    minutes: int | None = Field(
        default=None, ge=1, description="time limit, default: from the estimate [min], ours"
    )
    memory: int | None = Field(
        default=None, ge=1, description="memory per process, default: from the estimate [MiB], ours"
    )
    grace: int = Field(
        default=300, ge=1, description="time before the limit at which a run makes a snapshot [s], ours"
    )


class CampaignTable(Section):
    """The file as it is read; the tables of CONFIG.toml are checked for every run by themselves."""

    name: str | None = Field(default=None, min_length=1, description="default: of the file [-], ours")
    network: Table = Field(default={}, description="as in CONFIG.toml [-], ours")
    odors: Table = Field(default={}, description="as in CONFIG.toml [-], ours")
    simulation: Table = Field(default={}, description="as in CONFIG.toml [-], ours")
    output: Table = Field(default={}, description="as in CONFIG.toml [-], ours")
    vary: Axes = Field(
        default={}, description="values by section and key; every combination is a run [-], ours"
    )
    variant: list[Variant] = Field(default=[], description="settings that change together [-], ours")
    run: RunSettings = Field(default=RunSettings(), description="see RunSettings [-]")
    slurm: SlurmSettings = Field(default=SlurmSettings(), description="see SlurmSettings [-]")
