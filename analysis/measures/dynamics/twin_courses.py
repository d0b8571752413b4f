"""Distances and correlations of twins over time, averaged over the spikes that were changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.dynamics.reliability import BIN, trial_correlations
from eiassembly.analysis.measures.dynamics.twins import Change, Pair, differing
from eiassembly.analysis.measures.rates import binned_counts
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import RESPONSE
from eiassembly.core.arrays import Flags, Floats, Ids

WIDTH = 10.0
"""Bins of the distance, ms."""
FIRST = 100.0
"""Time from the change on in which every spike that differs is noted, ms."""
SETTLED = 500.0
"""Time after onset from which correlations are averaged, up to 1.5 s, ms."""


@dataclass(frozen=True, eq=False)
class Courses:
    """What changed spikes have led to, time running from the change; NaN where there are no spikes.

    Parameters
    ----------
    distances : mapping of str to ndarray of float64, shape (n_bins,)
        Σ|n_a − n_b| / Σ(n_a + n_b), sums over cells and changes, in bins of 10 ms, of ``all`` E cells, the
        ``members`` of the odor's assembly and the ``others``.
    correlations : ndarray of float64, shape (n_patterns,)
        Pearson correlation of the patterns of E in bins of 100 ms, mean over changes.
    differences : ndarray of float64, shape (n_spikes,)
        Times of the E spikes that differ in the first 100 ms, of all changes together, ms.
    late_correlation : float
        Mean correlation 0.5 to 1.5 s after the onset of the odor; NaN in baseline.
    after : float
        Median time from the change to the end of the odor, ms.
    n_changes : int
        Changed spikes.
    """

    distances: Mapping[str, Floats]
    correlations: Floats
    differences: Floats
    late_correlation: float
    after: float
    n_changes: int

    def times(self, width: float) -> Floats:
        """Centres of the bins of a width (10 or 100 ms), ms from the change."""
        n_bins = len(self.distances["all"] if width == WIDTH else self.correlations)
        return np.asarray(width * (np.arange(n_bins) + 0.5))

    def differing_within(self, time: float) -> float:
        """Mean number of E spikes that differ up to so many ms after a change."""
        return float(np.sum(self.differences <= time + 1e-6)) / self.n_changes


def courses(found: Sequence[tuple[Pair, Change]]) -> Courses:
    """Average over changed spikes, as long as all of them have time until the next odor.

    Parameters
    ----------
    found : sequence of (Pair, Change)
        At least one; the changes of one condition.
    """
    length = min(change.stop - change.time for _, change in found)
    n_bins, n_patterns = (int(length // width) for width in (WIDTH, BIN))
    distances = {name: _Distance(n_bins) for name in ("all", "members", "others")}
    correlations, late, differences = [], [], []
    for pair, change in found:
        inside = _members(pair, change)
        counts = _counts(pair, change, WIDTH, n_bins)
        for name, chosen in (("all", slice(None)), ("members", inside), ("others", ~inside)):
            distances[name].add(*(n[:, chosen] for n in counts))
        correlations.append(trial_correlations(*_counts(pair, change, BIN, n_patterns)))
        late.append(mean_of_defined(correlations[-1][_settled(change, n_patterns)]))
        differences.append(_first_differences(pair, change))
    return Courses(
        distances={name: distance.mean for name, distance in distances.items()},
        correlations=np.array([mean_of_defined(column) for column in np.array(correlations).T]),
        differences=np.concatenate(differences),
        late_correlation=mean_of_defined(np.array(late)),
        after=float(np.median([change.end - change.time for _, change in found])),
        n_changes=len(found),
    )


class _Distance:
    """Σ|n_a − n_b| and Σ(n_a + n_b) over cells and changes."""

    def __init__(self, n_bins: int) -> None:
        self._differing, self._all = np.zeros((2, n_bins))

    def add(self, one: Ids, other: Ids) -> None:
        self._differing += np.abs(one - other).sum(axis=1)
        self._all += (one + other).sum(axis=1)

    @property
    def mean(self) -> Floats:
        empty = np.full(len(self._all), np.nan)
        return np.asarray(np.divide(self._differing, self._all, out=empty, where=self._all > 0))


def _members(pair: Pair, change: Change) -> Flags:
    """Which E cells belong to the assembly of the odor; none in baseline."""
    wiring = pair.plain.wiring
    excitatory = PopulationNames.of(wiring).excitatory
    flags = np.zeros(wiring.population(excitatory).size, bool)
    for assembly in wiring.assemblies:
        if change.shown is not None and assembly.odor == change.shown.odor:
            flags[assembly.of(excitatory)] = True
    return flags


def _counts(pair: Pair, change: Change, width: float, n_bins: int) -> tuple[Ids, Ids]:
    def of(run: Run) -> Ids:
        source = run.source(PopulationNames.of(run.wiring).excitatory)
        return binned_counts(source, run.dt, change.time, width, n_bins)

    return of(pair.changed), of(pair.plain)


def _settled(change: Change, n_patterns: int) -> Flags:
    """Patterns whose middle lies 0.5 to 1.5 s after the onset of the odor."""
    if change.shown is None:
        return np.zeros(n_patterns, bool)
    middle = change.time + BIN * (np.arange(n_patterns) + 0.5) - change.shown.onset
    return np.asarray((middle > SETTLED) & (middle < min(RESPONSE, change.end - change.shown.onset)))


def _first_differences(pair: Pair, change: Change) -> Floats:
    excitatory = PopulationNames.of(pair.plain.wiring).excitatory
    stop = min(change.time + FIRST, change.stop)
    return differing(pair, excitatory, change.time, stop) - change.time
