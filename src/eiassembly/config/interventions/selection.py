"""Which neurons, and when: what several tables of a protocol have in common."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from eiassembly.core.records import Frozen

Cell = Annotated[int, Field(strict=True, ge=0)]
Time = Annotated[float, Field(strict=True)]
Number = Annotated[int, Field(strict=True, ge=1)]
Fraction = Annotated[float, Field(strict=True, gt=0, le=1)]
Windows = tuple[tuple[Time, Time], ...]

_CHOICES = ("ids", "number", "fraction", "assembly")
_PARTS_OF_AN_ASSEMBLY = ({"assembly", "number"}, {"assembly", "fraction"})
_TIMES = ("windows", "around")


class Times(Protocol):
    """When something is done: in windows, or around odors."""

    @property
    def windows(self) -> Windows | None:
        """Windows, ms."""

    @property
    def around(self) -> tuple[float, float] | None:
        """From so long after onset to so long after offset, ms."""

    @property
    def odors(self) -> tuple[int, ...] | None:
        """Around these odors only."""


class Table(Frozen):
    """A table of a protocol; as plain values it has the keys that were given, and defaults."""

    NAME: ClassVar[str] = ""
    """Key of the tables, and name of the module in `model.protocol` that finds out what they mean."""
    SUMMARY: ClassVar[str] = ""
    """What is done."""
    SOURCE: ClassVar[str] = "ours"
    """Where in the papers."""
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What experiments do it, by the name of the example without .toml."""

    @model_serializer(mode="wrap")
    def _what_was_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}


class Selection(Table):
    """Which neurons of a population: one of four choices, or a part of an assembly."""

    population: str = Field(description="whose neurons, e.g. FBI [-], ours")
    ids: tuple[Cell, ...] | None = Field(default=None, description="these neurons [-], ours")
    number: Number | None = Field(default=None, description="so many, drawn at random [1], ours")
    fraction: Fraction | None = Field(default=None, description="this part of all, drawn at random [1], ours")
    assembly: Cell | None = Field(
        default=None,
        description="the members of the assembly of this odor, or some of them (number, fraction) [-], ours",
    )
    seed: Cell = Field(default=1, description="of the random choice [-], ours")

    @model_validator(mode="after")
    def _one_choice(self) -> "Selection":
        given = [key for key in _CHOICES if getattr(self, key) is not None]
        if len(given) != 1 and set(given) not in _PARTS_OF_AN_ASSEMBLY:
            raise ValueError(_not_one_of(_CHOICES, given))
        return self


class Timed(Selection):
    """Which neurons, and when: one of two choices."""

    windows: Windows | None = Field(default=None, description="[start, stop) [ms], ours")
    around: tuple[Time, Time] | None = Field(
        default=None,
        description="from this time after the onset to that after the offset of every odor [ms], ours",
    )
    odors: tuple[Cell, ...] | None = Field(
        default=None, description="around presentations of these odors only [-], ours"
    )

    @model_validator(mode="after")
    def _one_kind_of_times(self) -> "Timed":
        given = [key for key in _TIMES if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(_not_one_of(_TIMES, given))
        check_times(self)
        return self


def _not_one_of(keys: Sequence[str], given: Sequence[str]) -> str:
    found = " and ".join(given) or "none of them"
    return f"{' or '.join(keys)}: expected one of these, found {found}"


def check_times(times: Times) -> None:
    """Raise ValueError unless every window ends after it starts, and odors are named only to be around."""
    if times.odors is not None and times.around is None:
        found = "none" if times.windows is None else "windows"
        raise ValueError(f"odors: expected only together with around, found {found}")
    for start, stop in times.windows or ():
        if not 0 <= start < stop:
            raise ValueError(f"windows: expected 0 <= start < stop, found [{start:g}, {stop:g}]")
