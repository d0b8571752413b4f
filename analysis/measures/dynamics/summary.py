"""How variable, reliable and persistent activity is in the odor sequence of a run."""

import math
from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from operator import attrgetter
from typing import Any

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.dynamics.fano import quenching_index
from eiassembly.analysis.measures.dynamics.offsets import AFTER, AT_OFFSET, LATE, Offsets, offsets
from eiassembly.analysis.measures.dynamics.persistence import decay, integral_time, persistent_share
from eiassembly.analysis.measures.dynamics.reliability import (
    BIN,
    Patterns,
    lagged_correlations,
    mean_between_bins,
    patterns,
)
from eiassembly.analysis.measures.dynamics.variability import Variability, variability
from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.windows import is_free_before
from eiassembly.odors.odors import Presentation

GROUP = "dynamics"
_LOCAL = ("cv", "cv2", "lv")


def _measured(title: str, unit: str, source: str) -> Any:
    return field(metadata={"title": title, "unit": unit, "source": source})


@dataclass(frozen=True)
class DynamicsMeasures:
    """Measures of the dynamics of E in one run for one kind of odor; NaN where one is undefined.

    Members belong to the assembly of the presented odor; the others are all other E cells: everyone, if the
    odor has no assembly. See docs/dynamics.md for the definitions.
    """

    cv_members: float = _measured("CV of intervals, members", "1", "Fig. 2 suppl. 2C")
    cv_others: float = _measured("CV of intervals, others", "1", "Fig. 2 suppl. 2C")
    cv2_members: float = _measured("CV2 of intervals, members", "1", "Fig. 2 suppl. 2C")
    cv2_others: float = _measured("CV2 of intervals, others", "1", "Fig. 2 suppl. 2C")
    lv_members: float = _measured("LV of intervals, members", "1", "Fig. 2 suppl. 2C")
    lv_others: float = _measured("LV of intervals, others", "1", "Fig. 2 suppl. 2C")
    cv_before: float = _measured("CV of intervals, before the odor", "1", "ours")
    fano_time_members: float = _measured("Fano factor over time, members", "1", "ours")
    fano_time_others: float = _measured("Fano factor over time, others", "1", "ours")
    fano_time_before: float = _measured("Fano factor over time, before the odor", "1", "ours")
    fano_members: float = _measured("Fano factor over trials, members", "1", "ours")
    fano_others: float = _measured("Fano factor over trials, others", "1", "ours")
    fano_before: float = _measured("Fano factor over trials, before the odor", "1", "ours")
    quenching: float = _measured("Quenching of variability at onset", "1", "ours")
    time_correlation: float = _measured("Correlation of patterns over time", "1", "Fig. 2E")
    trial_correlation: float = _measured("Correlation of patterns over trials", "1", "Fig. 2E")
    pattern_time: float = _measured("Autocorrelation time of patterns", "ms", "Fig. 2E")
    offset_excess: float = _measured("Assembly rate after offset above that before", "Hz", "ours")
    decay_time: float = _measured("Decay of assembly activity after offset", "ms", "Fig. 2E")
    persistence: float = _measured("Assembly rate 0.5–1 s after offset / before", "1", "Fig. 2E")
    persistence_all: float = _measured("E rate 0.5–1 s after offset / before", "1", "Fig. 2E")


def _measure(of: Field[float]) -> Measure:
    value = attrgetter(of.name)
    return Measure(
        of.name,
        **of.metadata,
        group=GROUP,
        function=lambda result, kind: value(result.dynamics[kind].measures),
    )


MEASURES: tuple[Measure, ...] = tuple(_measure(of) for of in fields(DynamicsMeasures))
"""Measures of the dynamics, in the order of tables; a function is given a result and a kind of odor."""


@dataclass(frozen=True, eq=False)
class KindDynamics:
    """Dynamics for one kind of odor: the measures and what figures show of them.

    Parameters
    ----------
    measures : DynamicsMeasures
        Numbers.
    variability : Variability
        Irregularity and Fano factors, cell by cell.
    patterns : Patterns
        Correlations of patterns over time.
    offsets : Offsets
        Rates after the end of the odor.
    """

    measures: DynamicsMeasures
    variability: Variability
    patterns: Patterns
    offsets: Offsets


def dynamics(run: Recording, presentations: Sequence[Presentation]) -> KindDynamics:
    """Measure the dynamics in presentations of one kind; spikes are read one presentation at a time.

    Parameters
    ----------
    run : Recording
        The run.
    presentations : sequence of Presentation
        Presentations that lie, with the second before them, inside the run.
    """
    excitatory = run.population_names.excitatory
    spikes = run.source(excitatory)
    members = {assembly.odor: assembly.of(excitatory) for assembly in run.wiring.assemblies}
    free = {p for p in presentations if is_free_before(p, run.presentations)}
    varied = variability(spikes, run.dt, presentations, members, free)
    shown = patterns(spikes, run.dt, run.n_steps, presentations)
    ended = offsets(spikes, run.dt, run.n_steps, presentations, run.presentations, members)
    measures = {**_of_variability(varied), **_of_patterns(shown), **_of_offsets(ended)}
    return KindDynamics(DynamicsMeasures(**measures), varied, shown, ended)


def _of_variability(varied: Variability) -> dict[str, float]:
    means = {f"{name}_members": mean_of_defined(getattr(varied, name).members) for name in _LOCAL}
    means |= {f"{name}_others": mean_of_defined(getattr(varied, name).others) for name in _LOCAL}
    trials = varied.fano_trials
    before, during = mean_of_defined(trials.before), mean_of_defined(np.append(trials.members, trials.others))
    return means | {
        "cv_before": mean_of_defined(varied.cv.before),
        "fano_time_members": mean_of_defined(varied.fano_time.members),
        "fano_time_others": mean_of_defined(varied.fano_time.others),
        "fano_time_before": mean_of_defined(varied.fano_time.before),
        "fano_members": mean_of_defined(trials.members),
        "fano_others": mean_of_defined(trials.others),
        "fano_before": before,
        "quenching": quenching_index(before, during),
    }


def _of_patterns(shown: Patterns) -> dict[str, float]:
    within = shown.during(shown.within)
    return {
        "time_correlation": mean_between_bins(within),
        "trial_correlation": mean_of_defined(shown.during(shown.between)),
        "pattern_time": integral_time(lagged_correlations(within), BIN),
    }


def _of_offsets(ended: Offsets) -> dict[str, float]:
    after = ended.times > 0
    at_offset = after & (ended.times < AT_OFFSET)
    found = decay(ended.times[after], ended.rates["members"][after], ended.before["members"])
    return {
        "offset_excess": float(ended.rates["members"][at_offset].mean()) - ended.before["members"],
        "decay_time": found.tau if ended.is_above_before else math.nan,
        "persistence": _persistence(ended, "members"),
        "persistence_all": _persistence(ended, "all"),
    }


def _persistence(ended: Offsets, group: str) -> float:
    rates, late = ended.rates[group], ended.times > AFTER - LATE
    return persistent_share(float(rates[ended.times < 0].mean()), float(rates[late].mean()))
