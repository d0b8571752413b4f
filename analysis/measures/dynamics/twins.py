"""Pairs of runs that differ in a few spikes, and what became of each of these spikes."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Floats, Ids
from eiassembly.odors.odors import Presentation

SAME = 200.0
"""Twins are synchronised again when no spike differs for so long, ms."""
LATE = (500.0, 1000.0)
"""Time after offset in which late differences are counted, ms."""

_FREE = ("perturb", "duration", "record", "every", "cells")
"""Settings in which twins may differ; their duration is compared as it was."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A run with changed spikes, and the same run without them."""

    changed: Run
    plain: Run


@dataclass(frozen=True)
class Change:
    """One changed spike and the time that belongs to it.

    Parameters
    ----------
    time : float
        When, ms.
    stop : float
        Onset of the next odor, the next changed spike, or the end of the run: what comes first, ms.
    shown : Presentation, optional
        The odor in which it lies; None in baseline.
    following : Presentation, optional
        The odor that begins at ``stop``, if no spike is changed before its end.
    """

    time: float
    stop: float
    shown: Presentation | None
    following: Presentation | None

    @property
    def condition(self) -> str:
        """``learned odor``, ``novel odor``, …, or ``baseline``."""
        return "baseline" if self.shown is None else f"{self.shown.kind} odor"

    @property
    def end(self) -> float:
        """End of the odor, or the change itself where there is none, ms."""
        return self.time if self.shown is None else min(self.shown.offset, self.stop)


def perturbations(run: Run) -> Sequence[Mapping[str, Any]]:
    """Tables ``[[simulation.perturb]]`` of a run."""
    tables: Sequence[Mapping[str, Any]] = run.config.get("simulation", {}).get("perturb", ())
    return tables


def pairs(changed: Sequence[Run], others: Sequence[Run]) -> Iterator[Pair]:
    """Yield runs with changed spikes together with the run that is otherwise the same, if it is there."""
    plain = {_identity(run): run for run in others if not perturbations(run)}
    for run in changed:
        if (partner := plain.get(_identity(run))) is not None:
            yield Pair(run, partner)


def _identity(run: Run) -> tuple[object, ...]:
    """Return what twins have in common."""
    given = run.config.get("simulation", {})
    rest = sorted((key, repr(value)) for key, value in given.items() if key not in _FREE and value)
    return run.network_hash, run.odors_hash, run.n_steps, tuple(rest)


def changes(run: Run) -> list[Change]:
    """List the changed spikes of a run in the order of their times.

    Of several at the same time, or before the next odor, each has the time up to the next one.
    """
    times = sorted({float(table["at"]) for table in perturbations(run)})
    return [_change(run, *both) for both in pairwise([*times, math.inf]) if both[0] < run.duration]


def _change(run: Run, time: float, next_time: float) -> Change:
    inside = (p for p in run.presentations if p.onset <= time < p.offset)
    later = next((p for p in run.presentations if p.onset > time), None)
    stop = min(run.duration, next_time, math.inf if later is None else later.onset)
    follows = later is not None and later.onset == stop and later.offset <= min(next_time, run.duration)
    return Change(time, stop, next(inside, None), later if follows else None)


def differing(pair: Pair, population: str, start: float, stop: float) -> Floats:
    """Find the times of the spikes that only one twin has, both twins together, increasing.

    Parameters
    ----------
    pair : Pair
        The twins.
    population : str
        Whose spikes.
    start, stop : float
        Those with start < t <= stop, ms.

    Returns
    -------
    ndarray of float64, shape (n_spikes,)
        ms. A spike that is shifted counts twice: it is gone in one place, and new in the other.
    """
    n_cells = pair.plain.wiring.population(population).size

    def spikes(run: Run) -> Ids:
        steps, ids = run.source(population).between(round(start / run.dt), round(stop / run.dt))
        return steps * n_cells + ids

    only_one = np.setxor1d(spikes(pair.changed), spikes(pair.plain), assume_unique=True) // n_cells
    return np.asarray(np.sort(only_one) * pair.plain.dt)


def neurons(run: Run) -> tuple[str, ...]:
    """Names of the populations that fire by themselves."""
    population_names = PopulationNames.of(run.wiring)
    return population_names.excitatory, *population_names.inhibitory


def were_synchronised(pair: Pair, change: Change) -> bool:
    """Whether no spike differs in the 200 ms before a change: what is seen after it is its doing."""
    return _last(pair, change.time - SAME, change.time) is None


def reset_time(pair: Pair, change: Change) -> float:
    """Time after the odor from which on all spikes are the same.

    Parameters
    ----------
    pair : Pair
        The twins.
    change : Change
        One changed spike.

    Returns
    -------
    float
        ms after `Change.end`, up to `Change.stop`, 0 if they are the same all that time; infinite if a spike
        differs in the last 200 ms before that, NaN if there are not 200 ms.
    """
    if change.stop - change.end < SAME:
        return math.nan
    last = _last(pair, change.end, change.stop)
    if last is None:
        return 0.0
    return last - change.end if change.stop - last >= SAME else math.inf


def _last(pair: Pair, start: float, stop: float) -> float | None:
    """Time of the last spike that differs."""
    found = [differing(pair, name, max(start, 0.0), stop) for name in neurons(pair.plain)]
    return max((float(times[-1]) for times in found if times.size), default=None)


def late_differences(pair: Pair, change: Change) -> float:
    """Count E spikes that differ 0.5 to 1 s after the odor; NaN if that is not all before the next."""
    start, stop = (change.end + late for late in LATE)
    excitatory = PopulationNames.of(pair.plain.wiring).excitatory
    return float(len(differing(pair, excitatory, start, stop))) if stop <= change.stop else math.nan


def same_response(pair: Pair, change: Change) -> float:
    """1 if the next odor has the same E spikes, 0 if not; NaN without an undisturbed one."""
    if (p := change.following) is None:
        return math.nan
    return float(
        not differing(pair, PopulationNames.of(pair.plain.wiring).excitatory, p.onset, p.offset).size
    )
