"""The neurons that can be asked for: each is a backend of the simulation."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated

from eiassembly.core.records import one_of


@dataclass(frozen=True)
class Neuron:
    """Where a neuron is implemented.

    Parameters
    ----------
    backend : str
        Module of `model.simulation` that declares ``BACKEND``.
    is_compiled : bool
        Whether it is in our extension module, which has to be compiled.
    """

    backend: str
    is_compiled: bool


NEURONS: Mapping[str, Neuron] = MappingProxyType(
    {"extension": Neuron("exact", is_compiled=True), "nest": Neuron("stock", is_compiled=False)}
)
"""By the name in configurations and options: our exact neuron, and those of NEST."""
NeuronName = Annotated[str, one_of(NEURONS)]
