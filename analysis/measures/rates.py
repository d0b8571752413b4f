"""Spike counts and rates of many cells in many windows."""

from collections.abc import Sequence

import numpy as np

from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.grid import Window


def counts(spikes: SpikeSource, windows: Sequence[Window]) -> Ids:
    """Spikes of every cell in every window, shape (n_windows, n_cells)."""
    per_window = [
        np.bincount(spikes.between(window.first, window.last)[1], minlength=spikes.n_cells)
        for window in windows
    ]
    return np.array(per_window, np.int64).reshape(len(windows), spikes.n_cells)


def rates(spikes: SpikeSource, windows: Sequence[Window]) -> Floats:
    """Rate of every cell in every window, Hz, shape (n_windows, n_cells)."""
    found = np.empty((len(windows), spikes.n_cells))
    for row, window in enumerate(windows):
        counted = np.bincount(spikes.between(window.first, window.last)[1], minlength=spikes.n_cells)
        found[row] = counted / (window.duration / 1000)
    return found


def mean_rates(spikes: SpikeSource, windows: Sequence[Window]) -> Floats:
    """Mean rate per cell in every window, Hz, shape (n_windows,)."""
    numbers = [len(spikes.between(window.first, window.last)[0]) for window in windows]
    seconds = np.array([window.duration for window in windows]) / 1000
    return np.asarray(np.array(numbers) / (spikes.n_cells * seconds))


def binned_counts(spikes: SpikeSource, dt: float, start: float, width: float, n_bins: int) -> Ids:
    """Spikes of every cell in successive bins, shape (n_bins, n_cells).

    Parameters
    ----------
    spikes : SpikeSource
        Spikes of the population; only those of the bins are asked for.
    dt : float
        Time step, ms.
    start, width : float
        Bins are start < t <= start + width and so on, ms.
    n_bins : int
        How many.
    """
    first, per_bin = round(start / dt), round(width / dt)
    steps, ids = spikes.between(first, first + n_bins * per_bin)
    places = (steps - first - 1) // per_bin * spikes.n_cells + ids
    flat = np.bincount(places, minlength=n_bins * spikes.n_cells)
    return flat.reshape(n_bins, spikes.n_cells)


def time_course(
    spikes: SpikeSource, dt: float, start: float, stop: float, width: float, cells: Ids | None = None
) -> Floats:
    """Mean rate per cell in successive bins.

    Parameters
    ----------
    spikes : SpikeSource
        Spikes of the population.
    dt : float
        Time step, ms.
    start, stop, width : float
        Bins are start < t <= start + width and so on up to ``stop``, ms.
    cells : ndarray of int64, optional
        Cells to average over; all by default. No cells give NaN.

    Returns
    -------
    ndarray of float64, shape (round((stop - start) / width),)
        Hz.
    """
    first, per_bin, n_bins = round(start / dt), round(width / dt), round((stop - start) / width)
    steps, ids = spikes.between(first, first + n_bins * per_bin)
    if cells is not None:
        chosen = np.zeros(spikes.n_cells, bool)
        chosen[cells] = True
        steps = steps[chosen[ids]]
    n_cells = spikes.n_cells if cells is None else len(cells)
    binned = np.bincount((steps - first - 1) // per_bin, minlength=n_bins)
    return binned / (n_cells * width / 1000) if n_cells else np.full(n_bins, np.nan)
