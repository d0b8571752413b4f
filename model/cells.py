"""Cells and synapses in NEST: our exact neuron, or NEST's own, behind one interface."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Projection
from eiassembly.model.engine import Engine
from eiassembly.model.errors import ConfigError, EnvironmentProblemError
from eiassembly.model.extension import NEURON, SOURCE, SYNAPSE
from eiassembly.model.meters import EngineMeter, Meter, Multimeter
from eiassembly.model.parameters import Population
from eiassembly.model.settings import INTERVENTIONS, Dynamics, Execution
from eiassembly.model.snapshot import COLUMNS, Arrivals
from eiassembly.model.stock_neurons import exact_parameters, stock_model

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


class Cells(Protocol):
    """How populations and projections become nodes and synapses."""

    kind: str
    """What these neurons are called in messages."""

    def neurons(self, population: Population, inputs: Sequence[tuple[Population, Projection]]) -> Any:
        """Create the neurons of a population with these inputs."""

    def sources(self, size: int) -> Any:
        """Create cells with given spike trains."""

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

    def recordables(self, sources: Sequence[str]) -> Sequence[str]:
        """Our names of what can be recorded from a neuron with these source populations."""

    def snapshot(self, nodes: Ids, n_ports: int) -> Floats:
        """Read the states of neurons of this process, see `Engine.snapshot`."""

    def restore(self, nodes: Ids, states: Floats) -> None:
        """Give neurons the states of a snapshot; those of other processes are skipped."""

    def arrive(self, first: int, port: int, arriving: Arrivals) -> None:
        """Have contacts arrive at a port of neurons whose population begins with the node ``first``."""

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


class ExactCells:
    """The neuron, spike source and synapse of our extension module."""

    kind = "the exact neuron"

    def __init__(self, module: Path):
        try:
            nest.Install(str(module))
        except nest.NESTError as error:
            raise EnvironmentProblemError(
                f"{module}: NEST cannot load the compiled neuron; remove the file to have it compiled again"
            ) from error
        self.engine = Engine(module)

    def neurons(self, population: Population, inputs: Sequence[tuple[Population, Projection]]) -> Any:
        """Create neurons with one port per source population."""
        p = population.neuron
        assert p is not None  # noqa: S101  # only populations with parameters have neurons
        parameters: dict[str, float | list[float]] = {**exact_parameters(p)}
        parameters |= {
            "tau_syn": [p.tau_syn(source.sign) for source, _ in inputs],
            "E_rev": [p.reversal(source.sign) for source, _ in inputs],
            "strength": [projection.strength for _, projection in inputs],
            "g": [0.0] * len(inputs),
        }
        return nest.Create(NEURON, population.size, params=parameters)

    def sources(self, size: int) -> Any:
        """Create sources; those of one virtual process share a schedule."""
        return nest.Create(SOURCE, size)

    def silence(self, neurons: Any, windows: Ids) -> None:
        """Tell the neurons: they know when their output is blocked."""
        first, last = windows.T.tolist()
        neurons.set(silent_from=first, silent_until=last)

    def inject(self, nodes: Ids, windows: Ids, current: float) -> None:
        """Hand the windows to the engine of the neurons."""
        for first, last in windows.tolist():
            self.engine.inject(nodes, first, last, current)

    def drop(self, node: int, step: int) -> None:
        """Tell the engine, which is asked whenever a neuron fires."""
        self.engine.drop(node, step)

    def send(self, steps: Ids, nodes: Ids) -> None:
        """Hand the spikes to the engine of the neurons."""
        self.engine.send(steps, nodes)

    def set_g_rest(self, neurons: Any, g_rest: float) -> None:
        """Change a parameter: neighbours that differ are updated one after the other."""
        neurons.set(g_L=g_rest)

    def feed(self, sources: Any, steps: Ids, ids: Ids, dt: float) -> None:
        """All sources of this process are served at once."""
        self.engine.feed(steps, ids + sources[0].global_id)

    def record_spikes(self, neurons: Sequence[Any]) -> None:
        """Have the neurons' engine keep them: no recorder, no connections to it."""
        self.engine.clear()
        self.engine.keep_spikes()

    def take_spikes(self) -> tuple[Ids, Ids]:
        """Take what the engine has kept."""
        rows = self.engine.take()
        return rows[:, 0], rows[:, 1]

    def synapses(self, port: int, source: Population, projection: Projection) -> dict[str, Any]:
        """Contacts have neither weight nor time constant: both belong to the port."""
        return {"synapse_model": SYNAPSE, "receptor_type": port + 1}

    def entries(self, projection: Projection) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """One connection per contact."""
        contacts = projection.multiplicity
        return np.repeat(projection.sources, contacts), np.repeat(projection.targets(), contacts)

    def recordables(self, sources: Sequence[str]) -> Sequence[str]:
        """V_m, z and the conductance of every port."""
        return ("V_m", "z", *(f"g_{name}" for name in sources))

    def meter(
        self, neurons: Any, sources: Sequence[str], quantities: Sequence[str], interval: int, shift: int
    ) -> Meter:
        """Have the engine record them, too."""
        state = (*COLUMNS, *(f"g_{name}" for name in sources))
        columns = {quantity: state.index(quantity) for quantity in quantities}
        ids = np.arange(len(neurons)) + neurons[0].global_id
        return EngineMeter(self.engine, ids, columns, len(sources), interval, shift)

    def snapshot(self, nodes: Ids, n_ports: int) -> Floats:
        """All state of a neuron is in the engine."""
        return self.engine.snapshot(nodes, n_ports)

    def restore(self, nodes: Ids, states: Floats) -> None:
        """Put it there."""
        self.engine.restore(nodes, states)

    def arrive(self, first: int, port: int, arriving: Arrivals) -> None:
        """Count them where spikes are counted."""
        steps = np.full(len(arriving.targets), arriving.step)
        self.engine.arrive(arriving.targets + first, steps, arriving.contacts, port)


