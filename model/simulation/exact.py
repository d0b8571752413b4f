"""Our neurons, spike sources and synapses in NEST, and their engine.

Spikes and states go into and out of our compiled module as arrays, between two calls of Simulate. NEST hands
them over in status dictionaries, whose lists of Python objects cost a fifth of the time of a simulation. The
module, once NEST has loaded it, is also called directly.
"""

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nest
import numpy as np
from numpy.typing import NDArray

from eiassembly.config.nest_names import exact_parameters
from eiassembly.config.parameters import Population
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import EnvironmentProblemError, SimulationError
from eiassembly.model.neuron.compile import NEURON, SOURCE, SYNAPSE
from eiassembly.model.protocol.abilities import EVERYTHING
from eiassembly.model.simulation.backend import Backend, Meter
from eiassembly.model.state.snapshot import COLUMNS, Arrivals, state_width

_STEP = ctypes.c_int64
_SIZE = ctypes.c_size_t
_COUNT = ctypes.POINTER(ctypes.c_size_t)
_IDS = np.ctypeslib.ndpointer(np.int64, ndim=1, flags="C_CONTIGUOUS")
_SPIKES = np.ctypeslib.ndpointer(np.int64, ndim=2, flags=("C_CONTIGUOUS", "WRITEABLE"))
_ROWS = np.ctypeslib.ndpointer(np.float64, ndim=2, flags="C_CONTIGUOUS")
_WRITABLE_ROWS = np.ctypeslib.ndpointer(np.float64, ndim=2, flags=("C_CONTIGUOUS", "WRITEABLE"))

_SIGNATURES: dict[str, list[Any]] = {
    "state_width": [_SIZE, _COUNT],
    "clear": [],
    "keep_spikes": [],
    "n_spikes": [_COUNT],
    "take_spikes": [_SPIKES, _SIZE],
    "feed": [_IDS, _IDS, _SIZE],
    "record_state": [_IDS, _SIZE, _STEP, _STEP, _COUNT],
    "n_sampled_numbers": [_SIZE, _COUNT],
    "take_samples": [_SIZE, _WRITABLE_ROWS, _SIZE],
    "take_snapshot": [_IDS, _SIZE, _SIZE, _WRITABLE_ROWS],
    "restore": [_IDS, _SIZE, _SIZE, _ROWS],
    "arrive": [_IDS, _IDS, _IDS, _SIZE, _SIZE],
    "inject": [_IDS, _SIZE, _STEP, _STEP, ctypes.c_double],
    "drop": [_STEP, _STEP],
    "send": [_IDS, _IDS, _SIZE],
}
"""Arguments of the module's functions (without their prefix); all return null, or what is wrong."""


