"""Parameters of the neurons and of the published networks, with their units and sources.

Two populations: Meissner-Bernard, Zenke & Friedrich, eLife 13:RP96303 (2025), Tables 1 and 2. Three
populations (feedback and feedforward inhibition, presets dp3_A to dp3_E): Meissner-Bernard et al., bioRxiv
10.1101/2024.04.09.588702, from the authors' sheet of parameters and *measured* in their matrices.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from eiassembly.core.records import Frozen

Sign = Literal["excitatory", "inhibitory"]
Probability = Annotated[float, Field(gt=0, lt=1)]
Strength = Annotated[float, Field(gt=0)]

DT = 0.1
"""Step of the forward Euler scheme, ms."""


class NeuronParameters(Frozen):
    """Adaptive leaky integrate-and-fire neuron with exponential conductances (Table 1)."""

    tau_m: PositiveFloat = Field(description="membrane time constant [ms], Table 1")
    g_rest: PositiveFloat = Field(description="resting conductance [nS], Table 1")
    E_rest: float = Field(description="resting and reset potential [mV], Table 1")
    V_th: float = Field(description="spike threshold [mV], Table 1")
    t_ref: PositiveFloat = Field(default=8.0, description="refractory period [ms], Table 1")
    tau_a: PositiveFloat = Field(default=40.0, description="time constant of adaptation [ms], Table 1")
    a: float = Field(default=0.0, ge=0, description="subthreshold adaptation [nS], Table 1")
    b: float = Field(default=0.0, ge=0, description="spike-triggered adaptation [pA], Table 1")
    E_exc: float = Field(default=0.0, description="excitatory reversal potential [mV], Table 1")
    E_inh: float = Field(default=-70.0, description="inhibitory reversal potential [mV], Table 1")
    tau_exc: PositiveFloat = Field(
        default=30.0, description="excitatory synaptic time constant [ms], Table 1"
    )
    tau_inh: PositiveFloat = Field(
        default=10.0, description="inhibitory synaptic time constant [ms], Table 1"
    )

    @model_validator(mode="after")
    def _ordered_potentials(self) -> "NeuronParameters":
        if not self.E_rest < self.V_th < self.E_exc:
            raise ValueError("expected E_rest < V_th < E_exc")
        if not self.E_inh < self.V_th:
            raise ValueError("expected E_inh < V_th")
        return self

    def reversal(self, sign: Sign) -> float:
        """Reversal potential [mV] of inputs of this sign."""
        return self.E_exc if sign == "excitatory" else self.E_inh

    def tau_syn(self, sign: Sign) -> float:
        """Synaptic time constant [ms] of inputs of this sign."""
        return self.tau_exc if sign == "excitatory" else self.tau_inh


class Population(Frozen):
    """A named group of identical cells; without neuron parameters it is a source of given spike trains."""

    name: str = Field(description="name in projections and files, e.g. E [-], Methods")
    size: PositiveInt = Field(description="number of cells [1], Table 2")
    sign: Sign = Field(description="effect of its spikes on targets [-], Methods")
    neuron: NeuronParameters | None = Field(default=None, description="None: mitral cells [-], Table 1")


class ProjectionParameters(Frozen):
    """Connection probability and strength between two populations (Table 2)."""

    source: str = Field(description="presynaptic population [-], Table 2")
    target: str = Field(description="postsynaptic population [-], Table 2")
    probability: Probability = Field(description="connection probability [1], Table 2")
    strength: Strength = Field(description="conductance step per spike and contact [nS], Table 2")
    equalised: bool = Field(default=True, description="reduce the spread of out-degrees [-], Methods")

    @property
    def name(self) -> str:
        """``SOURCE_to_TARGET``, the name in configurations and files."""
        return f"{self.source}_to_{self.target}"


class Preset(Frozen):
    """A published network: its populations and projections."""

    name: str = Field(description="name of the network, e.g. A [-], Table 2")
    populations: tuple[Population, ...] = Field(description="populations [-], Table 2")
    projections: tuple[ProjectionParameters, ...] = Field(description="projections [-], Table 2")
    assemblies: PositiveInt = Field(default=15, description="stored memories [1], Methods")

    @property
    def by_name(self) -> dict[str, Population]:
        """Populations by their name."""
        return {population.name: population for population in self.populations}


EXCITATORY = NeuronParameters(tau_m=85.0, g_rest=1.35, E_rest=-60.0, V_th=-38.0, a=1.0, b=10.0)
INHIBITORY = NeuronParameters(tau_m=50.0, g_rest=0.9, E_rest=-65.0, V_th=-45.0)
SIMPLE = NeuronParameters(
    tau_m=68.0, g_rest=1.1, E_rest=-62.0, V_th=-41.0, tau_a=20.0, a=0.5, b=5.0, tau_exc=10.0, tau_inh=10.0
)

EXCITATORY_OF_THREE = EXCITATORY.model_copy(update={"b": 5.0})
INHIBITORY_OF_THREE = INHIBITORY.model_copy(update={"E_rest": -60.0})

_SIZES = {"OB": 1500, "E": 4000, "I": 1000, "FBI": 500, "FFI": 500}
_ORDER = (("OB", "E"), ("OB", "I"), ("E", "E"), ("E", "I"), ("I", "E"), ("I", "I"))
_ORDER_OF_THREE = (
    ("OB", "E"), ("OB", "FFI"), ("E", "E"), ("E", "FBI"),
    ("FBI", "E"), ("FFI", "E"), ("FBI", "FBI"), ("FFI", "FFI"),
)  # fmt: skip

# Table 2: (probability, strength in pS) in the order of _ORDER.
_TABLE_2: dict[str, tuple[tuple[float, float], ...]] = {
    "A": ((0.02, 128), (0.01, 68), (0.05, 128), (0.04, 68), (0.05, 480), (0.04, 250)),
    "B": ((0.02, 128), (0.01, 66), (0.05, 128), (0.04, 66), (0.05, 450), (0.04, 210)),
    "C": ((0.02, 128), (0.01, 68), (0.05, 108), (0.02, 80), (0.05, 520), (0.02, 310)),
    "D": ((0.03, 95), (0.02, 42), (0.05, 128), (0.04, 58), (0.05, 590), (0.04, 270)),
    "simple": ((0.03, 160), (0.03, 160), (0.025, 370), (0.025, 370), (0.1, 1010), (0.1, 1010)),
}
# The same of the networks with three populations, probabilities in %, in the order of _ORDER_OF_THREE.
_TABLE_OF_THREE: dict[str, tuple[tuple[int, int], ...]] = {
    "A": ((2, 130), (5, 20), (5, 100), (6, 56), (10, 450), (4, 450), (8, 340), (4, 340)),
    "B": ((2, 130), (4, 23), (5, 100), (5, 70), (10, 440), (5, 440), (10, 300), (5, 300)),
    "C": ((2, 131), (5, 20), (5, 100), (5, 61), (10, 490), (5, 490), (10, 300), (5, 300)),
    "D": ((2, 130), (5, 20), (5, 100), (5, 67), (9, 480), (4, 480), (9, 330), (4, 330)),
    "E": ((2, 134), (5, 20), (5, 100), (5, 61), (10, 460), (6, 460), (9, 340), (4, 340)),
}
_THREE = {
    f"dp3_{letter}": tuple((percent / 100, pS) for percent, pS in figures)
    for letter, figures in _TABLE_OF_THREE.items()
}


def two_populations(
    exc: NeuronParameters, inh: NeuronParameters, sizes: Mapping[str, int] = MappingProxyType(_SIZES)
) -> tuple[Population, ...]:
    """Mitral cells, E and I neurons with the published sizes (or the given ones)."""
    return _populations(exc, inh, ("I",), sizes)


def three_populations(sizes: Mapping[str, int] = MappingProxyType(_SIZES)) -> tuple[Population, ...]:
    """Mitral cells, E neurons, and feedback (FBI) and feedforward (FFI) inhibitory neurons."""
    return _populations(EXCITATORY_OF_THREE, INHIBITORY_OF_THREE, ("FBI", "FFI"), sizes)


def _populations(
    exc: NeuronParameters, inh: NeuronParameters, inhibitory: tuple[str, ...], sizes: Mapping[str, int]
) -> tuple[Population, ...]:
    return (
        Population(name="OB", size=sizes["OB"], sign="excitatory"),
        Population(name="E", size=sizes["E"], sign="excitatory", neuron=exc),
        *(Population(name=name, size=sizes[name], sign="inhibitory", neuron=inh) for name in inhibitory),
    )


def _projections(
    order: tuple[tuple[str, str], ...], figures: Sequence[tuple[float, float]], equalised_inputs: bool
) -> tuple[ProjectionParameters, ...]:
    return tuple(
        ProjectionParameters(
            source=source,
            target=target,
            probability=p,
            strength=pS / 1000,
            equalised=source != "OB" or equalised_inputs,
        )
        for (source, target), (p, pS) in zip(order, figures, strict=True)
    )


def _preset(name: str) -> Preset:
    if name in _THREE:
        projections = _projections(_ORDER_OF_THREE, _THREE[name], equalised_inputs=False)
        return Preset(name=name, populations=three_populations(), projections=projections, assemblies=20)
    exc, inh = (SIMPLE, SIMPLE) if name == "simple" else (EXCITATORY, INHIBITORY)
    # *Measured* on the published matrices: C alone has mitral cells with equal numbers of outputs.
    projections = _projections(_ORDER, _TABLE_2[name], equalised_inputs=name == "C")
    return Preset(name=name, populations=two_populations(exc, inh), projections=projections)


PRESETS = MappingProxyType({name: _preset(name) for name in (*_TABLE_2, *_THREE)})
"""Published networks by name: those of Table 2, and dp3_A to dp3_E with two kinds of inhibitory neurons."""
