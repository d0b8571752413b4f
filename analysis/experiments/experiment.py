"""Experiments: what runs are about, told from the files alone, and the numbers that they give.

An experiment is a protocol of the paper, such as a morph or a subspace. It knows its runs among others by
what is stored in RUN.h5 (odors, interventions, network), measures them, and gives samples: one number each,
with the network and the structure that it belongs to. Tables, the CSV and the claims are made of samples.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from eiassembly.analysis.measures.measure import Quantity
from eiassembly.analysis.runs.run import Run

Quantities = Mapping[str, Mapping[str, Quantity]]
"""What is measured, by experiment and name."""


@dataclass(frozen=True)
class Sample:
    """One measured number.

    Parameters
    ----------
    experiment : str
        Name of the experiment, e.g. ``morph``.
    network : str
        Which network, without its structure (see `network_name`): structures of one network share the
        unstructured network, the odors and the spikes of the mitral cells.
    structure : str
        E.g. ``tuned_ei``.
    quantity : str
        Name of the measure in `Experiment.quantities`.
    value : float
        In the unit of the quantity; NaN where it is undefined.
    condition : str
        What else tells it from others of this network and structure: ``learned``, ``alpha 5``, ….
    """

    experiment: str
    network: str
    structure: str
    quantity: str
    value: float
    condition: str = ""


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
        """Yield name of the quantity, condition, value in the unit of the quantity."""


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
            for quantity, condition, value in result.numbers():
                yield Sample(self.name, result.network, result.structure, quantity, value, condition)


@dataclass(frozen=True)
class Experiment:
    """A protocol of the paper.

    Parameters
    ----------
    name, title : str
        In samples, and in headings.
    quantities : mapping of str to Quantity
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
    quantities: Mapping[str, Quantity]
    recognises: Callable[[Run], bool]
    measure: Callable[[Sequence[Run], Sequence[Run]], Measured]
    instead: bool = False
