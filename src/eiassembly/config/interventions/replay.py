"""Spikes of another run."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import Field, PositiveFloat, model_validator

from eiassembly.config.interventions.selection import Cell, Table, Time, Windows, check_times


class Replay(Table):
    """Spikes of another run in place of those that a population fires (decoupled inhibition)."""

    NAME: ClassVar[str] = "replay"
    SUMMARY: ClassVar[str] = "recorded spikes of another run take the place of those that are fired"
    SOURCE: ClassVar[str] = "Methods"
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "shuffled_inhibition": "recorded inhibition at shuffled times in place of the live one",
        }
    )

    population: str = Field(description="all its neurons, e.g. I [-], ours")
    run: str = Field(
        min_length=1,
        description="RUN.h5 with the spikes, from where it is run or from the new RUN.h5 [-], ours",
    )
    shuffle: Literal["none", "times", "ids", "trains", "jitter"] = Field(
        default="none",
        description="nothing; a new time for every spike; a new neuron for every spike; a new neuron for "
        "every train; a new time nearby for every spike [-], Methods do not say more than shuffled",
    )
    jitter: PositiveFloat | None = Field(default=None, description="greatest shift of a time [ms], ours")
    seed: Cell = Field(default=1, description="of the shuffling [-], ours")
    windows: Windows | None = Field(
        default=None, description="[start, stop), shuffled within each; default: the whole run [ms], ours"
    )
    around: tuple[Time, Time] | None = Field(
        default=None,
        description="from this time after the onset to that after the offset of every odor [ms], ours",
    )
    odors: tuple[Cell, ...] | None = Field(
        default=None, description="around presentations of these odors only [-], ours"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Replay":
        if self.windows is not None and self.around is not None:
            raise ValueError("windows or around: expected at most one of these, found windows and around")
        if (self.shuffle == "jitter") != (self.jitter is not None):
            found = "none" if self.jitter is None else f"it with shuffle = {self.shuffle!r}"
            raise ValueError(f"jitter: expected with shuffle = 'jitter' and only there, found {found}")
        check_times(self)
        return self
