"""Responses to an odor subspace as a network without recurrence would give them: Poisson counts."""

import numpy as np

from eiassembly.analysis.measures.subspace.geometry import Subspace

CORNERS = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
MEMBERS = 100


def shares(places):
    """Share of every pure odor in the mixtures, shape (n_places, 4): bilinear between the corners."""
    return np.prod(1 - np.abs(places[:, None, :] - CORNERS), axis=2)


def poisson_subspace(rng, side=11, n_trajectories=8, n_cells=4000, boost=6.0) -> Subspace:
    """Members of the assembly of each corner fire up to ``boost`` Hz above 1 Hz, others drift with place."""
    steps = np.arange(side) / (side - 1)
    square = np.array([(x, y) for x in steps for y in steps])
    places = np.concatenate([square[rng.permutation(len(square))] for _ in range(n_trajectories)])
    weights = shares(places)
    base = rng.gamma(0.5, 2.0, (4, n_cells))
    for corner in range(2):
        base[corner, corner * MEMBERS : (corner + 1) * MEMBERS] += boost
    expected = (weights @ base + 0.2)[:, None, :] / 2  # spikes in half a second
    return Subspace(
        halves=2.0 * rng.poisson(np.broadcast_to(expected, (len(places), 2, n_cells))),
        places=places,
        pure=CORNERS,
        odors=(0, 1, 3, 2),
        is_learned=np.array([True, True, False, False]),
        labels=np.argmax(weights, axis=1),
        is_training=weights.max(axis=1) > 0.5,
        concentrations=weights,
    )
