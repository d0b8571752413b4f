"""What can be measured: spikes and presentations, from our simulator or from anywhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.connectivity.wiring import Wiring
from eiassembly.odors.odors import Presentation


@dataclass(frozen=True)
class PopulationNames:
    """Names of the populations by what they do: input, excitatory (E), and all inhibitory ones."""

    input: tuple[str, ...]
    excitatory: str
    inhibitory: tuple[str, ...]

    @classmethod
    def of(cls, wiring: Wiring) -> "PopulationNames":
        """Tell by sign and by who has a neuron model."""
        simulated = [p for p in wiring.populations if p.neuron is not None]
        return cls(
            input=tuple(p.name for p in wiring.populations if p.neuron is None),
            excitatory=next(p.name for p in simulated if p.sign == "excitatory"),
            inhibitory=tuple(p.name for p in simulated if p.sign == "inhibitory"),
        )


class Recording(Protocol):
    """Spikes of some populations while odors were presented: a `Run`, or an `ExternalRecording`.

    What does not come from one of our networks has populations and perhaps assemblies, but no projections;
    its structure and its hashes are empty, and its delay is NaN.
    """

    @property
    def path(self) -> Path:
        """File with the spikes."""

    @property
    def label(self) -> str:
        """Name in tables and figures."""

    @property
    def structure(self) -> str:
        """Structure of the network, e.g. ``tuned_ei``."""

    @property
    def dt(self) -> float:
        """Time step, ms."""

    @property
    def delay(self) -> float:
        """Transmission delay, ms."""

    @property
    def duration(self) -> float:
        """Length, ms."""

    @property
    def n_steps(self) -> int:
        """Length in steps."""

    @property
    def presentations(self) -> tuple[Presentation, ...]:
        """When which odor was presented, in the order of onsets."""

    @property
    def wiring(self) -> Wiring:
        """Populations, assemblies, and the projections that are known."""

    @property
    def population_names(self) -> PopulationNames:
        """What the populations do."""

    @property
    def network_hash(self) -> str:
        """Content hash of the network."""

    @property
    def odors_hash(self) -> str:
        """Content hash of the odors."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where it comes from; plain JSON values."""

    def source(self, name: str) -> SpikeSource:
        """Spikes of a population by time window."""
