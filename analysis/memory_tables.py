"""Memories of several runs as numbers: rows of a table, and plain JSON values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.correlations import mean_of_defined
from eiassembly.analysis.memory_amplification import Amplification
from eiassembly.analysis.memory_overlap import chance_deviation, normalised
from eiassembly.analysis.memory_reading import Memories, amplifications, memories_of, shown_memory
from eiassembly.analysis.recordings import Recording
from eiassembly.analysis.responses import Responses

Floats = NDArray[np.float64]


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
    amplification: Amplification | None

    @property
    def retrieved_share(self) -> float:
        """Percentage of learned odours whose own memory leads by more than chance; NaN without any."""
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
        """Mean overlap of responses to learned odours with their own memory, Hz."""
        return mean_of_defined(self.memories.own)

    @property
    def other_overlap(self) -> float:
        """Mean overlap of responses to learned odours with all other memories, Hz."""
        learned = np.isin(self.responses.odors, self.memories.odors)
        others = self.responses.odors[:, None] != self.memories.odors
        return mean_of_defined(self.memories.overlaps[others & learned[:, None]])


def memory_results(runs: Sequence[tuple[Recording, Responses]]) -> tuple[MemoryResult | None, ...]:
    """Measure the memories of runs, each also against its rand counterpart among them.

    Parameters
    ----------
    runs : sequence of (Recording, Responses)
        Runs, and what was measured of their presentations.

    Returns
    -------
    tuple of MemoryResult or None
        None for networks without assemblies.
    """
    return tuple(
        None if memories is None else MemoryResult(run, responses, memories, ratio)
        for (run, responses), ratio in zip(runs, amplifications(runs), strict=True)
        for memories in (memories_of(run, responses),)
    )


def memory_rows(results: Sequence[MemoryResult | None]) -> list[tuple[str, str, list[float]]]:
    """Rows of a table: title, unit, value of every run (NaN where undefined)."""
    by_run = [(_NOTHING,) * len(_ROWS) if result is None else _values(result) for result in results]
    return [(title, unit, [row[k] for row in by_run]) for k, (title, unit) in enumerate(_ROWS)]


_NOTHING = float("nan")
_ROWS = (
    ("E members that two assemblies share", "neurons"),
    ("  the same, chosen independently", "neurons"),
    ("Overlap with the odor's own memory", "Hz"),
    ("Overlap with other memories", "Hz"),
    ("Odors whose memory is retrieved", "%"),
    ("Amplification inside the assembly", "× rand"),
    ("Amplification outside the assembly", "× rand"),
)


def _values(result: MemoryResult) -> tuple[float, ...]:
    """Return the values of one run in the order of the rows."""
    ratio = result.amplification or Amplification(_NOTHING, _NOTHING)
    return (
        *_pairs(result),
        result.own_overlap,
        result.other_overlap,
        result.retrieved_share,
        ratio.inside,
        ratio.outside,
    )


def _pairs(result: MemoryResult) -> tuple[float, float]:
    """Mean number of E members that two assemblies share, and its expectation."""
    principal = result.responses.roles.principal
    overlaps = next(o for o in result.memories.structural if o.population == principal)
    found = overlaps.pairs()
    return (float(found.mean()) if len(found) else _NOTHING), overlaps.expected_mean()


def memory_as_json(result: MemoryResult | None) -> dict[str, Any] | None:
    """Everything measured of the memories of a run, with units; None without memories."""
    if result is None:
        return None
    memories, ratio = result.memories, result.amplification
    return {
        "structural_overlap": [overlaps.as_json() for overlaps in memories.structural],
        "activity_overlap": _activity_as_json(memories, result.responses),
        "retrieved_percent": _plain(result.retrieved_share),
        "own_overlap_Hz": _plain(result.own_overlap),
        "other_overlap_Hz": _plain(result.other_overlap),
        "amplification": ratio and {"inside": _plain(ratio.inside), "outside": _plain(ratio.outside)},
    }


def _activity_as_json(memories: Memories, responses: Responses) -> dict[str, Any]:
    chance = chance_deviation(responses.rates, memories.stored.sum(axis=1))
    return {
        "odors": responses.odors.tolist(),
        "kinds": [p.kind for p in responses.presentations],
        "memories": memories.odors.tolist(),
        "overlap_Hz": _rows(memories.overlaps),
        "overlap_of_own_odor": _rows(normalised(memories.overlaps, memories.own)),
        "chance_sd_Hz": _rows(chance),
        "leading_memory": memories.odors[memories.retrieval.memory].tolist(),
        "margin_Hz": [_plain(value) for value in memories.retrieval.margin.tolist()],
        "is_clear": memories.retrieval.is_clear.tolist(),
    }


def _rows(values: Floats) -> list[list[float | None]]:
    return [[_plain(value) for value in row] for row in values.tolist()]


def _plain(value: float) -> float | None:
    """JSON has neither NaN nor infinity."""
    return value if np.isfinite(value) else None
