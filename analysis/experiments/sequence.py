"""Novel and learned odors one after the other, in networks as published: rates, conductances, dynamics.

Conditions of the samples are the kinds of odors, ``novel`` and ``learned``; measures of memories have none.
"""

from collections.abc import Mapping

from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.runs.identity import is_as_published, odors_config
from eiassembly.analysis.runs.run import Run

NAME = "sequence"


def measures() -> Mapping[str, Measure]:
    """Return the measures of single runs by name."""
    return by_name(*catalogue.MEASURES)


def is_sequence(run: Run) -> bool:
    """Whether a run is what the observables of the paper are about."""
    return is_as_published(run) and odors_config(run).get("kind", NAME) == NAME
