"""Random subsets of neurons for measures that use few of them; the same ones whoever asks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from eiassembly.analysis.runs.identity import network_config
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.connectivity.memories.members import strongest_receivers
from eiassembly.core.arrays import Ids
from eiassembly.core.communicator import Serial
from eiassembly.core.errors import EiassemblyError
from eiassembly.core.random import Streams

SUBSAMPLE_SIZE = 80
"""Neurons in a subsample (Methods)."""
N_SUBSAMPLES = 50
"""Draws for distances and QDA (Methods)."""

MEMBERS = 0.025
"""Part of E that an assembly takes where the network has none to look at: 100 of 4000 (Methods)."""


def subsampled_neurons(
    sampled_from: Ids, size: int = SUBSAMPLE_SIZE, n_subsamples: int = N_SUBSAMPLES, seed: int = 0
) -> Ids:
    """Draw neurons without replacement, several times.

    Which of two neurons is preferred in a subsample depends on the seed, the subsample and their ids alone.

    Parameters
    ----------
    sampled_from : ndarray of int64
        Candidates: members of (pseudo-)assemblies, or all neurons.
    size, n_subsamples : int
        Neurons in a subsample, and number of subsamples.
    seed : int
        Of the subsamples.

    Returns
    -------
    ndarray of int64, shape (n_subsamples, size)
        Ids, increasing within a subsample.

    Raises
    ------
    EiassemblyError
        Fewer candidates than neurons to draw.
    """
    candidates = np.unique(sampled_from)
    if len(candidates) < size:
        raise EiassemblyError(
            f"draws of neurons: expected at least {size} to draw from, found {len(candidates)}"
        )
    # Words of all neurons in the range: runs of successive ids are fast, scattered candidates are not.
    span = np.arange(candidates[0], candidates[-1] + 1)
    streams = Streams(seed, "neurons drawn for analysis")
    keys = [streams.words(span, 1, subsample)[candidates - span[0], 0] for subsample in range(n_subsamples)]
    chosen = [candidates[np.argsort(key, kind="stable")[:size]] for key in keys]
    return np.sort(np.array(chosen, np.int64).reshape(n_subsamples, size), axis=1)


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


def members_of_odors(run: Run, odors: Sequence[int]) -> tuple[Ids, ...]:
    """E members of the assembly of every odor; of odors that are not stored, of the pseudo-assembly.

    The pseudo-assembly are the E cells that storing the odor would choose: those that receive most contacts
    from its activated mitral cells. They depend on the wiring from OB alone, so they are the same in all
    structures of a network.

    Parameters
    ----------
    run : Run
        A run whose odors include these.
    odors : sequence of int
        Numbers of odors.
    """
    excitatory = PopulationNames.of(run.wiring).excitatory
    found = {a.odor: a.of(excitatory) for a in run.wiring.assemblies if len(a.of(excitatory))}
    missing = [odor for odor in odors if odor not in found]
    found |= dict(zip(missing, _pseudo_members(run, missing), strict=True))
    return tuple(found[odor] for odor in odors)


def sampled_neurons_of_odors(run: Run, odors: Sequence[int]) -> Ids:
    """All members of the (pseudo-)assemblies of some odors, increasing ids; see `members_of_odors`."""
    return np.unique(np.concatenate(members_of_odors(run, odors)))


def _pseudo_members(run: Run, odors: Sequence[int]) -> tuple[Ids, ...]:
    population_names = PopulationNames.of(run.wiring)
    (source,) = population_names.input
    size = run.wiring.population(population_names.excitatory).size
    sizes = [len(a.of(population_names.excitatory)) for a in run.wiring.assemblies] or [round(MEMBERS * size)]
    activated = {odor.number: odor.activated for odor in run.odors.odors}
    return strongest_receivers(
        run.wiring.projection(source, population_names.excitatory),
        size,
        [activated[odor] for odor in odors],
        sizes[0],
        int(network_config(run).get("seed", 0)),
        Serial(),
        list(odors),
    )
