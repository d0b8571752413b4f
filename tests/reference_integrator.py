"""The authors' scheme in plain NumPy: the oracle of the tests, written to be compared line by line.

Source: Meissner-Bernard, Zenke & Friedrich, eLife 13:RP96303 (2025), Table 1 and the authors' loop.
The floating-point order of operations is theirs. Nothing here is shared with the product but the Wiring.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eiassembly.config.parameters import DT, Population
from eiassembly.connectivity.wiring import Projection, Wiring

Array = NDArray[np.float64]
Spikes = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True)
class Reference:
    """What a simulation leaves behind.

    Parameters
    ----------
    spikes : dict
        Population (the source of the given spikes too) → (steps, ids), sorted by step, then id; steps are
        1-based, ids 0-based.
    traces : dict
        Population → quantity (``V_m``, ``z``, ``g_<source>``) → values at the end of every step, shape
        (n_steps, n_recorded_cells); row t−1 belongs to step t.
    """

    spikes: dict[str, Spikes]
    traces: dict[str, dict[str, Array]]


@dataclass
class Protocol:
    """What is done to the cells.

    Parameters
    ----------
    currents : sequence
        (population, ids, first, last, pA): flows in the steps first < s <= last.
    dropped : list
        (population, id, step): the first spike at or after the step that would be sent is not.
    sent : sequence
        (population, id, step): a spike that is sent without being fired.
    added : mapping
        Step → (population, quantity, ids, values): added to V_m, z, g_<source> or g_rest after the step; to
        the conductance that has acted in it, before it decays and takes in what arrives.
    """

    currents: Sequence[tuple[str, ArrayLike, int, int, float]] = ()
    dropped: list[tuple[str, int, int]] = field(default_factory=list)
    sent: Sequence[tuple[str, int, int]] = ()
    added: Mapping[int, Sequence[tuple[str, str, ArrayLike, ArrayLike]]] = field(default_factory=dict)

    def current(self, population: str, step: int, n_cells: int) -> Array:
        """Return what flows into each cell in a step."""
        total = np.zeros(n_cells)
        for name, ids, first, last, current in self.currents:
            if name == population and first < step <= last:
                total[ids] += current
        return total

    def changed(self, population: str, step: int, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the cells that send a spike in a step, of those that fire and are heard."""
        for dropped in sorted(self.dropped, key=lambda one: one[2]):
            name, cell, earliest = dropped
            if name == population and step >= earliest and cell in ids:
                ids = ids[ids != cell]
                self.dropped.remove(dropped)
        return np.append(ids, [i for name, i, at in self.sent if (name, at) == (population, step)]).astype(
            int
        )


class Port:
    """Conductance g of all cells of one population for the inputs from one source population."""

    def __init__(self, projection: Projection, source: Population, target: Population, dt: float) -> None:
        assert target.neuron is not None
        assert (projection.first_target, projection.n_targets) == (0, target.size)
        self.sign, self.strength = source.sign, projection.strength
        self.decay = math.exp(-dt / target.neuron.tau_syn(source.sign))
        self.contacts = projection.matrix().tocsc()  # one column per source cell
        self.g = np.zeros(target.size)

    def step(self, fired: NDArray[np.int64]) -> None:
        """g ← g·exp(−dt/τ_syn) + w·(number of incoming spikes); a cell may be listed twice in ``fired``."""
        count = np.zeros(len(self.g), np.int64)
        for source in fired:
            column = slice(*self.contacts.indptr[source : source + 2])
            count[self.contacts.indices[column]] += self.contacts.data[column]
        self.g = self.g * self.decay + self.strength * count


class Cells:
    """State of one population: V, z, the refractory counter, and one conductance per source population."""

    def __init__(self, wiring: Wiring, population: Population, dt: float, initial: Mapping[str, ArrayLike]):
        assert population.neuron is not None
        self.p, self.dt = population.neuron, dt
        self.t_ref = round(population.neuron.t_ref / dt)
        self.ports = {
            projection.source: Port(projection, wiring.population(projection.source), population, dt)
            for projection in wiring.inputs(population.name)
        }
        self.V = np.full(population.size, self.p.E_rest)
        self.z = np.zeros(population.size)
        self.g_rest = np.full(population.size, self.p.g_rest)
        self.refractory = np.zeros(population.size, np.int64)
        for name, value in initial.items():
            self._state(name)[:] = value

    def _state(self, name: str) -> NDArray:
        named = {"V_m": self.V, "z": self.z, "refractory": self.refractory, "g_rest": self.g_rest}
        return named[name] if name in named else self.ports[name.removeprefix("g_")].g

    def add(self, quantity: str, ids: ArrayLike, values: ArrayLike) -> None:
        """Displace a state (conductances stay >= 0) or g_rest of some cells."""
        state = self._state(quantity)
        state[ids] += values
        if quantity.startswith("g_"):
            state[ids] = np.maximum(state[ids], 0.0)

    def step(self, current: ArrayLike = 0.0) -> NDArray[np.int64]:
        """Advance V and z with the values of the end of the last step; returns who spikes in this one."""
        p, V, z = self.p, self.V, self.z
        g_exc = sum((port.g for port in self.ports.values() if port.sign == "excitatory"), 0.0)
        g_inh = sum((port.g for port in self.ports.values() if port.sign == "inhibitory"), 0.0)
        synaptic = g_exc * (p.E_exc - V) + g_inh * (p.E_inh - V)
        self.V = V + (self.dt / p.tau_m) * ((p.E_rest - V) + (synaptic + current - z) / self.g_rest)
        self.z = z + (self.dt / p.tau_a) * (p.a * (V - p.E_rest) - z)
        self.V[self.refractory > 0] = p.E_rest
        spiking = np.greater(self.V, p.V_th)
        self.refractory -= 1
        self.refractory[spiking] = self.t_ref
        self.z[spiking] += p.b
        return np.flatnonzero(spiking)

    def values(self, cells: ArrayLike) -> dict[str, Array]:
        """Present values of the chosen cells by the names they have in RUN.h5."""
        conductances = {f"g_{source}": port.g for source, port in self.ports.items()}
        return {name: x[cells] for name, x in {"V_m": self.V, "z": self.z, **conductances}.items()}