class StockCells:
    """NEST's aeif_cond_exp (without its exponential term), iaf_cond_exp and spike_train_injector.

    They solve the same equations with an adaptive solver instead of forward Euler: rates agree, not spikes.
    """

    kind = "the stock NEST neurons"

    def neurons(self, population: Population, inputs: Sequence[tuple[Population, Projection]]) -> Any:
        """Create aeif_cond_exp where there is adaptation, else iaf_cond_exp."""
        p = population.neuron
        assert p is not None  # noqa: S101  # only populations with parameters have neurons
        model, parameters = stock_model(p)
        return nest.Create(model, population.size, params=parameters)

    def sources(self, size: int) -> Any:
        """Create injectors, which live on one virtual process each like neurons."""
        return nest.Create("spike_train_injector", size)

    def silence(self, neurons: Any, windows: Ids) -> None:
        """Raise NotImplementedError: NEST sends every spike of these neurons."""
        raise NotImplementedError(f"{self.kind} cannot be silenced")

    def inject(self, nodes: Ids, windows: Ids, current: float) -> None:
        """Raise NotImplementedError: what a protocol does needs our engine."""
        raise NotImplementedError(f"{self.kind} know no protocols")

    def drop(self, node: int, step: int) -> None:
        """As `inject`."""
        self.inject(np.array([node]), np.empty((0, 2), np.int64), 0.0)

    def send(self, steps: Ids, nodes: Ids) -> None:
        """As `inject`."""
        self.inject(nodes, np.empty((0, 2), np.int64), 0.0)

    def set_g_rest(self, neurons: Any, g_rest: float) -> None:
        """As `inject`."""
        self.send(np.empty(0, np.int64), np.empty(0, np.int64))

    def feed(self, sources: Any, steps: Ids, ids: Ids, dt: float) -> None:
        """Every injector takes its own train."""
        order = np.lexsort((steps, ids))
        trains = np.split(steps[order] * dt, np.searchsorted(ids[order], np.arange(1, len(sources))))
        sources.set([{"spike_times": train} for train in trains])

    def record_spikes(self, neurons: Sequence[Any]) -> None:
        """Connect all to one recorder."""
        self._recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
        for population in neurons:
            nest.Connect(population, self._recorder)

    def take_spikes(self) -> tuple[Ids, Ids]:
        """Empty the recorder."""
        events = self._recorder.events
        self._recorder.n_events = 0
        return np.asarray(events["times"], np.int64), np.asarray(events["senders"], np.int64)

    def synapses(self, port: int, source: Population, projection: Projection) -> dict[str, Any]:
        """Weights in nS, negative ones act on the inhibitory conductance."""
        sign = 1.0 if source.sign == "excitatory" else -1.0
        return {
            "synapse_model": "static_synapse",
            "weight": sign * projection.strength * projection.multiplicity,
        }

    def entries(self, projection: Projection) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """One connection per pair, its weight counts the contacts."""
        return projection.sources, projection.targets()

    def recordables(self, sources: Sequence[str]) -> Sequence[str]:
        """Offer V_m alone: the stock neurons sum the conductances of all sources of one sign."""
        return ("V_m",)

    def snapshot(self, nodes: Ids, n_ports: int) -> Floats:
        """Raise NotImplementedError: their solvers have a state of their own."""
        raise NotImplementedError(f"{self.kind} have no snapshots")

    def restore(self, nodes: Ids, states: Floats) -> None:
        """As `snapshot`."""
        self.snapshot(nodes, 0)

    def arrive(self, first: int, port: int, arriving: Arrivals) -> None:
        """As `snapshot`."""
        self.snapshot(arriving.targets, 0)

    def meter(
        self, neurons: Any, sources: Sequence[str], quantities: Sequence[str], interval: int, shift: int
    ) -> Meter:
        """Connect a multimeter; it starts with the simulation, whatever the shift."""
        return Multimeter(neurons, {name: name for name in quantities}, interval * nest.resolution)


def cells_for(dynamics: Dynamics, execution: Execution, module: Path | None) -> Cells:
    """Return the cells of a simulation; the exact ones need the compiled module.

    Raises
    ------
    ConfigError
        Something is asked for that only the exact ones can do.
    EnvironmentProblemError
        NEST does not load the module.
    """
    if dynamics.neuron == "extension" and module:
        return ExactCells(module)
    refused: dict[str, tuple[object, str]] = {
        "silence": (dynamics.silence, "cannot be silenced"),
        **{name: (getattr(dynamics, name), "know no protocols") for name in INTERVENTIONS[1:]},
        "--checkpoint-every": (execution.checkpoint_every, "have no snapshots"),
    }
    for name, (value, reason) in refused.items():
        if value:
            raise ConfigError(
                f"{name}: expected the exact neuron (--neuron extension), found {StockCells.kind}, "
                f"which {reason}"
            )
    return StockCells()
