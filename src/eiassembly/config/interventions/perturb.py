"""An added or removed spike."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from eiassembly.config.interventions.selection import Cell, Table


class Perturb(Table):
    """An added or removed spike.

    An E or I neuron: the first spike at or after a time that would reach its targets does not (the neuron
    fires, is reset and recorded as ever), or one more reaches them at that time (the neuron notices nothing,
    it is not recorded). A mitral cell: its train is changed.
    """

    NAME: ClassVar[str] = "perturb"
    SUMMARY: ClassVar[str] = "one spike less, or one more"
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "spike_twins": "one spike of one neuron removed or added",
        }
    )

    population: str = Field(description="whose neuron, e.g. E or OB [-], ours")
    id: Cell = Field(description="the neuron [-], ours")
    at: Annotated[float, Field(strict=True, gt=0)] = Field(description="time [ms], ours")
    change: Literal["remove", "add"] = Field(
        default="remove", description="first spike at or after the time, or one more at it [-], ours"
    )
