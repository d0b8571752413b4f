"""Rates of E after the end of odors: how long activity outlasts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.dynamics.persistence import is_above
from eiassembly.analysis.measures.rates import time_course
from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.analysis.runs.windows import BIN, is_free_before
from eiassembly.core.arrays import Floats, Ids
from eiassembly.odors.odors import Presentation

AFTER = 1000.0
"""Time after an odor without input that is looked at, ms."""
LAST, LATE = 500.0, 500.0
"""Ends of the odor and of the time after it whose rates are compared, ms."""
AT_OFFSET = 100.0
"""Time after an odor in which there has to be activity that can decay, ms."""


@dataclass(frozen=True, eq=False)
class Offsets:
    """Mean rates around the offset of odors of one kind.

    Parameters
    ----------
    times : ndarray of float64, shape (n_bins,)
        Centres of the bins, ms from offset; the first bins are the end of the odor.
    rates : mapping of str to ndarray of float64, shape (n_bins,)
        ``members`` of the odor's assembly and ``all`` E cells, Hz; NaN without presentations.
    before : mapping of str to float
        Rates of the same in the 500 ms before onset, Hz; NaN where other odors were there.
    n_before, n_after : int
        Spikes of members in the 500 ms before onset and in the first 100 ms after offset, of presentations
        that have both.
    n_presentations : int
        Presentations that are followed by a second without odor.
    """

    times: Floats
    rates: Mapping[str, Floats]
    before: Mapping[str, float]
    n_before: int
    n_after: int
    n_presentations: int

    @property
    def is_above_before(self) -> bool:
        """Whether members fire more when the odor has ended than before it (see `is_above`)."""
        return is_above(self.n_after, AT_OFFSET, self.n_before, LAST)


def offsets(
    spikes: SpikeSource,
    dt: float,
    n_steps: int,
    presentations: Sequence[Presentation],
    every: Sequence[Presentation],
    members: Mapping[int, Ids],
) -> Offsets:
    """Average the rates around the offset of odors that are followed by a second without one.

    Parameters
    ----------
    spikes : SpikeSource
        Spikes of E.
    dt : float
        Time step, ms.
    n_steps : int
        Length of the run.
    presentations : sequence of Presentation
        Presentations of one kind.
    every : sequence of Presentation
        All presentations of the run.
    members : mapping of int to ndarray of int64
        E members of the assembly of an odor, by its number.
    """
    ended = [p for p in presentations if _is_followed_by_nothing(p, dt, n_steps, every)]
    free = [p for p in ended if is_free_before(p, every)]
    nobody = np.empty(0, np.int64)
    courses: dict[str, list[Floats]] = {"members": [], "all": []}
    earlier: dict[str, list[float]] = {"members": [], "all": []}
    for p in ended:
        cells: dict[str, Ids | None] = {"members": members.get(p.odor, nobody), "all": None}
        for name, chosen in cells.items():
            courses[name].append(time_course(spikes, dt, p.offset - LAST, p.offset + AFTER, BIN, chosen))
            if p in free:
                before = time_course(spikes, dt, p.onset - LAST, p.onset, LAST, chosen)
                earlier[name].append(float(before[0]))
    n_bins = round((LAST + AFTER) / BIN)
    return Offsets(
        times=np.asarray(-LAST + BIN * (np.arange(n_bins) + 0.5)),
        rates={name: _mean_course(rows, n_bins) for name, rows in courses.items()},
        before={name: mean_of_defined(np.array(values)) for name, values in earlier.items()},
        n_before=sum(_spikes_of(members, p, spikes, (p.onset - LAST) / dt, p.onset / dt) for p in free),
        n_after=sum(_spikes_of(members, p, spikes, p.offset / dt, (p.offset + AT_OFFSET) / dt) for p in free),
        n_presentations=len(ended),
    )


def _spikes_of(
    members: Mapping[int, Ids], p: Presentation, spikes: SpikeSource, first: float, last: float
) -> int:
    """Spikes of the members of an odor's assembly between two times in steps."""
    of_members = np.isin(spikes.between(round(first), round(last))[1], members.get(p.odor, []))
    return int(of_members.sum())


def _is_followed_by_nothing(p: Presentation, dt: float, n_steps: int, every: Sequence[Presentation]) -> bool:
    end = p.offset + AFTER
    return round(end / dt) <= n_steps and not any(p.offset <= other.onset < end for other in every)


def _mean_course(rows: Sequence[Floats], n_bins: int) -> Floats:
    defined = [row for row in rows if not np.isnan(row).any()]
    return np.mean(defined, axis=0) if defined else np.full(n_bins, np.nan)
