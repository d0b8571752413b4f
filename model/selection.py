"""Which neurons, and when: what all tables of a protocol have in common."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Protocol

import numpy as np
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from eiassembly.connectivity.streams import Ids, Streams
from eiassembly.connectivity.wiring import Assembly, Wiring
from eiassembly.model.odors import Presentation
from eiassembly.model.parameters import Frozen
from eiassembly.model.steps import in_steps

Cell = Annotated[int, Field(strict=True, ge=0)]
Time = Annotated[float, Field(strict=True)]
Number = Annotated[int, Field(strict=True, ge=1)]
Fraction = Annotated[float, Field(strict=True, gt=0, le=1)]
Windows = tuple[tuple[Time, Time], ...]

_CHOICES = ("ids", "number", "fraction", "assembly")
_PARTS_OF_AN_ASSEMBLY = ({"assembly", "number"}, {"assembly", "fraction"})
_TIMES = ("windows", "around")


class Times(Protocol):
    """When something is done: in windows, or around odours."""

    @property
    def windows(self) -> Windows | None:
        """Windows, ms."""

    @property
    def around(self) -> tuple[float, float] | None:
        """From so long after onset to so long after offset, ms."""

    @property
    def odors(self) -> tuple[int, ...] | None:
        """Around these odours only."""


class Table(Frozen):
    """A table of a protocol; as plain values it has the keys that were given, and defaults."""

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
        description="the members of the assembly of this odour, or some of them (number, fraction) [-], ours",
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
        description="from this time after the onset to that after the offset of every odour [ms], ours",
    )
    odors: tuple[Cell, ...] | None = Field(
        default=None, description="around presentations of these odours only [-], ours"
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
    """Raise ValueError unless every window ends after it starts, and odours are named only to be around."""
    if times.odors is not None and times.around is None:
        found = "none" if times.windows is None else "windows"
        raise ValueError(f"odors: expected only together with around, found {found}")
    for start, stop in times.windows or ():
        if not 0 <= start < stop:
            raise ValueError(f"windows: expected 0 <= start < stop, found [{start:g}, {stop:g}]")


def check_apart(windows: Ids, dt: float, key: str) -> None:
    """Raise ValueError if windows (in steps) overlap: nobody can tell what is meant then."""
    ordered = windows[np.argsort(windows[:, 0], kind="stable")]
    for before, after in pairwise(ordered):
        if after[0] < before[1]:
            found = " and ".join(f"[{start * dt:g}, {stop * dt:g}]" for start, stop in (before, after))
            raise ValueError(f"{key}: expected windows that do not overlap, found {found}")


def size_of(population: str, wiring: Wiring) -> int:
    """Return how many neurons a population has; ValueError if there is no such population of neurons."""
    sizes = {p.name: p.size for p in wiring.populations if p.neuron is not None}
    if population not in sizes:
        raise ValueError(f"population: expected one of {', '.join(sizes)}, found {population}")
    return sizes[population]


def chosen_ids(selection: Selection, wiring: Wiring, purpose: str) -> Ids:
    """Return the neurons that are meant, increasing; random ones belong to seed, purpose and population.

    Parameters
    ----------
    selection : Selection
        What is asked for.
    wiring : Wiring
        Sizes of the populations and assemblies.
    purpose : str
        Of the draw: different ones draw independently.

    Raises
    ------
    ValueError
        It does not fit the network; begins with the key.
    """
    size = size_of(selection.population, wiring)
    if selection.ids is not None:
        ids = np.array(selection.ids, np.int64)
        if ids.max(initial=0) >= size:
            raise ValueError(f"ids: expected at most {size - 1} in {selection.population}, found {ids.max()}")
        return np.unique(ids)
    among = np.arange(size)
    if selection.assembly is not None:
        among = _assembly_of(selection.assembly, wiring.assemblies).of(selection.population)
    if selection.number is None and selection.fraction is None:
        return np.unique(among)
    number = selection.number or round((selection.fraction or 0) * len(among))
    if number > len(among):
        of = f"{len(among)} of {selection.population}"
        raise ValueError(f"number: expected at most {of}, found {number}")
    words = Streams(selection.seed, f"{purpose} {selection.population}").word(among)
    return np.sort(among[np.argsort(words)[:number]])


def _assembly_of(odor: int, assemblies: Sequence[Assembly]) -> Assembly:
    for assembly in assemblies:
        if assembly.odor == odor:
            return assembly
    raise ValueError(f"assembly: expected an odor with an assembly, found {odor}")


def windows_of(timed: Times, presentations: Sequence[Presentation], dt: float) -> Ids:
    """Return the windows in steps, shape (n_windows, 2): ``first`` < s <= ``last``; in any order.

    Parameters
    ----------
    timed : Times
        What is asked for.
    presentations : sequence of Presentation
        When which odour is presented.
    dt : float
        Time step, ms.

    Raises
    ------
    ValueError
        An odour is not presented, or times are not on the grid; begins with the key.
    """
    key = "windows" if timed.windows is not None else "around"
    times = timed.windows if timed.windows is not None else tuple(_around(timed, presentations))
    return windows_in_steps(times, dt, key)


def windows_in_steps(times: Windows, dt: float, key: str = "windows") -> Ids:
    """Return windows [ms] in steps; ValueError, beginning with the key, if they are not on the grid."""
    try:
        steps = [[in_steps(max(start, 0.0), dt), in_steps(stop, dt)] for start, stop in times]
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    return np.array([window for window in steps if window[0] < window[1]], np.int64).reshape(-1, 2)


def _around(timed: Times, presentations: Sequence[Presentation]) -> Iterator[tuple[float, float]]:
    after_onset, after_offset = timed.around or (0.0, 0.0)
    shown = {p.odor for p in presentations}
    for odor in timed.odors or ():
        if odor not in shown:
            raise ValueError(f"odors: expected odors that are presented, found {odor}")
    for p in presentations:
        if timed.odors is None or p.odor in timed.odors:
            yield p.onset + after_onset, p.offset + after_offset
