"""Displaced states."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from eiassembly.config.interventions.selection import Selection, Time

MOST_DISPLACEMENT = 20.0
"""mV (V_m) and as many pA (z) and nS (g): from rest to threshold it is 20 to 22 mV."""


class Displace(Selection):
    """States that are displaced at one moment: twins, or a trial with another initial state."""

    NAME: ClassVar[str] = "displace"
    SUMMARY: ClassVar[str] = "states are displaced at one moment"
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "state_twins": "all states displaced at one moment",
            "initial_state": "the same input, another initial state",
        }
    )

    at: Annotated[float, Field(strict=True, ge=0)] = Field(
        default=0.0, description="after the step that ends then [ms], ours"
    )
    draw: Literal["normal", "same"] = Field(
        default="normal", description="normally distributed with this SD, or the same for all [-], ours"
    )
    V_m: Time | None = Field(default=None, description="membrane potential [mV], ours")
    z: Time | None = Field(default=None, description="adaptation [pA], ours")
    g: Time | None = Field(
        default=None, description="every conductance that has acted in that step; stays >= 0 [nS], ours"
    )

    @model_validator(mode="after")
    def _something_within_reason(self) -> "Displace":
        given = {key: getattr(self, key) for key in ("V_m", "z", "g") if getattr(self, key) is not None}
        if not given:
            raise ValueError("V_m or z or g: expected at least one of these, found none of them")
        for key, value in given.items():
            if abs(value) > MOST_DISPLACEMENT:
                raise ValueError(
                    f"{key}: expected at most {MOST_DISPLACEMENT:g} either way (threshold is 20 mV away), "
                    f"found {value:g}"
                )
        return self
