"""The memories of a run: what their members share, and which of them every odor evokes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.measures.memory.amplification import Amplification, amplification
from eiassembly.analysis.measures.memory.overlap import (
    Retrieval,
    activity_overlaps,
    chance_deviation,
    normalised,
    own_overlaps,
    retrieved,
    stored_patterns,
)
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.measures.responses import Responses
from eiassembly.analysis.runs.recording import Recording
from eiassembly.connectivity.statistics.overlaps import Overlaps
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Flags, Floats, Ids
from eiassembly.core.grid import Window
from eiassembly.core.text import finite_or_none
from eiassembly.odors.odors import Presentation

GROUP = "memories"
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
        Odor that every memory was built from.
    stored : ndarray of bool, shape (n_memories, n_E)
        E members of every memory.
    overlaps : ndarray of float64, shape (n_presentations, n_memories)
        Overlap of the response to every presentation with every memory, Hz.
    own : ndarray of float64, shape (n_memories,)
        Overlap with the response to the memory's own odor, Hz; NaN where it was not presented.
    chance : ndarray of float64, shape (n_presentations, n_memories)
        Standard deviation of the overlap by chance, Hz.
    retrieval : Retrieval
        The leading memory of every presentation.
    """

    structural: tuple[Overlaps, ...]
    odors: Ids
    stored: Flags
    overlaps: Floats
    own: Floats
    chance: Floats
    retrieval: Retrieval


def memories_of(run: Recording, responses: Responses) -> Memories | None:
    """Measure the memories of a run; None if its network has no assemblies of E neurons."""
    wiring, excitatory = run.wiring, responses.population_names.excitatory
    assemblies = [assembly for assembly in wiring.assemblies if len(assembly.of(excitatory))]
    if not assemblies:
        return None
    odors = np.array([assembly.odor for assembly in assemblies], np.int64)
    stored = stored_patterns(assemblies, excitatory, responses.rates.shape[1])
    overlaps = activity_overlaps(responses.rates, stored)
    chance = chance_deviation(responses.rates, stored.sum(axis=1))
    return Memories(
        structural=_structural(wiring),
        odors=odors,
        stored=stored,
        overlaps=overlaps,
        own=own_overlaps(overlaps, responses.odors, odors),
        chance=chance,
        retrieval=retrieved(overlaps, chance),
    )


def _structural(wiring: Wiring) -> tuple[Overlaps, ...]:
    with_members = [p for p in wiring.populations if any(len(a.of(p.name)) for a in wiring.assemblies)]
    return tuple(Overlaps.of(p.name, p.size, wiring.assemblies) for p in with_members)


def shown_memory(memories: Memories, presentation: Presentation) -> int | None:
    """Row of the memory that was built from the presented odor; None for other odors."""
    rows = np.flatnonzero(memories.odors == presentation.odor)
    return int(rows[0]) if len(rows) else None


def overlap_courses(
    run: Recording, excitatory: str, memories: Memories, presentation: Presentation, edges: Floats
) -> Floats:
    """Overlap with every memory in successive bins around a presentation.

    Parameters
    ----------
    run : Recording
        With spikes.
    excitatory : str
        The population with the memories.
    memories : Memories
        Of the run.
    presentation : Presentation
        The odor.
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
    return activity_overlaps(rates(run.source(excitatory), bins), memories.stored)


def counterparts(runs: Sequence[Recording]) -> Mapping[int, int]:
    """Find for every structured run the run of its rand counterpart: same odors, same input from OB.

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


@dataclass(frozen=True, eq=False)
class MemoryResult:
    """What was measured of the memories of one run.

    Parameters
    ----------
    run : Recording
        The run.
    responses : Responses
        To its presentations.
    memories : Memories
        Of its network.
    amplification : Amplification or None
        Against the rand counterpart among the runs; None without one.
    """

    run: Recording
    responses: Responses
    memories: Memories
    amplification: Amplification | None = None

    @property
    def retrieved_share(self) -> float:
        """Percentage of learned odors whose own memory leads by more than chance; NaN without any."""
        rows = [shown_memory(self.memories, p) for p in self.responses.presentations]
        found = self.memories.retrieval
        hits = [
            found.memory[k] == row and bool(found.is_clear[k])
            for k, row in enumerate(rows)
            if row is not None
        ]
        return 100 * float(np.mean(hits)) if hits else float("nan")

    @property
    def own_overlap(self) -> float:
        """Mean overlap of responses to learned odors with their own memory, Hz."""
        return mean_of_defined(self.memories.own)

    @property
    def other_overlap(self) -> float:
        """Mean overlap of responses to learned odors with all other memories, Hz."""
        learned = np.isin(self.responses.odors, self.memories.odors)
        others = self.responses.odors[:, None] != self.memories.odors
        return mean_of_defined(self.memories.overlaps[others & learned[:, None]])


