"""Experiments: what runs are about, told from the files alone, and the numbers that they give.

An experiment is a protocol of the paper, such as a morph or a subspace. It knows its runs among others by
what is stored in RUN.h5 (odors, interventions, network), measures them, and gives samples: one number each,
with the network and the structure that it belongs to. Tables, the CSV and the claims are made of samples.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from eiassembly.analysis.measures.measure import Measure, Sample
from eiassembly.analysis.runs.run import Run

Measures = Mapping[str, Mapping[str, Measure]]
"""What is measured, by experiment and name."""


class Measured(Protocol):
    """What an experiment has found in some runs."""

    def samples(self) -> Iterator[Sample]:
        """Yield the numbers."""


class Result(Protocol):
    """What an experiment has found in one network."""

    @property
    def network(self) -> str:
        """As in `Sample`."""

    @property
    def structure(self) -> str:
        """As in `Sample`."""

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield name of the measure, condition, value in the unit of the measure."""


AnyResult = TypeVar("AnyResult", bound=Result)


@dataclass(frozen=True)
class MeasuredResults(Generic[AnyResult]):
    """Results of an experiment that yields numbers network by network.

    Parameters
    ----------
    name : str
        Of the experiment.
    results : sequence
        In the order of tables and figures.
    """

    name: str
    results: Sequence[AnyResult]

    def samples(self) -> Iterator[Sample]:
        """Yield the numbers."""
        for result in self.results:
            for name, condition, value in result.numbers():
                yield Sample(self.name, result.network, result.structure, name, value, condition)


@dataclass(frozen=True)
class Experiment:
    """A protocol of the paper.

    Parameters
    ----------
    name, title : str
        In samples, and in headings.
    measures : mapping of str to Measure
        What is measured, by name.
    recognises : callable
        Whether a run belongs to it; nothing but RUN.h5 decides.
    measure : callable
        Measures the runs that it recognises; it is also given all others, for what they are compared with.
    instead : bool
        Whether its runs are not to be measured odor by odor as well, because odors follow without a pause.
    """

    name: str
    title: str
    measures: Mapping[str, Measure]
    recognises: Callable[[Run], bool]
    measure: Callable[[Sequence[Run], Sequence[Run]], Measured]
    instead: bool = False
