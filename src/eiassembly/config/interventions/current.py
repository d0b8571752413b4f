"""Currents into neurons."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from eiassembly.config.interventions.selection import Timed

MOST_CURRENT = 500.0
"""pA. All synapses of a neuron together carry up to 540 pA: 9 nS (the largest g_syn) times 60 mV."""


class Current(Timed):
    """A constant current into some neurons (Fig. 3 s1: 28 pA for 500 ms into half of an assembly)."""

    NAME: ClassVar[str] = "current"
    SUMMARY: ClassVar[str] = "a current is injected"
    SOURCE: ClassVar[str] = "Fig. 3 s1"
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "partial_reactivation": "28 pA for 500 ms into half of an assembly at rest (Fig. 3 s1)",
        }
    )

    pA: Annotated[float, Field(strict=True)] = Field(description="current, > 0 depolarises [pA], Fig. 3 s1")

    @model_validator(mode="after")
    def _within_reason(self) -> "Current":
        if self.pA == 0 or abs(self.pA) > MOST_CURRENT:
            raise ValueError(
                f"pA: expected at most {MOST_CURRENT:g} either way, and not 0 (published: 28; all synapses "
                f"of a neuron together carry up to 540), found {self.pA:g}"
            )
        return self
