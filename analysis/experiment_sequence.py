"""Novel and learned odours one after the other, in networks as published: rates, conductances, dynamics.

Conditions of the samples are the kinds of odours, ``novel`` and ``learned``.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from eiassembly.analysis.dynamics import DYNAMICS
from eiassembly.analysis.experiments import Sample, is_as_published, network_name, odors_config
from eiassembly.analysis.observables import QUANTITIES as OBSERVABLES
from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.results import Run
from eiassembly.analysis.tables import RunResult

NAME = "sequence"
QUANTITIES: Mapping[str, Quantity] = MappingProxyType(dict((*OBSERVABLES, *DYNAMICS)))


def is_sequence(run: Run) -> bool:
    """Whether a run is what the observables of the paper are about."""
    return is_as_published(run) and odors_config(run).get("kind", NAME) == NAME


def samples(result: RunResult) -> Iterator[Sample]:
    """Yield all observables and measures of the dynamics of a run."""
    run = result.run
    for kind, observed in result.observables.items():
        for name, _ in OBSERVABLES:
            yield Sample(NAME, network_name(run), run.structure, name, getattr(observed, name), kind)
        for name, _ in DYNAMICS:
            value = getattr(result.dynamics[kind].measures, name)
            yield Sample(NAME, network_name(run), run.structure, name, value, kind)
