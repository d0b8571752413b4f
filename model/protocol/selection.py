"""Which neurons, and when: what all tables of a protocol have in common."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from eiassembly.config.interventions.selection import Selection, Times, Windows
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.grid import in_steps
from eiassembly.core.random import Streams
from eiassembly.odors.odors import Presentation


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
        When which odor is presented.
    dt : float
        Time step, ms.

    Raises
    ------
    ValueError
        An odor is not presented, or times are not on the grid; begins with the key.
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