def simulate_reference(
    wiring: Wiring,
    spike_steps: ArrayLike,
    spike_ids: ArrayLike,
    n_steps: int,
    delay_steps: int = 1,
    dt: float = DT,
    initial: Mapping[str, Mapping[str, ArrayLike]] | None = None,
    record: Mapping[str, ArrayLike] | None = None,
    silenced: Mapping[str, Sequence[tuple[ArrayLike, int, int]]] | None = None,
    protocol: Protocol | None = None,
) -> Reference:
    """Simulate a network from given spikes of its mitral cells, the one population without neuron parameters.

    Parameters
    ----------
    wiring : Wiring
        Whole projections (no slices).
    spike_steps, spike_ids : array_like of int, shape (n_spikes,)
        Mitral cells' spikes, sorted by step; steps 1-based, ids 0-based, as in OdorSet.
    n_steps : int
        Number of steps.
    delay_steps : int
        Delay d of all connections: a spike of step s reaches g at the end of step s+d−1; 1: no delay.
    dt : float
        Length of a step, ms.
    initial : mapping, optional
        Population → ``V_m`` [mV], ``z`` [pA], ``refractory`` [steps left], ``g_<source>`` [nS] → value(s).
        Without it V is E_rest and everything else zero.
    record : mapping, optional
        Population → ids of the cells of which all quantities are recorded.
    silenced : mapping, optional
        Population → (ids, first, last): cells whose weights are 0 in the steps first < s <= last.
    protocol : Protocol, optional
        What else is done to the cells.
    """
    protocol = protocol or Protocol()
    initial, record, silenced = initial or {}, record or {}, silenced or {}
    cells = {p.name: Cells(wiring, p, dt, initial.get(p.name, {})) for p in wiring.populations if p.neuron}
    (given,) = (p.name for p in wiring.populations if not p.neuron)
    bounds = np.searchsorted(spike_steps, np.arange(1, n_steps + 2))
    nobody = np.empty(0, np.int64)
    fired = {name: [nobody] for name in cells}  # fired[population][step] → ids; there is no step 0
    fired[given] = [nobody, *np.split(np.asarray(spike_ids, np.int64), bounds)[1:-1]]
    sent = {name: list(trains) for name, trains in fired.items()}
    traces: dict[str, list[dict[str, Array]]] = {name: [] for name in record}
    if _displace(cells, protocol, 0, ("g_OB", "g_E", "g_I")):
        for population in cells.values():
            for port in population.ports.values():
                port.step(nobody)
    for step in range(1, n_steps + 1):
        _displace(cells, protocol, step - 1, ("V_m", "z", "g_rest"))
        for name, population in cells.items():
            fired[name].append(population.step(protocol.current(name, step, len(population.V))))
            heard = _heard(fired[name][step], silenced.get(name, ()), step)
            sent[name].append(protocol.changed(name, step, heard))
        _displace(cells, protocol, step, ("g_OB", "g_E", "g_I"))
        arriving = max(step - delay_steps + 1, 0)
        for population in cells.values():
            for source, port in population.ports.items():
                port.step(sent[source][arriving])
        for name, chosen in record.items():
            traces[name].append(cells[name].values(np.asarray(chosen)))
    spikes = {name: _train(ids) for name, ids in fired.items()}
    return Reference(spikes, {name: _stacked(rows) for name, rows in traces.items()})


def _displace(cells: Mapping[str, Cells], protocol: Protocol, step: int, quantities: Sequence[str]) -> bool:
    """Displace those of these quantities that are to be displaced after a step, if any are."""
    chosen = [row for row in protocol.added.get(step, ()) if row[1] in quantities]
    for name, quantity, ids, values in chosen:
        cells[name].add(quantity, ids, values)
    return bool(chosen)


def _heard(
    fired: NDArray[np.int64], silenced: Sequence[tuple[ArrayLike, int, int]], step: int
) -> NDArray[np.int64]:
    """Those of the cells that fire in a step whose weights are not 0 in it."""
    for ids, first, last in silenced:
        if first < step <= last:
            fired = np.setdiff1d(fired, ids)
    return fired


def _train(fired: list[NDArray[np.int64]]) -> Spikes:
    return np.repeat(np.arange(len(fired)), [len(ids) for ids in fired]), np.concatenate(fired)


def _stacked(rows: list[dict[str, Array]]) -> dict[str, Array]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