def measure_memory(run: Recording, responses: Responses) -> MemoryResult | None:
    """Measure the memories of a run by itself; None if its network has no assemblies of E neurons."""
    memories = memories_of(run, responses)
    return None if memories is None else MemoryResult(run, responses, memories)


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


def _of_memory(value: Callable[[MemoryResult], float]) -> Callable[..., float]:
    """Ask the memory of a result, which is of the run, not of a kind of odor."""
    return lambda result, condition: value(result.memory)


def _shared(result: MemoryResult) -> Overlaps:
    excitatory = result.responses.population_names.excitatory
    return next(o for o in result.memories.structural if o.population == excitatory)


def _shared_members(result: MemoryResult) -> float:
    pairs = _shared(result).pairs()
    return float(pairs.mean()) if len(pairs) else math.nan


def _amplified(part: str) -> Callable[..., float]:
    return _of_memory(lambda result: getattr(result.amplification, part, math.nan))


MEASURES: tuple[Measure, ...] = (
    Measure("shared_members", "E members that two assemblies share", "neurons", "Fig. 6", group=GROUP,
            function=_of_memory(_shared_members)),
    Measure("shared_by_chance", "The same, chosen independently", "neurons", "ours", group=GROUP,
            function=_of_memory(lambda result: _shared(result).expected_mean())),
    Measure("own_overlap", "Overlap with the odor's own memory", "Hz", "ours", group=GROUP,
            function=_of_memory(lambda result: result.own_overlap)),
    Measure("other_overlap", "Overlap with other memories", "Hz", "ours", group=GROUP,
            function=_of_memory(lambda result: result.other_overlap)),
    Measure("retrieved", "Odors whose memory is retrieved", "%", "ours", group=GROUP,
            function=_of_memory(lambda result: result.retrieved_share)),
    Measure("amplification_inside", "Amplification inside the assembly", "× rand", "Fig. 2G", group=GROUP,
            function=_amplified("inside")),
    Measure("amplification_outside", "Amplification outside the assembly", "× rand", "Fig. 2G", group=GROUP,
            function=_amplified("outside")),
)  # fmt: skip
"""Measures of the memories of a run, in the order of tables; a function is given a result with memories."""


def memory_as_json(result: MemoryResult | None) -> dict[str, Any] | None:
    """Everything measured of the memories of a run, with units; None without memories."""
    if result is None:
        return None
    memories, ratio = result.memories, result.amplification
    return {
        "structural_overlap": [overlaps.as_json() for overlaps in memories.structural],
        "activity_overlap": _activity_as_json(memories, result.responses),
        "retrieved_percent": finite_or_none(result.retrieved_share),
        "own_overlap_Hz": finite_or_none(result.own_overlap),
        "other_overlap_Hz": finite_or_none(result.other_overlap),
        "amplification": ratio
        and {"inside": finite_or_none(ratio.inside), "outside": finite_or_none(ratio.outside)},
    }


def _activity_as_json(memories: Memories, responses: Responses) -> dict[str, Any]:
    return {
        "odors": responses.odors.tolist(),
        "kinds": [p.kind for p in responses.presentations],
        "memories": memories.odors.tolist(),
        "overlap_Hz": _rows(memories.overlaps),
        "overlap_of_own_odor": _rows(normalised(memories.overlaps, memories.own)),
        "chance_sd_Hz": _rows(memories.chance),
        "leading_memory": memories.odors[memories.retrieval.memory].tolist(),
        "margin_Hz": [finite_or_none(value) for value in memories.retrieval.margin.tolist()],
        "is_clear": memories.retrieval.is_clear.tolist(),
    }


def _rows(values: Floats) -> list[list[float | None]]:
    return [[finite_or_none(value) for value in row] for row in values.tolist()]
