"""Novel and learned odors one after the other, in networks as published: rates, conductances, dynamics.

Conditions of the samples are the kinds of odors, ``novel`` and ``learned``.
"""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from eiassembly.analysis.experiments.experiment import Sample
from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.measures.dynamics.summary import DYNAMICS, Dynamics
from eiassembly.analysis.measures.measure import Quantity
from eiassembly.analysis.measures.observables import QUANTITIES as OBSERVABLES
from eiassembly.analysis.runs.identity import is_as_published, network_name, odors_config
from eiassembly.analysis.runs.run import Run

NAME = "sequence"
QUANTITIES: Mapping[str, Quantity] = MappingProxyType(dict((*OBSERVABLES, *DYNAMICS)))


def is_sequence(run: Run) -> bool:
    """Whether a run is what the observables of the paper are about."""
    return is_as_published(run) and odors_config(run).get("kind", NAME) == NAME


def samples(result: RunResult) -> Iterator[Sample]:
    """Yield all observables and measures of the dynamics of a run."""
    run = result.run
    for kind, observed in result.observables.items():
        values = {name: float(getattr(observed, name)) for name, _ in OBSERVABLES}
        values |= _of_dynamics(result.dynamics[kind].measures)
        for name, value in values.items():
            yield Sample(NAME, network_name(run), run.structure, name, value, kind)


def _of_dynamics(measures: Dynamics) -> dict[str, float]:
    """Return the measures; a decay time is 0 where nothing outlasts the odor, though that was looked at."""
    values = {name: float(getattr(measures, name)) for name, _ in DYNAMICS}
    if math.isnan(measures.decay_time) and not math.isnan(measures.offset_excess):
        values["decay_time"] = 0.0
    return values
