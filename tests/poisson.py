"""Spike trains whose statistics are known in closed form."""

import numpy as np


def renewal_spikes(rng, n_cells, order, rate, length):
    """Gamma renewal processes: (times [s], ids); ``order`` 1 is Poisson, the CV is order^−½."""
    number = int(rate * length + 10 * np.sqrt(rate * length) + 20)
    intervals = rng.gamma(order, 1 / (order * rate), (n_cells, number))
    # Equilibrium: the first interval has already begun, at an age that long intervals are likelier to cover.
    times = np.cumsum(intervals, axis=1) - 20 / rate
    ids = np.broadcast_to(np.arange(n_cells)[:, None], times.shape)
    inside = (times > 0) & (times <= length)
    return times[inside], ids[inside]
