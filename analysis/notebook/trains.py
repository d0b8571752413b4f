"""Spike times cell by cell, as other packages want them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.arrays import Floats
from eiassembly.core.errors import ConfigError


def chosen_population(recording: Recording, name: str | None) -> str:
    """Return the name of a population of neurons or of the input; by default the excitatory one.

    Raises
    ------
    ConfigError
        There is none of this name.
    """
    if name is None:
        return recording.population_names.excitatory
    names = [population.name for population in recording.wiring.populations]
    if name not in names:
        raise ConfigError(f"{recording.path}: population: expected one of {', '.join(names)}, found {name}")
    return name


def spike_times(recording: Recording, population: str) -> tuple[Floats, ...]:
    """Spike times of every cell of a population, silent ones too.

    Returns
    -------
    tuple of ndarray of float64, shape (n_spikes,)
        By cell; ms, non-decreasing, none later than the recording.
    """
    source = recording.source(population)
    steps, ids = source.between(0, recording.n_steps)
    order = np.argsort(ids, kind="stable")
    ends = np.cumsum(np.bincount(ids, minlength=source.n_cells))
    return tuple(np.split(times_of(recording, steps[order]), ends[:-1]))


def times_of(recording: Recording, steps: NDArray[np.int64]) -> Floats:
    """Convert steps to ms; rounding leads none beyond the end of the recording."""
    return np.asarray(np.minimum(steps * recording.dt, recording.duration))


def assemblies_by_cell(recording: Recording, population: str) -> Sequence[Sequence[int]]:
    """Odors of the assemblies that every cell of a population is a member of, in the order of storing."""
    found: list[list[int]] = [[] for _ in range(recording.source(population).n_cells)]
    for assembly in recording.wiring.assemblies:
        for cell in assembly.of(population).tolist():
            found[cell].append(assembly.odor)
    return found


def first_assembly(recording: Recording, population: str) -> NDArray[np.int64]:
    """Odor of the first stored assembly of every cell, −1 for members of none, shape (n_cells,)."""
    found = (odors[0] if odors else -1 for odors in assemblies_by_cell(recording, population))
    return np.fromiter(found, np.int64)
