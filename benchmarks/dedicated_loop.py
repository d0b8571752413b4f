"""The floor: a loop that can do nothing but simulate one two-population network, on one core.

Parameters, block length and delay are constants of the compiled code. The scheme and its floating-point
order are the authors', so the spikes are those of every exact simulation (tests/test_dedicated_loop.py).

Three things make it fast. Neurons live in blocks of a fixed length, quantity after quantity, so that the
compiler vectorises the update without aliasing checks. A block advances through all steps of one delay while
it is in the first-level cache, because no spike fired meanwhile can reach it. Spikes are delivered after
that, as integer increments at addresses computed beforehand.

    python benchmarks/dedicated_loop.py NET.h5 ODORS.h5 --duration 30000 --delay 0.1
"""

import argparse
import functools
import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from eiassembly.config.parameters import DT, NeuronParameters
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.wiring import Wiring
from eiassembly.odors import file as odor_file
from eiassembly.odors.spike_trains import with_spikes

BLOCK = 128
PORTS = ("OB", "E", "I")
REPEATS = 3
Spikes = dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]


class CellArrays(NamedTuple):
    """One population in whole blocks; ``state`` is V, z, g_OB, g_E, g_I of one block, then the next."""

    state: NDArray[np.float64]
    clamped_until: NDArray[np.int32]
    arrived: NDArray[np.uint16]  # contacts by block, step, port, cell: a view of Connections.arrived
    w_OB: float
    w_E: float
    w_I: float
    first_id: int


class Connections(NamedTuple):
    """Where the spikes of every cell go: addresses in ``arrived``; two contacts are listed twice."""

    arrived: NDArray[np.uint16]
    first: NDArray[np.int64]
    addresses: NDArray[np.int32]


