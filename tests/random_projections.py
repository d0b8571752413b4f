"""Small random projections, also with empty rows and multiple contacts."""

import numpy as np

from eiassembly.connectivity.wiring import Projection


def random_projection(
    seed, n_sources=30, n_targets=40, density=0.3, most=1, source="E", target="E", **changes
):
    """A projection whose entries are independent of each other."""
    rng = np.random.default_rng(seed)
    dense = (rng.random((n_targets, n_sources)) < density) * rng.integers(1, most + 1, (n_targets, n_sources))
    _, columns = np.nonzero(dense)
    fields = {
        "source": source,
        "target": target,
        "strength": 0.1,
        "n_sources": n_sources,
        "offsets": np.concatenate(([0], np.cumsum((dense > 0).sum(axis=1)))),
        "sources": columns.astype(np.int32),
        "multiplicity": dense[dense > 0].astype(np.uint8),
    }
    return Projection(**(fields | changes))


def part(projection, targets):
    """The slice of a projection."""
    rows = projection.matrix()[targets]
    start, _, step = targets.indices(projection.n_targets)
    return Projection(
        projection.source, projection.target, projection.strength, projection.n_sources,
        rows.indptr.astype(np.int64), rows.indices.astype(np.int32), rows.data.astype(np.uint8), start, step,
    )  # fmt: skip
