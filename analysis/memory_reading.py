"""The memories of a run: what their members share, and which of them every odour evokes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.memory_amplification import Amplification, amplification
from eiassembly.analysis.memory_overlap import (
    Flags,
    Retrieval,
    activity_overlaps,
    chance_deviation,
    own_overlaps,
    retrieved,
    stored_patterns,
)
from eiassembly.analysis.rates import rates
from eiassembly.analysis.recordings import Recording
from eiassembly.analysis.responses import Responses
from eiassembly.analysis.windows import Window
from eiassembly.connectivity.overlaps import Overlaps
from eiassembly.connectivity.wiring import Wiring
from eiassembly.model.odors import Presentation

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]

RAND = "rand"
"""Structure of the networks that others are compared with."""


@dataclass(frozen=True, eq=False)
class Memories:
    """Memories of a network and the activity on them.

    Parameters
    ----------
    structural : tuple of Overlaps
        Shared members in every population that has members.
    odors : ndarray of int64, shape (n_memories,)
        Odour that every memory was built from.
    stored : ndarray of bool, shape (n_memories, n_E)
        E members of every memory.
    overlaps : ndarray of float64, shape (n_presentations, n_memories)
        Overlap of the response to every presentation with every memory, Hz.
    own : ndarray of float64, shape (n_memories,)
        Overlap with the response to the memory's own odour, Hz; NaN where it was not presented.
    retrieval : Retrieval
        The leading memory of every presentation.
    """

    structural: tuple[Overlaps, ...]
    odors: Ids
    stored: Flags
    overlaps: Floats
    own: Floats
    retrieval: Retrieval


def memories_of(run: Recording, responses: Responses) -> Memories | None:
    """Measure the memories of a run; None if its network has no assemblies of E neurons."""
    wiring, principal = run.wiring, responses.roles.principal
    assemblies = [assembly for assembly in wiring.assemblies if len(assembly.of(principal))]
    if not assemblies:
        return None
    odors = np.array([assembly.odor for assembly in assemblies], np.int64)
    stored = stored_patterns(assemblies, principal, responses.rates.shape[1])
    overlaps = activity_overlaps(responses.rates, stored)
    chance = chance_deviation(responses.rates, stored.sum(axis=1))
    return Memories(
        structural=_structural(wiring),
        odors=odors,
        stored=stored,
        overlaps=overlaps,
        own=own_overlaps(overlaps, responses.odors, odors),
        retrieval=retrieved(overlaps, chance),
    )


def _structural(wiring: Wiring) -> tuple[Overlaps, ...]:
    with_members = [p for p in wiring.populations if any(len(a.of(p.name)) for a in wiring.assemblies)]
    return tuple(Overlaps.of(p.name, p.size, wiring.assemblies) for p in with_members)


def shown_memory(memories: Memories, presentation: Presentation) -> int | None:
    """Row of the memory that was built from the presented odour; None for other odours."""
    rows = np.flatnonzero(memories.odors == presentation.odor)
    return int(rows[0]) if len(rows) else None


def overlap_courses(
    run: Recording, principal: str, memories: Memories, presentation: Presentation, edges: Floats
) -> Floats:
    """Overlap with every memory in successive bins around a presentation.

    Parameters
    ----------
    run : Recording
        With spikes.
    principal : str
        The population with the memories.
    memories : Memories
        Of the run.
    presentation : Presentation
        The odour.
    edges : ndarray of float64, shape (n_bins + 1,)
        Of the bins, ms from onset, increasing.

    Returns
    -------
    ndarray of float64, shape (n_bins, n_memories)
        Hz.
    """
    steps = np.rint((presentation.onset + edges) / run.dt).astype(np.int64).tolist()
    widths = np.diff(edges).tolist()
    bins = [Window(first, last, width) for first, last, width in zip(steps, steps[1:], widths, strict=False)]
    return activity_overlaps(rates(run.source(principal), bins), memories.stored)


def counterparts(runs: Sequence[Recording]) -> Mapping[int, int]:
    """Find for every structured run the run of its rand counterpart: same odours, same input from OB.

    Parameters
    ----------
    runs : sequence of Recording
        Runs of any structure.

    Returns
    -------
    mapping of int to int
        Number of the counterpart by the number of the structured run; those without one are left out.
    """
    rand = [number for number, run in enumerate(runs) if run.structure == RAND]
    found = {}
    for number, run in enumerate(runs):
        if run.structure != RAND:
            same = (r for r in rand if runs[r].odors_hash == run.odors_hash and _same_input(runs[r], run))
            match = next(same, None)
            if match is not None:
                found[number] = match
    return found


def _same_input(first: Recording, second: Recording) -> bool:
    """Whether the projections from populations without neurons are the same."""
    pairs = []
    for run in (first, second):
        outside = {p.name for p in run.wiring.populations if p.neuron is None}
        pairs.append({(p.source, p.target): p for p in run.wiring.projections if p.source in outside})
    if pairs[0].keys() != pairs[1].keys():
        return False
    return all(
        np.array_equal(one.sources, pairs[1][pair].sources)
        and np.array_equal(one.multiplicity, pairs[1][pair].multiplicity)
        for pair, one in pairs[0].items()
    )


def amplifications(runs: Sequence[tuple[Recording, Responses]]) -> tuple[Amplification | None, ...]:
    """Compare every structured run with its rand counterpart; None for rand and without a counterpart."""
    match = counterparts([run for run, _ in runs])
    found: list[Amplification | None] = []
    for number, (run, responses) in enumerate(runs):
        if number not in match:
            found.append(None)
            continue
        rand, rand_responses = runs[match[number]]
        found.append(amplification(responses, rand_responses, run.wiring, rand.wiring))
    return tuple(found)
