"""Neurons whose spikes reach nobody for a while: inactivation of interneurons in a part of the protocol.

A silenced neuron keeps integrating, spiking and being recorded; what it fires in the window is not sent, as
if its output weights were 0 in the step of the spike (Meissner-Bernard et al., bioRxiv
10.1101/2024.04.09.588702).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.interventions import Silence
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError
from eiassembly.core.toml import Origin, located
from eiassembly.model.protocol.selection import chosen_ids, size_of, windows_of
from eiassembly.odors.odors import Presentation


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
    origin: Origin,
) -> tuple[SilentNeurons, ...]:
    """Return who is silenced when; a neuron is in one of the groups at most.

    Parameters
    ----------
    silences : sequence of Silence
        What is asked for; windows of a neuron add up.
    wiring : Wiring
        Sizes of the populations and assemblies.
    presentations : sequence of Presentation
        When which odor is presented.
    dt : float
        Time step, ms.
    origin : str or TomlText
        Where this comes from, for errors.

    Raises
    ------
    ConfigError
        Names what does not fit the network, the odors or the time step.
    """
    asked: dict[str, list[tuple[NDArray[np.bool_], Ids]]] = {}
    for index, silence in enumerate(silences):
        try:
            chosen, windows = _chosen(silence, wiring), windows_of(silence, presentations, dt)
        except ValueError as error:
            raise ConfigError(located(origin, f"silence.{index}.{error}")) from error
        asked.setdefault(silence.population, []).append((chosen, windows))
    return tuple(group for name, parts in asked.items() for group in _groups(name, parts))


def _chosen(silence: Silence, wiring: Wiring) -> NDArray[np.bool_]:
    """Mark the neurons of the population, shape (n_neurons,)."""
    chosen = np.zeros(size_of(silence.population, wiring), bool)
    chosen[chosen_ids(silence, wiring, "silence")] = True
    return chosen


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
