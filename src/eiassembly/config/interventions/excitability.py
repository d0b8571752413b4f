"""Neurons with a lower resting conductance."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from eiassembly.config.interventions.selection import Timed


class Excitability(Timed):
    """Neurons with a lower resting conductance for a while: a pseudo-assembly that is more excitable."""

    NAME: ClassVar[str] = "excitability"
    SUMMARY: ClassVar[str] = "g_rest is lower for a while"
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "excitability": "a pseudo-assembly with g_rest lowered as its odor is concentrated",
        }
    )

    lowered_by: Annotated[float, Field(strict=True, gt=0, lt=1)] = Field(
        description="part of g_rest that is taken away at concentration 1 [1], ours"
    )
    concentration: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default={}, description="of odors, by their number; of others 1 [1], ours"
    )

    @model_validator(mode="after")
    def _concentrations_of_odors(self) -> "Excitability":
        if self.concentration and self.around is None:
            raise ValueError("concentration: expected only together with around, found windows")
        for odor in self.concentration:
            if not odor.isdecimal():
                raise ValueError(f"concentration.{odor}: expected the number of an odor, found {odor!r}")
        return self
