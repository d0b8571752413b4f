"""How much of the activity lies on which stored pattern, and which memory is thereby retrieved.

The overlap of activity with memory μ is the projection of the rates r_i on the stored pattern ξ_i (1 for the
n members among N cells, else 0), with f = n/N:

    m_μ = Σ (ξ_i − f) r_i / (N f (1 − f)) = mean rate of the members − mean rate of all others          [Hz]

(Analysis, "Memory and overlap"; the identity holds exactly.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.connectivity.assembly import Assembly
from eiassembly.core.arrays import Flags, Floats, Ids

SIGNIFICANT = 3.0
"""A memory counts as retrieved if it leads by so many standard deviations of what chance gives."""


@dataclass(frozen=True, eq=False)
class Retrieval:
    """The memory that activity overlaps most with.

    Parameters
    ----------
    memory : ndarray of int64, shape (n_patterns,)
        Its row.
    margin : ndarray of float64, shape (n_patterns,)
        Its overlap minus that of the next memory, in the unit of the overlaps; NaN with fewer than two.
    is_clear : ndarray of bool, shape (n_patterns,)
        Whether the margin exceeds `SIGNIFICANT` standard deviations of chance.
    """

    memory: Ids
    margin: Floats
    is_clear: Flags


def stored_patterns(assemblies: Sequence[Assembly], population: str, n_cells: int) -> Flags:
    """Mark the members of every assembly, shape (n_memories, n_cells)."""
    patterns = np.zeros((len(assemblies), n_cells), bool)
    for row, assembly in enumerate(assemblies):
        patterns[row, assembly.of(population)] = True
    return patterns


def activity_overlaps(rates: Floats, stored: Flags) -> Floats:
    """Overlap of activity with every memory: mean rate of its members minus that of all others.

    Parameters
    ----------
    rates : ndarray of float64, shape (n_patterns, n_cells)
        Rates of odors, or of one odor in successive bins, Hz.
    stored : ndarray of bool, shape (n_memories, n_cells)
        Members (see `stored_patterns`).

    Returns
    -------
    ndarray of float64, shape (n_patterns, n_memories)
        Hz; NaN for a memory without members or with all cells.
    """
    n_members = stored.sum(axis=1)
    n_others = stored.shape[1] - n_members
    inside = rates @ stored.T.astype(np.float64)
    outside = rates.sum(axis=1, keepdims=True) - inside
    undefined = (n_members == 0) | (n_others == 0)
    overlaps = inside / np.maximum(n_members, 1) - outside / np.maximum(n_others, 1)
    return np.where(undefined, np.nan, overlaps)


def chance_deviation(rates: Floats, n_members: Ids) -> Floats:
    """Return the standard deviation of the overlap with memories of random members, Hz.

    Exact for members drawn without replacement: S √(N / (n (N − n))) with the standard deviation S of the
    rates over cells.

    Parameters
    ----------
    rates : ndarray of float64, shape (n_patterns, n_cells)
        Hz.
    n_members : ndarray of int64, shape (n_memories,)
        Members of every memory.

    Returns
    -------
    ndarray of float64, shape (n_patterns, n_memories)
        Hz; NaN of a memory whose members are all cells, or none.
    """
    n_cells = rates.shape[1]
    spread = rates.std(axis=1, ddof=1)
    pairs = n_members * (n_cells - n_members)
    undefined = np.full(len(pairs), np.nan)
    return np.asarray(spread[:, None] * np.sqrt(np.divide(n_cells, pairs, out=undefined, where=pairs > 0)))


def own_overlaps(overlaps: Floats, odors: Ids, memories: Ids) -> Floats:
    """Overlap of every memory with the activity that its own odor evokes, mean over presentations.

    Parameters
    ----------
    overlaps : ndarray of float64, shape (n_patterns, n_memories)
        From `activity_overlaps`.
    odors : ndarray of int64, shape (n_patterns,)
        Odor of every pattern.
    memories : ndarray of int64, shape (n_memories,)
        Odor that every memory was built from.

    Returns
    -------
    ndarray of float64, shape (n_memories,)
        Hz; NaN where the odor was not presented.
    """
    is_own = odors[:, None] == memories[None, :]
    shown = is_own.sum(axis=0)
    total = np.where(is_own, overlaps, 0).sum(axis=0)
    return np.where(shown > 0, total / np.maximum(shown, 1), np.nan)


def normalised(overlaps: Floats, own: Floats) -> Floats:
    """Overlaps relative to those of the fully driven assemblies, so that these are 1.

    Memories whose own odor was not presented are divided by the mean of the others; NaN where no memory is
    driven at all.

    Parameters
    ----------
    overlaps : ndarray of float64, shape (n_patterns, n_memories)
        Hz.
    own : ndarray of float64, shape (n_memories,)
        From `own_overlaps`, Hz.
    """
    driven = own[own > 0]
    typical = driven.mean() if driven.size else np.nan
    return np.asarray(overlaps / np.where(own > 0, own, typical))


def retrieved(overlaps: Floats, chance: Floats) -> Retrieval:
    """Tell which memory leads, by how much, and whether by more than chance.

    Parameters
    ----------
    overlaps : ndarray of float64, shape (n_patterns, n_memories)
        At least one memory; Hz.
    chance : ndarray of float64, shape (n_patterns, n_memories)
        From `chance_deviation`, Hz.
    """
    order = np.argsort(-overlaps, axis=1, kind="stable")
    memory = order[:, 0]
    rows = np.arange(len(overlaps))
    if overlaps.shape[1] < 2:
        nothing = np.full(len(overlaps), np.nan)
        return Retrieval(memory, nothing, overlaps[rows, memory] > SIGNIFICANT * chance[rows, memory])
    margin = overlaps[rows, memory] - overlaps[rows, order[:, 1]]
    return Retrieval(memory, margin, margin > SIGNIFICANT * chance[rows, memory])
