"""Random subsets of neurons for measures that use few of them; the same ones whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from eiassembly.connectivity.streams import Ids, Streams
from eiassembly.model.errors import EiassemblyError

SIZE = 80
"""Neurons in a draw (Methods)."""
DRAWS = 50
"""Draws for distances and QDA (Methods)."""


def drawn_neurons(pool: Ids, size: int = SIZE, draws: int = DRAWS, seed: int = 0) -> Ids:
    """Draw neurons without replacement, several times.

    Which of two neurons is preferred in a draw depends on the seed, the draw and their ids alone.

    Parameters
    ----------
    pool : ndarray of int64
        Candidates: members of (pseudo-)assemblies, or all neurons.
    size, draws : int
        Neurons in a draw, and number of draws.
    seed : int
        Of the draws.

    Returns
    -------
    ndarray of int64, shape (draws, size)
        Ids, increasing within a draw.

    Raises
    ------
    EiassemblyError
        Fewer candidates than neurons to draw.
    """
    candidates = np.unique(pool)
    if len(candidates) < size:
        raise EiassemblyError(
            f"draws of neurons: expected at least {size} to draw from, found {len(candidates)}"
        )
    # Words of all neurons in the range: runs of successive ids are fast, scattered candidates are not.
    span = np.arange(candidates[0], candidates[-1] + 1)
    streams = Streams(seed, "neurons drawn for analysis")
    keys = [streams.words(span, 1, draw)[candidates - span[0], 0] for draw in range(draws)]
    chosen = [candidates[np.argsort(key, kind="stable")[:size]] for key in keys]
    return np.sort(np.array(chosen, np.int64).reshape(draws, size), axis=1)


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Do linear algebra on one thread inside this block.

    Matrices of 80 neurons are so small that threads cost more than they bring. On a machine that others use
    they wait for each other, and a subspace then takes ten times as long.
    """
    # Imported here: only these measures need scikit-learn, which brings threadpoolctl. Libraries that were
    # loaded later would not be limited.
    import scipy.linalg  # noqa: F401  # loads its BLAS
    import sklearn.cluster  # noqa: F401  # loads its OpenMP
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
