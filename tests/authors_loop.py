"""The authors' scheme for the two-population networks as one fast loop: 30 s runs as data for tests."""

from collections.abc import Mapping

import numba
import numpy as np
from numpy.typing import NDArray

from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.odors.odors import OdorSet

Ids = NDArray[np.int64]
_PAIRS = (("OB", "E"), ("E", "E"), ("I", "E"), ("OB", "I"), ("E", "I"), ("I", "I"))


def run_authors_loop(wiring: Wiring, odors: OdorSet) -> Mapping[str, tuple[Ids, Ids]]:
    """Spikes (steps, ids) of OB, E and I for the published neuron parameters, without delay."""
    projections = [wiring.projection(*pair) for pair in _PAIRS]
    by_source = tuple(_by_source(projection) for projection in projections)
    strengths = np.array([projection.strength for projection in projections])
    sizes = tuple(wiring.population(name).size for name in ("E", "I"))
    e_steps, e_ids, i_steps, i_ids = _loop(odors.n_steps, odors.steps, odors.ids, by_source, strengths, sizes)
    return {"OB": (odors.steps, odors.ids), "E": (e_steps, e_ids), "I": (i_steps, i_ids)}


def _by_source(projection: Projection) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    columns = projection.matrix().tocsc()
    return tuple(a.astype(np.int64) for a in (columns.indptr, columns.indices, columns.data))


@numba.njit
def _loop(n_steps, ob_steps, ob_ids, wiring, strengths, sizes):  # noqa: C901  # one compiled loop
    dt, refractory = 0.1, 80
    tau, leak, rest, threshold = (85.0, 50.0), (1.35, 0.9), (-60.0, -65.0), (-38.0, -45.0)
    decay_exc, decay_inh = np.exp(-dt / 30.0), np.exp(-dt / 10.0)
    v = [np.full(n, u) for n, u in zip(sizes, rest)]  # noqa: B905  # numba knows no keyword
    count = [np.zeros(n, np.int64) for n in sizes]
    z = np.zeros(sizes[0])
    g = [[np.zeros(n) for _ in range(3)] for n in sizes]
    steps = [[np.int64(0) for _ in range(0)] for _ in range(2)]
    ids = [[np.int64(0) for _ in range(0)] for _ in range(2)]
    next_ob = 0
    for step in range(1, n_steps + 1):
        first = (len(ids[0]), len(ids[1]))
        for pop in range(2):
            g_ob, g_exc, g_inh = g[pop]
            for n in range(sizes[pop]):
                u, w = v[pop][n], z[n] if pop == 0 else 0.0
                synaptic = (g_ob[n] + g_exc[n]) * (0 - u) + g_inh[n] * (-70.0 - u) - w
                new = u + (dt / tau[pop]) * ((rest[pop] - u) + synaptic / leak[pop])
                if pop == 0:
                    z[n] += (dt / 40.0) * (1.0 * (u - rest[0]) - w)
                if count[pop][n] > 0:
                    new = rest[pop]
                count[pop][n] -= 1
                if new > threshold[pop]:
                    count[pop][n] = refractory
                    steps[pop].append(step)
                    ids[pop].append(n)
                    if pop == 0:
                        z[n] += 10.0
                v[pop][n] = new
        last_ob = next_ob
        while last_ob < ob_steps.size and ob_steps[last_ob] == step:
            last_ob += 1
        for pop in range(2):
            for port in range(3):
                offsets, targets, contacts = wiring[3 * pop + port]
                arrived = np.zeros(sizes[pop], np.int64)
                fired = last_ob - next_ob if port == 0 else len(ids[port - 1]) - first[port - 1]
                for k in range(fired):
                    source = ob_ids[next_ob + k] if port == 0 else ids[port - 1][first[port - 1] + k]
                    for entry in range(offsets[source], offsets[source + 1]):
                        arrived[targets[entry]] += contacts[entry]
                decay = decay_inh if port == 2 else decay_exc
                g[pop][port][:] = g[pop][port] * decay + strengths[3 * pop + port] * arrived
        next_ob = last_ob
    return np.array(steps[0]), np.array(ids[0]), np.array(steps[1]), np.array(ids[1])
