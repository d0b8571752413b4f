"""What the populations of a network are to the analysis."""

from dataclasses import dataclass

from eiassembly.connectivity.wiring import Wiring


@dataclass(frozen=True)
class Roles:
    """Names of the populations by what they do: input, principal (E), and all inhibitory ones."""

    feedforward: tuple[str, ...]
    principal: str
    inhibitory: tuple[str, ...]

    @classmethod
    def of(cls, wiring: Wiring) -> "Roles":
        """Tell by sign and by who has a neuron model."""
        simulated = [p for p in wiring.populations if p.neuron is not None]
        return cls(
            feedforward=tuple(p.name for p in wiring.populations if p.neuron is None),
            principal=next(p.name for p in simulated if p.sign == "excitatory"),
            inhibitory=tuple(p.name for p in simulated if p.sign == "inhibitory"),
        )
