"""Neurons whose spikes reach nobody for a while: inactivation of interneurons in a part of the protocol.

A silenced neuron keeps integrating, spiking and being recorded; what it fires in the window is not sent, as
if its output weights were 0 in the step of the spike (Meissner-Bernard et al., bioRxiv
10.1101/2024.04.09.588702).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from eiassembly.connectivity.streams import Ids, Streams
from eiassembly.connectivity.wiring import Assembly, Wiring
from eiassembly.model.errors import ConfigError
from eiassembly.model.odors import Presentation
from eiassembly.model.parameters import Frozen
from eiassembly.model.steps import in_steps

Cell = Annotated[int, Field(strict=True, ge=0)]
Time = Annotated[float, Field(strict=True)]
Number = Annotated[int, Field(strict=True, ge=1)]

_CHOICES = ("ids", "number", "fraction", "assembly")
_TIMES = ("windows", "around")


class Silence(Frozen):
    """Which neurons are silenced (one of four choices), and when (one of two)."""

    population: str = Field(description="whose neurons, e.g. FBI [-], ours")
    ids: tuple[Cell, ...] | None = Field(default=None, description="these neurons [-], ours")
    number: Number | None = Field(default=None, description="so many, drawn at random [1], ours")
    fraction: Annotated[float, Field(strict=True, gt=0, le=1)] | None = Field(
        default=None, description="this part of all, drawn at random [1], ours"
    )
    assembly: Cell | None = Field(
        default=None, description="the members of the assembly of this odour [-], ours"
    )
    seed: Cell = Field(default=1, description="of the random choice [-], ours")
    windows: tuple[tuple[Time, Time], ...] | None = Field(
        default=None, description="[start, stop) [ms], ours"
    )
    around: tuple[Time, Time] | None = Field(
        default=None,
        description="from this time after the onset to that after the offset of every odour [ms], ours",
    )
    odors: tuple[Cell, ...] | None = Field(
        default=None, description="around presentations of these odours only [-], ours"
    )

    @model_serializer(mode="wrap")
    def _what_was_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}

    @model_validator(mode="after")
    def _one_choice_of_each_kind(self) -> "Silence":
        for keys in (_CHOICES, _TIMES):
            given = [key for key in keys if getattr(self, key) is not None]
            if len(given) != 1:
                found = " and ".join(given) or "none of them"
                raise ValueError(f"{' or '.join(keys)}: expected one of these, found {found}")
        if self.odors is not None and self.around is None:
            raise ValueError("odors: expected only together with around, found windows")
        for start, stop in self.windows or ():
            if not 0 <= start < stop:
                raise ValueError(f"windows: expected 0 <= start < stop, found [{start:g}, {stop:g}]")
        return self


@dataclass(frozen=True, eq=False)
class SilentNeurons:
    """Neurons of a population that are silenced at the same times.

    Parameters
    ----------
    population : str
        Name of the population.
    ids : ndarray of int64, shape (n_neurons,)
        0-based, increasing.
    windows : ndarray of int64, shape (n_windows, 2)
        Silenced are the steps ``first`` < s <= ``last`` (1-based); in order, neither touching nor
        overlapping.
    """

    population: str
    ids: Ids
    windows: Ids

    def silences(self, steps: Ids, ids: Ids) -> NDArray[np.bool_]:
        """Mark spikes of the population that reach nobody."""
        inside = np.searchsorted(self.windows.ravel(), steps) % 2 == 1
        return np.asarray(inside & np.isin(ids, self.ids))


def silent_neurons(
    silences: Sequence[Silence],
    wiring: Wiring,
    presentations: Sequence[Presentation],
    dt: float,
    origin: str,
) -> tuple[SilentNeurons, ...]:
    """Return who is silenced when; a neuron is in one of the groups at most.

    Parameters
    ----------
    silences : sequence of Silence
        What is asked for; windows of a neuron add up.
    wiring : Wiring
        Sizes of the populations and assemblies.
    presentations : sequence of Presentation
        When which odour is presented.
    dt : float
        Time step, ms.
    origin : str
        File with the network, the name used in errors.

    Raises
    ------
    ConfigError
        Names what does not fit the network, the odours or the time step.
    """
    asked: dict[str, list[tuple[NDArray[np.bool_], Ids]]] = {}
    for index, silence in enumerate(silences):
        try:
            chosen, windows = _chosen(silence, wiring), _windows(silence, presentations, dt)
        except ValueError as error:
            raise ConfigError(f"{origin}: silence.{index}.{error}") from error
        asked.setdefault(silence.population, []).append((chosen, windows))
    return tuple(group for name, parts in asked.items() for group in _groups(name, parts))


def _chosen(silence: Silence, wiring: Wiring) -> NDArray[np.bool_]:
    """Mark the neurons of the population, shape (n_neurons,)."""
    sizes = {p.name: p.size for p in wiring.populations if p.neuron is not None}
    if silence.population not in sizes:
        raise ValueError(f"population: expected one of {', '.join(sizes)}, found {silence.population}")
    size = sizes[silence.population]
    chosen = np.zeros(size, bool)
    if silence.ids is not None:
        ids = np.array(silence.ids, np.int64)
        if ids.max(initial=0) >= size:
            raise ValueError(f"ids: expected at most {size - 1} in {silence.population}, found {ids.max()}")
    elif silence.assembly is not None:
        ids = _assembly_of(silence.assembly, wiring.assemblies).of(silence.population)
    else:
        number = silence.number or round((silence.fraction or 0) * size)
        if number > size:
            raise ValueError(f"number: expected at most {size} of {silence.population}, found {number}")
        ids = np.argsort(Streams(silence.seed, f"silence {silence.population}").word(np.arange(size)))[
            :number
        ]
    chosen[ids] = True
    return chosen


def _assembly_of(odor: int, assemblies: Sequence[Assembly]) -> Assembly:
    for assembly in assemblies:
        if assembly.odor == odor:
            return assembly
    raise ValueError(f"assembly: expected an odor with an assembly, found {odor}")


def _windows(silence: Silence, presentations: Sequence[Presentation], dt: float) -> Ids:
    """Windows in steps, shape (n_windows, 2), in any order."""
    key = "windows" if silence.windows is not None else "around"
    times = silence.windows if silence.windows is not None else tuple(_around(silence, presentations))
    try:
        steps = [[in_steps(max(start, 0.0), dt), in_steps(stop, dt)] for start, stop in times]
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    return np.array([window for window in steps if window[0] < window[1]], np.int64).reshape(-1, 2)


def _around(silence: Silence, presentations: Sequence[Presentation]) -> Iterator[tuple[float, float]]:
    after_onset, after_offset = silence.around or (0.0, 0.0)
    for p in presentations:
        if silence.odors is None or p.odor in silence.odors:
            yield p.onset + after_onset, p.offset + after_offset


def _groups(population: str, parts: Sequence[tuple[NDArray[np.bool_], Ids]]) -> Iterator[SilentNeurons]:
    """Neurons that were chosen by the same parts have the same windows."""
    chosen = np.stack([marked for marked, _ in parts])
    patterns, which = np.unique(chosen, axis=1, return_inverse=True)
    for k, pattern in enumerate(patterns.T):
        windows = [windows for (_, windows), is_in in zip(parts, pattern, strict=True) if is_in]
        if windows and len(united := _united(np.concatenate(windows))):
            yield SilentNeurons(population, np.flatnonzero(which.ravel() == k), united)


def _united(windows: Ids) -> Ids:
    """Windows that overlap or touch become one."""
    windows = windows[np.argsort(windows[:, 0], kind="stable")]
    ends = np.maximum.accumulate(windows[:, 1])
    starts_anew = np.concatenate(([True], windows[1:, 0] > ends[:-1]))[: len(windows)]
    first = np.flatnonzero(starts_anew)
    last = np.concatenate((first[1:], [len(windows)]))[: len(first)] - 1
    return np.stack([windows[first, 0], ends[last]], axis=1)
