"""Twins that differ in one spike: how fast they diverge, how far, and whether they reconverge."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.dynamics.divergence import growth, half_time, saturation
from eiassembly.analysis.measures.dynamics.twin_courses import WIDTH, Courses, courses
from eiassembly.analysis.measures.dynamics.twins import (
    Change,
    Pair,
    changes,
    late_differences,
    pairs,
    perturbations,
    reset_time,
    same_response,
    were_synchronised,
)
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.runs.identity import network_name
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Floats

NAME = "twins"
MEASURES = by_name(
    Measure("growth_rate", "Growth of the number of E spikes that differ", "1/s", "ours"),
    Measure("differing_5", "E spikes that differ 5 ms after one changed spike", "1", "ours"),
    Measure("differing_20", "E spikes that differ after 20 ms", "1", "ours"),
    Measure("differing_50", "E spikes that differ after 50 ms", "1", "ours"),
    Measure("half_time", "Time to half of the saturated distance", "ms", "ours"),
    Measure("saturation", "Saturated distance of E spikes, 10 ms bins", "1", "ours"),
    Measure("saturation_members", "Saturated distance, members of the assembly", "1", "ours"),
    Measure("saturation_others", "Saturated distance, other E cells", "1", "ours"),
    Measure("frozen_correlation", "Correlation of twins, 100 ms patterns, 0.5–1.5 s", "1", "ours"),
    Measure("reset_time", "Time after offset until twins resynchronise, median", "ms", "ours"),
    Measure("reset_share", "Odors after which twins resynchronise", "1", "ours"),
    Measure("late_differing", "E spikes that differ 0.5–1 s after offset", "1", "ours"),
    Measure("same_response", "Next odors with the same E spikes in both twins", "1", "ours"),
)
COUNTED = (5.0, 20.0, 50.0)
"""Times after the change up to which differing spikes are counted, ms; the last is the end of growth."""


@dataclass(frozen=True, eq=False)
class Twins:
    """Twins of one network, and what the changed spikes of one condition have led to.

    Parameters
    ----------
    network, structure, condition : str
        Which network, and where the spikes were changed: ``learned odor``, ``novel odor`` or ``baseline``.
    courses : Courses
        Distances and correlations over time, all changes together.
    resets : ndarray of float64, shape (n_changes,)
        Times of reset, ms; infinite: never (see `twins.reset_time`).
    late : ndarray of float64, shape (n_changes,)
        E spikes that differ 0.5 to 1 s after the odor.
    same : ndarray of float64, shape (n_changes,)
        Whether the next odor has the same spikes.
    """

    network: str
    structure: str
    condition: str
    courses: Courses
    resets: Floats
    late: Floats
    same: Floats

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield the numbers; the condition is where the spikes were changed."""
        for name, value in self.values().items():
            yield name, self.condition, value

    def values(self) -> dict[str, float]:
        """Return the numbers by the name of the measure."""
        found = self.courses
        times, first = found.times(WIDTH), np.arange(1.0, COUNTED[-1] + 1)
        numbers = np.array([found.differing_within(t) for t in first])
        saturated = {group: saturation(times, distance) for group, distance in found.distances.items()}
        all_cells = saturated["all"]
        counts = {f"differing_{t:g}": found.differing_within(t) for t in COUNTED}
        return counts | {
            "growth_rate": growth(first, numbers, numbers[-1]).rate,
            "half_time": half_time(times, np.nan_to_num(found.distances["all"]), all_cells),
            "saturation": all_cells,
            "saturation_members": saturated["members"],
            "saturation_others": saturated["others"],
            "frozen_correlation": found.late_correlation,
            "reset_time": _median(self.resets),
            "reset_share": mean_of_defined(np.where(np.isnan(self.resets), np.nan, self.resets < math.inf)),
            "late_differing": mean_of_defined(self.late),
            "same_response": mean_of_defined(self.same),
        }


def _median(resets: Floats) -> float:
    """Median of the times; NaN if half of them are never."""
    defined = resets[~np.isnan(resets)]
    median = float(np.median(defined)) if defined.size else math.nan
    return median if math.isfinite(median) else math.nan


def recognises(run: Run) -> bool:
    """Whether single spikes were changed."""
    return bool(perturbations(run))


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[Twins]:
    """Compare every run with the one that is the same but for the changed spikes.

    A change counts if no spike of the twins differs in the 200 ms before it: where twins do not
    reconverge only the first one does. Changes of one network and condition are put together, from all its
    runs.

    Parameters
    ----------
    runs : sequence of Run
        Those with changed spikes.
    others : sequence of Run
        Among which their twins are looked for; a run without a twin is left out.
    """
    counted = [
        ((network_name(pair.plain), pair.plain.structure, change.condition), pair, change)
        for pair in pairs(runs, others)
        for change in changes(pair.changed)
        if were_synchronised(pair, change)
    ]
    counted.sort(key=lambda one: one[0])
    grouped = groupby(counted, key=lambda one: one[0])
    return MeasuredResults(NAME, tuple(_twins(key, [one[1:] for one in same]) for key, same in grouped))


def _twins(key: tuple[str, str, str], found: Sequence[tuple[Pair, Change]]) -> Twins:
    return Twins(
        *key,
        courses=courses(found),
        resets=np.array([reset_time(*one) for one in found]),
        late=np.array([late_differences(*one) for one in found]),
        same=np.array([same_response(*one) for one in found]),
    )


EXPERIMENT = Experiment(NAME, "Twins that differ in one spike", MEASURES, recognises, measure)