@functools.cache
def compiled_update(p: NeuronParameters, delay: int) -> Callable[..., int]:
    """Advance one population by ``delay`` steps; a spike of step t clamps the steps t+1 … t+t_ref."""
    k_m, k_a, t_ref = DT / p.tau_m, DT / p.tau_a, round(p.t_ref / DT)
    a, b, g_rest, E_rest, V_th, E_exc, E_inh = p.a, p.b, p.g_rest, p.E_rest, p.V_th, p.E_exc, p.E_inh
    decay_exc, decay_inh = math.exp(-DT / p.tau_exc), math.exp(-DT / p.tau_inh)
    adaptive = bool(a or b)
    n = BLOCK

    @numba.njit
    def update(cells, first, steps, ids, n_spikes):
        for block in range(len(cells.clamped_until) // n):
            x = cells.state[block * 5 * n : (block + 1) * 5 * n]
            until = cells.clamped_until[block * n : (block + 1) * n]
            for k in range(delay):
                c = cells.arrived[(block * delay + k) * 3 * n : (block * delay + k + 1) * 3 * n]
                t = np.int32(first + k)
                n_above = 0
                for i in range(n):
                    V = x[i]
                    g_OB = x[2 * n + i] + cells.w_OB * c[i]
                    g_E = x[3 * n + i] + cells.w_E * c[n + i]
                    g_I = x[4 * n + i] + cells.w_I * c[2 * n + i]
                    current = (g_OB + g_E) * (E_exc - V) + g_I * (E_inh - V)
                    if adaptive:
                        z = x[n + i]
                        current = current - z
                        x[n + i] = z + k_a * (a * (V - E_rest) - z)
                    V = V + k_m * ((E_rest - V) + current / g_rest)
                    V = E_rest if until[i] >= t else V
                    x[i] = V
                    x[2 * n + i] = g_OB * decay_exc
                    x[3 * n + i] = g_E * decay_exc
                    x[4 * n + i] = g_I * decay_inh
                    n_above += V_th < V
                if n_above:
                    for i in range(n):
                        if x[i] > V_th:
                            until[i] = t + t_ref
                            x[n + i] += b
                            steps[n_spikes] = t
                            ids[n_spikes] = cells.first_id + block * n + i
                            n_spikes += 1
        return n_spikes

    return update


@numba.njit
def deliver(connections, step, source):
    """Count the contacts of one spike, ``step`` steps after the first one of this delay."""
    for j in range(connections.first[source], connections.first[source + 1]):
        connections.arrived[connections.addresses[j] + step * 3 * BLOCK] += 1


@functools.cache
def compiled_run(
    update_E: Callable[..., int], update_I: Callable[..., int], delay: int
) -> Callable[..., int]:
    """Alternate between the updates of one delay's steps and the delivery of what was fired in them."""

    @numba.njit
    def run(n_steps, exc, inh, connections, ob_steps, ob_ids, steps, ids):
        n = ob = 0
        for first in range(1, n_steps + 1, delay):
            start = n
            n = update_E(exc, first, steps, ids, n)
            n = update_I(inh, first, steps, ids, n)
            connections.arrived[:] = 0
            for spike in range(start, n):
                deliver(connections, steps[spike] - first, ids[spike])
            while ob < len(ob_steps) and ob_steps[ob] < first + delay:
                deliver(connections, ob_steps[ob] - first, ob_ids[ob])
                ob += 1
        return n

    return run


class DedicatedLoop:
    """A network compiled for one delay; cells are numbered E, I, OB from 0 on.

    Parameters
    ----------
    wiring : Wiring
        Populations OB, E and I with all six projections.
    delay_steps : int
        Delay d of all connections: a spike of step s acts on V in step s+d; 1 is the authors' scheme.
    """

    def __init__(self, wiring: Wiring, delay_steps: int = 1) -> None:
        self.wiring, self.delay = wiring, delay_steps
        self.neurons = {name: wiring.population(name).neuron for name in ("E", "I")}
        self.size = {name: wiring.population(name).size for name in PORTS}
        self.padded = {name: -(-self.size[name] // BLOCK) * BLOCK for name in ("E", "I")}
        self.first_id = {"E": 0, "I": self.size["E"], "OB": self.size["E"] + self.size["I"]}
        self.first_address = {"E": 0, "I": self.padded["E"] * 3 * delay_steps}
        self.targets = self._targets()
        updates = [compiled_update(neuron, delay_steps) for neuron in self.neurons.values()]
        self.compiled = compiled_run(*updates, delay_steps)
        self.run(np.empty(0, np.int64), np.empty(0, np.int64), delay_steps)

    def _targets(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Addresses of all contacts, sorted by source cell so that one spike walks through memory once."""
        sources, addresses = [], []
        for p in self.wiring.projections:
            target = np.repeat(p.targets().astype(np.int64), p.multiplicity)
            block = (target // BLOCK * self.delay * 3 + PORTS.index(p.source)) * BLOCK
            addresses.append(self.first_address[p.target] + block + target % BLOCK)
            sources.append(self.first_id[p.source] + np.repeat(p.sources, p.multiplicity))
        source, address = np.concatenate(sources), np.concatenate(addresses)
        count = np.bincount(source, minlength=sum(self.size.values()))
        order = np.lexsort((address, source))
        return np.concatenate(([0], np.cumsum(count))), address[order].astype(np.int32)

    def _cells(self, name: str, arrived: NDArray[np.uint16]) -> CellArrays:
        state = np.zeros((self.padded[name] // BLOCK, 5, BLOCK))
        state[:, 0] = self.neurons[name].E_rest
        strengths = [self.wiring.projection(source, name).strength for source in PORTS]
        clamped = np.zeros(self.padded[name], np.int32)
        return CellArrays(state.ravel(), clamped, arrived, *strengths, self.first_id[name])

    def _start(self, n_steps: int) -> tuple[Any, ...]:
        """Everything at rest, and room for as many spikes as the refractory period permits."""
        arrived = np.zeros(sum(self.padded.values()) * 3 * self.delay, np.uint16)
        exc, inh = np.split(arrived, [self.first_address["I"]])
        most = sum(
            self.size[name] * ((n_steps + self.delay) // (round(neuron.t_ref / DT) + 1) + 1)
            for name, neuron in self.neurons.items()
        )
        cells = self._cells("E", exc), self._cells("I", inh)
        return *cells, Connections(arrived, *self.targets), np.empty(most, np.int64), np.empty(most, np.int64)

    def run(self, ob_steps: ArrayLike, ob_ids: ArrayLike, n_steps: int) -> tuple[Spikes, float]:
        """Simulate from rest; returns spikes as the reference integrator does, and the wall clock [s]."""
        exc, inh, connections, steps, ids = self._start(n_steps)
        given = np.asarray(ob_steps, np.int64), np.asarray(ob_ids, np.int64) + self.first_id["OB"]
        begin = time.perf_counter()
        n = self.compiled(n_steps, exc, inh, connections, *given, steps, ids)
        seconds = time.perf_counter() - begin
        return {name: self._train(name, steps[:n], ids[:n], n_steps) for name in self.neurons}, seconds

    def _train(
        self, name: str, steps: NDArray[np.int64], ids: NDArray[np.int64], n_steps: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        own = ids - self.first_id[name]
        mine = (own >= 0) & (own < self.size[name]) & (steps <= n_steps)
        order = np.lexsort((own[mine], steps[mine]))
        return steps[mine][order], own[mine][order]


def main() -> None:
    parser = argparse.ArgumentParser(description="Wall seconds per biological second of the dedicated loop.")
    parser.add_argument("network", type=Path, help="NET.h5")
    parser.add_argument("odors", type=Path, help="ODORS.h5")
    parser.add_argument("--duration", type=float, help="ms; default: the whole protocol")
    parser.add_argument("--delay", type=float, default=DT, help="ms (default %(default)s)")
    options = parser.parse_args()
    odors = with_spikes(odor_file.load(options.odors))
    n_steps = round(options.duration / DT) if options.duration else odors.n_steps
    loop = DedicatedLoop(network_file.load(options.network), round(options.delay / DT))
    runs = [loop.run(odors.steps, odors.ids, n_steps) for _ in range(REPEATS)]
    n_spikes = {name: len(train[0]) for name, train in runs[-1][0].items()}
    cost = statistics.median(seconds for _, seconds in runs) / (n_steps * DT / 1000)
    print(f"{cost:.4f} s wall per biological second (median of {REPEATS} runs), spikes {n_spikes}")


if __name__ == "__main__":
    main()
