"""Experiments: what runs are about, told from the files alone, and the numbers that they give.

An experiment is a protocol of the paper, such as a morph or a subspace. It knows its runs among others by
what is stored in RUN.h5 (odours, interventions, network), measures them, and gives samples: one number each,
with the network and the structure that it belongs to. Tables, the CSV and the claims are made of samples.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.results import Run
from eiassembly.model.config import NetworkConfig
from eiassembly.model.settings import INTERVENTIONS

if TYPE_CHECKING:
    from eiassembly.analysis.panels import Plate


@dataclass(frozen=True)
class Sample:
    """One measured number.

    Parameters
    ----------
    experiment : str
        Name of the experiment, e.g. ``morph``.
    network : str
        Which network, without its structure (see `network_name`): structures of one network share the
        unstructured network, the odours and the spikes of the mitral cells.
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

    def plates(self) -> Sequence["Plate"]:
        """Draw the figures; only this imports matplotlib."""


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
    drawn : callable
        Draws the figures of all results; only this imports matplotlib.
    """

    name: str
    results: Sequence[AnyResult]
    drawn: Callable[[Sequence[AnyResult]], Sequence["Plate"]]

    def samples(self) -> Iterator[Sample]:
        """Yield the numbers."""
        for result in self.results:
            for quantity, condition, value in result.numbers():
                yield Sample(self.name, result.network, result.structure, quantity, value, condition)

    def plates(self) -> Sequence["Plate"]:
        """Draw the figures."""
        return self.drawn(self.results)


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
        Whether its runs are not to be measured odour by odour as well, because odours follow without a pause.
    """

    name: str
    title: str
    quantities: Mapping[str, Quantity]
    recognises: Callable[[Run], bool]
    measure: Callable[[Sequence[Run], Sequence[Run]], Measured]
    instead: bool = False


def network_config(run: Run) -> Mapping[str, Any]:
    """Section ``[network]`` that the network was built from; empty where it is not one of ours."""
    return _section(run.wiring.description, "network")


def odors_config(run: Run) -> Mapping[str, Any]:
    """Section ``[odors]`` that the odours were drawn from; empty where they are not ours."""
    return _section(run.odors.description, "odors")


def _section(description: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section: Mapping[str, Any] = description.get("config", {}).get(name, {})
    return section


def network_name(run: Run) -> str:
    """Name a network without its structure; see `name_of`."""
    return name_of(run.wiring.description)


def name_of(description: Mapping[str, Any]) -> str:
    """Name a network: ``A seed 1``; also scale and odour seed where these are not 1.

    Networks that are not ours are told apart by their preset alone, if that is known.

    Parameters
    ----------
    description : mapping
        `Wiring.description`.
    """
    network = _section(description, "network")
    if not network:
        return str(description.get("preset", "imported"))
    more = {"scale": network["scale"], "odors": _section(description, "odors")["seed"]}
    parts = [network["preset"], f"seed {network['seed']}"]
    return " ".join(parts + [f"{name} {value}" for name, value in more.items() if value != 1])


def is_as_published(run: Run) -> bool:
    """Whether network and protocol are the paper's: nothing configured beside preset, structure and size.

    True of networks that are not ours, of which nothing is known.
    """
    network = network_config(run)
    if any(run.config["simulation"].get(name) for name in INTERVENTIONS):
        return False
    if not network:
        return True
    own = {key: network[key] for key in ("preset", "structure", "seed", "scale")}
    # Validated, as networks built before a key was there lack it.
    return NetworkConfig(**own) == NetworkConfig(**network)
