"""How fast small differences between two copies of a network grow, against their size.

The size of a difference is the root mean square over all neurons of ΔV and Δz/g_rest, in mV. Benettin's
method (Benettin et al. 1980): the copy is set back to the size it had after every interval. On a time grid a
difference that is too small to move any spike by a step only decays with the membranes: so several sizes are
looked at, and the smallest thing that can happen to a network, an added spike.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from eiassembly.core.arrays import Floats
from eiassembly.model.state.snapshot import COLUMNS, Snapshot

Advance = Callable[[Snapshot, int], Snapshot]
"""Takes a snapshot so many steps further."""

_V, _Z = COLUMNS.index("V_m"), COLUMNS.index("z")
_COUNTER = COLUMNS.index("refractory_steps")


@dataclass(frozen=True)
class Sampling:
    """How growth is measured.

    Parameters
    ----------
    sizes : tuple of float
        Sizes that differences are set back to, mV.
    interval : int
        Steps after which they are.
    n_intervals : int
        Intervals that count.
    n_discarded : int
        Intervals before these, in which the difference turns to what grows.
    n_spikes : int
        Neurons of which an added spike is followed.
    n_followed, apart : int
        How often its distance is taken, every so many steps.
    seed : int
        Of the first difference and of the neurons.
    """

    sizes: tuple[float, ...]
    interval: int
    n_intervals: int
    n_discarded: int
    n_spikes: int
    n_followed: int
    apart: int
    seed: int


@dataclass(frozen=True, eq=False)
class DifferenceGrowth:
    """What became of small differences from some moment on.

    Parameters
    ----------
    rates : ndarray of float64, shape (n_sizes, n_intervals)
        ln(d / size) per interval; minus infinity if the copies became identical.
    distances : ndarray of float64, shape (n_spikes, n_followed)
        Distance to a copy with an added spike, ``apart`` steps from each other, mV.
    end : Snapshot
        Of the undisturbed network.
    """

    rates: Floats
    distances: Floats
    end: Snapshot


def distance(one: Snapshot, other: Snapshot, g_rest: Mapping[str, float]) -> float:
    """Size of the difference of two states.

    Parameters
    ----------
    one, other : Snapshot
        Of the same network.
    g_rest : mapping of str to float
        Resting conductance by population, nS.

    Returns
    -------
    float
        Root mean square over all neurons of ΔV and Δz/g_rest, √(mean(ΔV² + (Δz/g_rest)²)), mV.
    """
    squares, number = 0.0, 0
    for name, rows in one.states.items():
        difference = other.states[name] - rows
        squares += float(np.sum(difference[:, _V] ** 2) + np.sum((difference[:, _Z] / g_rest[name]) ** 2))
        number += len(rows)
    return math.sqrt(squares / number)


def displaced_by(start: Snapshot, size: float, random: np.random.Generator) -> Snapshot:
    """Return a copy at a distance of ``size`` mV: independent normal displacements of all potentials."""
    drawn = {name: random.standard_normal(len(rows)) for name, rows in start.states.items()}
    every = np.concatenate(list(drawn.values()))
    scale = size / math.sqrt(float(np.mean(every**2)))
    states = {name: rows.copy() for name, rows in start.states.items()}
    for name, values in drawn.items():
        states[name][:, _V] += scale * values
    return Snapshot(start.step, states, start.trains)


def set_back(one: Snapshot, other: Snapshot, factor: float) -> Snapshot:
    """Return ``one`` plus ``factor`` times the difference of ``other`` from it, in all that is continuous.

    Refractory neurons, and spikes on their way, are those of ``one``; conductances stay >= 0.
    """
    states = {}
    for name, rows in one.states.items():
        states[name] = rows + factor * (other.states[name] - rows)
        states[name][:, _COUNTER] = rows[:, _COUNTER]
        states[name][:, len(COLUMNS) :] = np.maximum(states[name][:, len(COLUMNS) :], 0.0)
    return Snapshot(one.step, states, one.trains)


def with_spike(start: Snapshot, population: str, neuron: int) -> Snapshot:
    """Return a copy with a spike added to those of a neuron in the last step; it notices nothing itself."""
    steps, ids = start.trains[population]
    train = np.append(steps, start.step), np.append(ids, neuron)
    return Snapshot(start.step, start.states, {**start.trains, population: train})


def growth(
    advance: Advance,
    start: Snapshot,
    population: str,
    g_rest: Mapping[str, float],
    sampling: Sampling,
) -> DifferenceGrowth:
    """Measure growth from a moment on.

    Parameters
    ----------
    advance : callable
        Takes a snapshot so many steps further.
    start : Snapshot
        The moment.
    population : str
        Whose spikes there is one more of.
    g_rest : mapping of str to float
        Resting conductance by population, nS.
    sampling : Sampling
        How it is measured.
    """
    distances = spike_distances(advance, start, population, g_rest, sampling)
    random = np.random.default_rng(sampling.seed)
    sizes = sampling.sizes
    one, others = start, [displaced_by(start, size, random) for size in sizes]
    rates = np.empty((sampling.n_discarded + sampling.n_intervals, len(sizes)))
    for row in rates:
        one = advance(one, sampling.interval)
        for k, (size, other) in enumerate(zip(sizes, others, strict=True)):
            later = advance(other, sampling.interval)
            apart = distance(one, later, g_rest)
            row[k] = math.log(apart / size) if apart else -math.inf
            others[k] = set_back(one, later, size / apart) if apart else displaced_by(one, size, random)
    return DifferenceGrowth(rates[sampling.n_discarded :].T.copy(), distances, one)


def spike_distances(
    advance: Advance, start: Snapshot, population: str, g_rest: Mapping[str, float], sampling: Sampling
) -> Floats:
    """Distances to copies with an added spike.

    Parameters
    ----------
    advance : callable
        Takes a snapshot so many steps further.
    start : Snapshot
        Where they part.
    population : str
        Whose spike; of which neurons is drawn at random.
    g_rest : mapping of str to float
        Resting conductance by population, nS.
    sampling : Sampling
        How many neurons, how often and for how long.

    Returns
    -------
    ndarray of float64, shape (n_spikes, n_followed)
        mV.
    """
    random = np.random.default_rng([sampling.seed, 1])
    chosen = random.choice(len(start.states[population]), sampling.n_spikes, replace=False)
    one, others = start, [with_spike(start, population, int(neuron)) for neuron in chosen]
    found = np.empty((sampling.n_spikes, sampling.n_followed))
    for column in found.T:
        one = advance(one, sampling.apart)
        others = [advance(other, sampling.apart) for other in others]
        column[:] = [distance(one, other, g_rest) for other in others]
    return found


def are_identical(one: Snapshot, other: Snapshot) -> bool:
    """Whether two states are the same to the last bit."""
    return all(np.array_equal(rows, other.states[name]) for name, rows in one.states.items())