class Engine:
    """The neurons and spike sources of this process.

    What the module refuses changes nothing and raises SimulationError: ids that are no nodes or not of our
    neuron, arrays of different lengths, steps that are over.

    Parameters
    ----------
    module : Path
        The compiled module that NEST has loaded.

    Raises
    ------
    EnvironmentProblemError
        The file is not this version's module.
    """

    def __init__(self, module: Path):
        library = ctypes.CDLL(str(module))
        try:
            self._functions = {name: library[f"eiassembly_{name}"] for name in _SIGNATURES}
        except AttributeError as error:
            raise EnvironmentProblemError(f"{module}: not the module of this version: {error}") from error
        for name, function in self._functions.items():
            function.argtypes, function.restype = _SIGNATURES[name], ctypes.c_char_p
        if self._count("state_width", 1) != state_width(1):
            raise EnvironmentProblemError(f"{module}: not the module of this version: other states")

    def _call(self, name: str, *arguments: Any) -> None:
        problem = self._functions[name](*arguments)
        if problem is not None:
            raise SimulationError(f"{name}: {' '.join(problem.decode(errors='replace').split())}")

    def _count(self, name: str, *arguments: Any) -> int:
        """Call a function whose last argument is where it leaves a number."""
        number = ctypes.c_size_t()
        self._call(name, *arguments, ctypes.byref(number))
        return number.value

    def clear(self) -> None:
        """Forget the spikes that are kept, all recorders of states and what was to be done to neurons."""
        self._call("clear")

    def keep_spikes(self) -> None:
        """Keep the spikes of all neurons from now on."""
        self._call("keep_spikes")

    def take(self) -> Ids:
        """Return and forget the kept spikes, shape (n_spikes, 2): step (1-based), node id; in no order."""
        rows = np.empty((self._count("n_spikes"), 2), np.int64)
        self._call("take_spikes", rows, rows.size)
        return rows

    def feed(self, steps: Ids, senders: Ids) -> None:
        """Give the spike sources what they are to fire next.

        Parameters
        ----------
        steps, senders : ndarray of int64, shape (n_spikes,)
            Steps (1-based, not decreasing, in the future) and node ids of spike sources; those of other
            processes are skipped.

        Raises
        ------
        SimulationError
            The steps are not in order or in the past, or a sender is not a spike source.
        """
        self._call("feed", *_equally_long(steps, senders), len(steps))

    def record_state(self, neurons: Ids, interval: int, shift: int) -> int:
        """Record the state of neurons every ``interval`` steps; returns the number of the recorder.

        Parameters
        ----------
        neurons : ndarray of int64, shape (n_neurons,)
            Node ids; those of other processes are skipped.
        interval, shift : int
            After the steps s (1-based) with s + shift divisible by the interval.
        """
        return self._count("record_state", _ids(neurons), len(neurons), interval, shift)

    def samples(self, recorder: int, n_ports: int) -> Floats:
        """Take what a recorder has kept, in no order.

        Parameters
        ----------
        recorder : int
            Its number.
        n_ports : int
            Ports of its neurons.

        Returns
        -------
        ndarray of float64, shape (n, 2 + `state_width`)
            Step, node id and the state.
        """
        columns = 2 + state_width(n_ports)
        rows = np.empty((self._count("n_sampled_numbers", recorder) // columns, columns))
        self._call("take_samples", recorder, rows, rows.size)
        return rows

    def snapshot(self, neurons: Ids, n_ports: int) -> Floats:
        """Read the states of neurons, shape (n_neurons, `state_width`); see `snapshot.COLUMNS`.

        Parameters
        ----------
        neurons : ndarray of int64, shape (n_neurons,)
            Node ids; rows of those of other processes are NaN.
        n_ports : int
            Ports they have.
        """
        rows = np.full((len(neurons), state_width(n_ports)), np.nan)
        self._call("take_snapshot", _ids(neurons), *rows.shape, rows)
        return rows

    def restore(self, neurons: Ids, rows: Floats) -> None:
        """Give neurons of this process the states of a snapshot; those of other processes are skipped.

        Raises
        ------
        SimulationError
            The states are not as wide as those of these neurons.
        """
        neurons, states = _ids(neurons), np.ascontiguousarray(rows, np.float64)
        if len(states) != len(neurons):
            raise SimulationError(f"restore: expected {len(neurons)} states, found {len(states)}")
        self._call("restore", neurons, *states.shape, states)

    def arrive(self, targets: Ids, steps: Ids, contacts: Ids, port: int) -> None:
        """Have contacts arrive at a port of neurons of this process, as if their spikes were on their way.

        Parameters
        ----------
        targets, steps, contacts : ndarray of int64, shape (n,)
            Node ids, steps (0-based) in whose update they act, and how many.
        port : int
            From 0.
        """
        self._call("arrive", *_equally_long(targets, steps, contacts), len(targets), port)

    def inject(self, neurons: Ids, first: int, last: int, current: float) -> None:
        """Inject a current [pA] into neurons in the steps ``first`` < s <= ``last`` (1-based).

        Parameters
        ----------
        neurons : ndarray of int64, shape (n_neurons,)
            Node ids; those of other processes are skipped.
        first, last : int
            Steps.
        current : float
            pA; adds to what else is injected.
        """
        self._call("inject", _ids(neurons), len(neurons), first, last, current)

    def drop(self, neuron: int, step: int) -> None:
        """Do not transmit the first spike of a neuron at or after a step, if it is of this process."""
        self._call("drop", neuron, step)

    def send(self, steps: Ids, neurons: Ids) -> None:
        """Send spikes that neurons need not fire themselves.

        Parameters
        ----------
        steps, neurons : ndarray of int64, shape (n_spikes,)
            Steps (1-based, not decreasing, after those given earlier) and node ids; those of other processes
            are skipped.
        """
        self._call("send", *_equally_long(steps, neurons), len(steps))


def _ids(values: Ids) -> Ids:
    return np.ascontiguousarray(values, np.int64)


def _equally_long(*arrays: Ids) -> Iterator[Ids]:
    """Arrays as the module reads them; it knows only one length."""
    lengths = {len(array) for array in arrays}
    if len(lengths) != 1:
        raise SimulationError(f"expected arrays of one length, found {sorted(lengths)}")
    return (_ids(array) for array in arrays)


class EngineMeter:
    """Neurons of ours, recorded by the engine that updates them.

    Parameters
    ----------
    engine : Engine
        Of the neurons.
    neurons : ndarray of int64, shape (n_cells,)
        Node ids; successive.
    columns : mapping of str to int
        Places of the quantities in a state, by our names.
    n_ports : int
        Ports of the neurons.
    interval, shift : int
        Steps, see `Engine.record_state`.
    """

    slices_behind = 0

    def __init__(
        self,
        engine: Engine,
        neurons: NDArray[np.int64],
        columns: Mapping[str, int],
        n_ports: int,
        interval: int,
        shift: int,
    ):
        self._engine = engine
        self._first = int(neurons[0])
        self._places = [0, 1, *(2 + column for column in columns.values())]
        self._n_ports = n_ports
        self._recorder = engine.record_state(neurons, interval, shift)
        self.n_cells = len(neurons)
        self.quantities = tuple(columns)

    def take(self) -> Floats:
        """Return and forget this process's samples, shape (n, 2 + n_quantities): step, id, values."""
        samples = self._engine.samples(self._recorder, self._n_ports)[:, self._places]
        samples[:, 1] -= self._first
        return samples


class ExactCells:
    """The neuron, spike source and synapse of our extension module."""

    def __init__(self, module: Path):
        try:
            nest.Install(str(module))
        except nest.NESTError as error:
            raise EnvironmentProblemError(
                f"{module}: NEST cannot load the compiled neuron; remove the file to have it compiled again"
            ) from error
        self.engine = Engine(module)

    @property
    def backend(self) -> Backend:
        """They can do everything."""
        return BACKEND

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

    def meter(
        self, neurons: Any, sources: Sequence[str], quantities: Sequence[str], interval: int, shift: int
    ) -> Meter:
        """Have the engine record them, too."""
        state = BACKEND.state(sources)
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


def _cells(module: Path | None) -> ExactCells:
    if module is None:
        raise EnvironmentProblemError("the exact neuron: expected the compiled module, found none")
    return ExactCells(module)


BACKEND = Backend(
    kind="the exact neuron",
    make=_cells,
    columns=COLUMNS,
    has_ports=True,
    recordable=("V_m", "z"),
    abilities=EVERYTHING,
)
