"""One neuron of the model, step by step in plain Python floats, written from the published scheme alone."""

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

DT = 0.1


@dataclass
class SingleNeuron:
    """Parameters and state under the names of the NEST model; the order of operations is the authors'."""

    tau_m: float = 85.0
    g_L: float = 1.35
    E_L: float = -60.0
    V_reset: float = -60.0
    V_th: float = -38.0
    t_ref: float = 8.0
    tau_w: float = 40.0
    a: float = 1.0
    b: float = 10.0
    I_e: float = 0.0
    tau_syn: tuple[float, ...] = (30.0, 30.0, 10.0)
    E_rev: tuple[float, ...] = (0.0, 0.0, -70.0)
    strength: tuple[float, ...] = (1.0, 1.0, 1.0)
    V_m: float = -60.0
    w: float = 0.0
    refractory_steps: int = 0
    g: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def step(self, arrivals: Iterable[int], current: float = 0.0) -> bool:
        """Advance one step of 0.1 ms with the contacts per port that arrived at the end of the last one."""
        self.g = [
            g * math.exp(-DT / tau) + strength * n
            for g, tau, strength, n in zip(self.g, self.tau_syn, self.strength, arrivals, strict=True)
        ]
        V, w = self.V_m, self.w
        self.V_m = V + (DT / self.tau_m) * ((self.E_L - V) + (self._current(V, current) - w) / self.g_L)
        self.w = w + (DT / self.tau_w) * (self.a * (V - self.E_L) - w)
        if self.refractory_steps > 0:
            self.V_m = self.V_reset
        fires = self.V_m > self.V_th
        self.refractory_steps = max(self.refractory_steps - 1, 0)
        if fires:
            self.refractory_steps = round(self.t_ref / DT)
            self.w += self.b
        return fires

    def _current(self, V: float, injected: float) -> float:
        """Current of all sources; conductances with one reversal potential are added first, as published."""
        current = 0.0
        for reversal, ports in itertools.groupby(zip(self.E_rev, self.g, strict=True), lambda port: port[0]):
            current += sum(g for _, g in ports) * (reversal - V)
        return current + self.I_e + injected


def run(
    neuron: SingleNeuron, n_steps: int, arrivals: Mapping[int, tuple[int, ...]], current: Mapping[int, float]
) -> list[tuple[float, ...]]:
    """(V_m, w, g of every port) at the end of every step; arrivals and currents by the step they act in."""
    trace = []
    nothing = (0,) * len(neuron.g)
    for step in range(1, n_steps + 1):
        neuron.step(arrivals.get(step, nothing), current.get(step, 0.0))
        trace.append((neuron.V_m, neuron.w, *neuron.g))
    return trace
