"""What a simulation needs of its neurons and synapses, whoever they are: a declaration, cells and meters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import Population
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import ConfigError
from eiassembly.model.protocol.abilities import Ability
from eiassembly.model.state.snapshot import Arrivals


class Meter(Protocol):
    """Records quantities of the first cells of a population."""

    n_cells: int
    """How many cells of the population, from the first one."""
    quantities: tuple[str, ...]
    """Our names of what is recorded."""
    slices_behind: int
    """Time slices by which samples come late."""

    def take(self) -> Floats:
        """Return and forget this process's samples, shape (n, 2 + n_quantities): step, id, values."""


class Cells(Protocol):
    """How populations and projections become nodes and synapses."""

    @property
    def backend(self) -> "Backend":
        """What these neurons are and can do."""

    def neurons(self, population: Population, inputs: Sequence[tuple[Population, Projection]]) -> Any:
        """Create the neurons of a population with these inputs."""

    def sources(self, size: int) -> Any:
        """Create cells with given spike trains."""

    def feed(self, sources: Any, steps: Ids, ids: Ids, dt: float) -> None:
        """Hand the spikes of the next block to the sources; every process hands over its own at least."""

    def record_spikes(self, neurons: Sequence[Any]) -> None:
        """Record the spikes of these neurons from now on."""

    def take_spikes(self) -> tuple[Ids, Ids]:
        """Return and forget (steps, node ids) of the spikes recorded in this process, in any order."""

    def synapses(self, port: int, source: Population, projection: Projection) -> dict[str, Any]:
        """Synapse specification of a projection onto the given port (0, 1, …) of its target."""

    def entries(self, projection: Projection) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return sources and targets (ids in their populations) of the connections to make."""

    def meter(
        self, neurons: Any, sources: Sequence[str], quantities: Sequence[str], interval: int, shift: int
    ) -> Meter:
        """Record quantities of some neurons after the steps s with s + shift divisible by the interval.

        Parameters
        ----------
        neurons : nest.NodeCollection
            Of one population, from the first one.
        sources : sequence of str
            Its source populations.
        quantities : sequence of str
            Some of its recordables.
        interval, shift : int
            Steps.
        """


class AbleCells(Cells, Protocol):
    """Cells with all abilities; a backend has the methods of those that it declares."""

    def silence(self, neurons: Any, windows: Ids) -> None:
        """Block the output of neurons in the steps ``first`` < s <= ``last`` of each window, shape (n, 2)."""

    def inject(self, nodes: Ids, windows: Ids, current: float) -> None:
        """Let a current [pA] flow into neurons in the steps ``first`` < s <= ``last`` of each window."""

    def drop(self, node: int, step: int) -> None:
        """Do not transmit the first spike of a neuron at or after a step."""

    def send(self, steps: Ids, nodes: Ids) -> None:
        """Send spikes that neurons need not fire: steps not decreasing, not before those given earlier."""

    def set_g_rest(self, neurons: Any, g_rest: float) -> None:
        """Change the resting conductance [nS] from now on."""

    def snapshot(self, nodes: Ids, n_ports: int) -> Floats:
        """Read the states of neurons of this process, see `Engine.snapshot`."""

    def restore(self, nodes: Ids, states: Floats) -> None:
        """Give neurons the states of a snapshot; those of other processes are skipped."""

    def arrive(self, first: int, port: int, arriving: Arrivals) -> None:
        """Have contacts arrive at a port of neurons whose population begins with the node ``first``."""


@dataclass(frozen=True)
class Backend:
    """What neurons are and can do; asked before there are any.

    Parameters
    ----------
    kind : str
        What these neurons are called in messages.
    make : callable
        Returns cells; it is given the compiled extension module, or None where no neuron of it is used.
    columns : tuple of str
        State of a neuron, without its ports.
    has_ports : bool
        Whether a neuron has a port, with a conductance of its own, for every source population.
    recordable : tuple of str
        Columns that can be recorded, beside the conductances of ports.
    abilities : frozenset of Ability
        What else they can do than fire.
    """

    kind: str
    make: Callable[[Path | None], Cells]
    columns: tuple[str, ...]
    has_ports: bool
    recordable: tuple[str, ...]
    abilities: frozenset[Ability] = frozenset()

    def recordables(self, sources: Sequence[str]) -> tuple[str, ...]:
        """Return what can be recorded from a neuron with these source populations, by our names."""
        return (*self.recordable, *self._conductances(sources))

    def state(self, sources: Sequence[str]) -> tuple[str, ...]:
        """Return the columns of the state of a neuron with these source populations."""
        return (*self.columns, *self._conductances(sources))

    def _conductances(self, sources: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"g_{name}" for name in sources) if self.has_ports else ()


def check_abilities(backend: Backend, requested: Iterable[tuple[str, Sequence[Ability]]]) -> None:
    """Refuse what these neurons cannot do.

    Parameters
    ----------
    backend : Backend
        The neurons.
    requested : iterable of (str, sequence of Ability)
        What is asked for, by its key or option, and which abilities that needs.

    Raises
    ------
    ConfigError
        Names the first key, and what the neurons lack.
    """
    for key, needed in requested:
        for ability in needed:
            if ability not in backend.abilities:
                raise ConfigError(
                    f"{key}: expected the exact neuron (--neuron extension), found {backend.kind}, "
                    f"which {ability.lacking}"
                )
