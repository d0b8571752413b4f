"""Conductances computed from spikes and wiring: synapses are linear, so nothing needs to be recorded.

In the scheme of the model a spike at step s (1-based) through a connection with a delay of d steps adds
w·exp(−(k − k0)·dt/τ) to the conductance at the end of every step k >= k0 = s + d − 1. Everything here is this
sum, on the grid of the simulation, not its continuous limit; so it equals what a recorder would have seen.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.config.parameters import NeuronParameters
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.arrays import Floats
from eiassembly.core.grid import Window

_AT_ONCE = 1 << 23
"""Filtered spike trains (cells × windows) that are in memory at once: 64 MiB."""
_MEMORY = 100.0
"""Time constants after which a spike is forgotten: exp(−100) is far below the precision of a double."""


def time_constant(wiring: Wiring, projection: Projection) -> float:
    """Time constant of the conductance of a projection, ms.

    Raises
    ------
    ValueError
        The target is a source of given spikes.
    """
    sign = wiring.population(projection.source).sign
    return neuron_of(wiring, projection.target).tau_syn(sign)


def neuron_of(wiring: Wiring, name: str) -> NeuronParameters:
    """Neuron parameters of a simulated population.

    Raises
    ------
    ValueError
        The population is a source of given spikes.
    """
    neuron = wiring.population(name).neuron
    if neuron is None:
        raise ValueError(f"population {name} is a source of given spikes: it has no neurons")
    return neuron


def filtered_means(
    spikes: SpikeSource, windows: Sequence[Window], steps_tau: float, delay: int = 1, every: int = 1
) -> Floats:
    """Mean over a window of each cell's spike train, filtered by an exponential of height 1.

    The mean is taken over the steps ``first + every``, ``first + 2·every``, … up to ``last``; the
    contribution of a spike is a finite geometric series and needs no loop over steps.

    Parameters
    ----------
    spikes : SpikeSource
        Spikes of the source population.
    windows : sequence of Window
        Their lengths in steps are at least ``every``.
    steps_tau : float
        Time constant in units of the time step.
    delay : int
        Transmission delay in steps.
    every : int
        Distance of the sampled steps.

    Returns
    -------
    ndarray of float64, shape (n_cells, n_windows)
    """
    means = [_filtered_mean(spikes, window, steps_tau, delay, every) for window in windows]
    return np.stack(means, axis=1) if means else np.empty((spikes.n_cells, 0))


def _filtered_mean(spikes: SpikeSource, window: Window, steps_tau: float, delay: int, every: int) -> Floats:
    n_samples = (window.last - window.first) // every
    shift = delay - 1
    forgotten = window.first - shift - int(_MEMORY * steps_tau) - 1
    steps, ids = spikes.between(forgotten, window.last - shift)
    since_first = steps + shift - window.first
    sample = np.maximum(-(-since_first // every), 1)
    age = sample * every - since_first
    series = np.expm1(-(n_samples - sample + 1) * every / steps_tau) / np.expm1(-every / steps_tau)
    contribution = np.exp(-age / steps_tau) * series
    return np.bincount(ids, weights=contribution, minlength=spikes.n_cells) / n_samples


def mean_conductances(
    run: Run, target: str, windows: Sequence[Window], every: int = 1
) -> Mapping[str, Floats]:
    """Mean conductance of every cell of a population in every window, by source population.

    Parameters
    ----------
    run : Run
        A run.
    target : str
        Population whose conductances are wanted.
    windows : sequence of Window
        Windows.
    every : int
        Distance of the sampled steps (see `filtered_means`).

    Returns
    -------
    mapping of str to ndarray of float64, shape (n_windows, n_targets)
        nS.
    """
    means = {}
    for projection in run.wiring.inputs(target):
        of_source = np.empty((len(windows), projection.n_targets))
        for rows, filtered in _filtered(run, projection, windows, every):
            of_source[rows] = projected_means(projection, filtered)
        means[projection.source] = of_source
    return means


def mean_conductances_of_mean_cell(
    run: Run, target: str, windows: Sequence[Window], every: int = 1
) -> Mapping[str, Floats]:
    """Mean over the cells of `mean_conductances`, without computing it cell by cell.

    Returns
    -------
    mapping of str to ndarray of float64, shape (n_windows,)
        nS.
    """
    means = {}
    for projection in run.wiring.inputs(target):
        weights = mean_weights(projection)
        parts = [weights @ filtered for _, filtered in _filtered(run, projection, windows, every)]
        means[projection.source] = np.concatenate([np.empty(0), *parts])
    return means


def _filtered(
    run: Run, projection: Projection, windows: Sequence[Window], every: int
) -> Iterator[tuple[slice, Floats]]:
    """Filter the spike trains of the sources of a projection, as many windows at a time as fit in memory."""
    spikes, steps_tau = run.transmitted[projection.source], time_constant(run.wiring, projection) / run.dt
    at_once = max(1, _AT_ONCE // projection.n_sources)
    for start in range(0, len(windows), at_once):
        rows = slice(start, start + at_once)
        yield rows, filtered_means(spikes, windows[rows], steps_tau, run.delay_steps, every)


def mean_weights(projection: Projection) -> Floats:
    """Conductance steps [nS] of all sources in the mean target, shape (n_sources,)."""
    return np.asarray(projection.strength * projection.out_degree() / projection.n_targets)


def projected_means(projection: Projection, filtered: Floats) -> Floats:
    """Conductances [nS] (n_windows, n_targets) from filtered sources (n_sources, n_windows)."""
    means = np.empty((filtered.shape[1], projection.n_targets))
    for rows, part in projection.blocks():  # the product needs 12 bytes per entry besides the wiring
        means[:, rows] = (part.matrix() @ filtered).T
    means *= projection.strength
    return means
