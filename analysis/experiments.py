"""Experiments: what runs are about, told from the files alone, and the numbers that they give.

An experiment is a protocol of the paper, such as a morph or a subspace. It knows its runs among others by what is
stored in RUN.h5 (odours, interventions, network), measures them, and gives samples: one number each, with the
network and the structure that it belongs to. Tables, the CSV and the claims are made of samples alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eiassembly.analysis.observables import Quantity
from eiassembly.analysis.results import Run

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
        Which network, without its structure (see `network_name`): structures of one network share the unstructured
        network, the odours and the spikes of the mitral cells.
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
    """

    name: str
    title: str
    quantities: Mapping[str, Quantity]
    recognises: Callable[[Run], bool]
    measure: Callable[[Sequence[Run], Sequence[Run]], Measured]


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
    """Name a network without its structure: ``A seed 1``, or ``A seed 1 × 4`` at scale 4."""
    return name_of(run.wiring.description, run.path.stem)


def name_of(description: Mapping[str, Any], otherwise: str) -> str:
    """Name a network by what is stored of where it comes from.

    Parameters
    ----------
    description : mapping
        `Wiring.description`.
    otherwise : str
        Name of one that is not ours.
    """
    config = _section(description, "network")
    if not config:
        return otherwise
    scale = config.get("scale", 1)
    return f"{config['preset']} seed {config['seed']}" + (f" × {scale}" if scale != 1 else "")
