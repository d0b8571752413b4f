"""Conductances over time, of one cell and of the mean cell, from spikes and wiring; and their currents."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from eiassembly.analysis.conductances import time_constant
from eiassembly.analysis.results import Ids, Run, Spikes
from eiassembly.connectivity.wiring import Projection
from eiassembly.model.parameters import NeuronParameters

Floats = NDArray[np.float64]


def trace(spikes: Spikes, weights: Floats, steps: Ids, steps_tau: float, delay: int = 1) -> Floats:
    """Conductance at the end of given steps, exactly as the simulation computes it.

    Parameters
    ----------
    spikes : Spikes
        Spikes of the source population.
    weights : ndarray of float64, shape (n_sources,)
        Conductance step of a spike of every source, nS.
    steps : ndarray of int64, shape (n_steps,)
        Steps of which the end is wanted, 0-based start of the run = 0.
    steps_tau : float
        Time constant in units of the time step.
    delay : int
        Transmission delay in steps.

    Returns
    -------
    ndarray of float64, shape (n_steps,)
        nS.
    """
    last = int(steps.max(initial=0))
    arrived, ids = spikes.between(-1, last - delay + 1)
    jumps = np.bincount(arrived + delay - 1, weights=weights[ids], minlength=last + 1)
    return np.asarray(lfilter([1.0], [1.0, -np.exp(-1 / steps_tau)], jumps)[steps])


def cell_weights(projection: Projection, cell: int) -> Floats:
    """Conductance steps [nS] of all sources in one target, shape (n_sources,)."""
    entries = slice(projection.offsets[cell], projection.offsets[cell + 1])
    weights = np.zeros(projection.n_sources)
    weights[projection.sources[entries]] = projection.strength * projection.multiplicity[entries]
    return weights


def mean_weights(projection: Projection) -> Floats:
    """Conductance steps [nS] of all sources in the mean target, shape (n_sources,)."""
    return np.asarray(projection.strength * projection.out_degree() / projection.n_targets)


def conductance_traces(run: Run, target: str, steps: Ids, cell: int | None = None) -> Mapping[str, Floats]:
    """Conductances [nS] of a cell, or of the mean cell, at given steps, by source population."""
    return {
        projection.source: trace(
            run.sent[projection.source],
            mean_weights(projection) if cell is None else cell_weights(projection, cell),
            steps,
            time_constant(run.wiring, projection) / run.dt,
            run.delay_steps,
        )
        for projection in run.wiring.inputs(target)
    }


def holding_potential(neuron: NeuronParameters) -> float:
    """Potential halfway between rest and threshold, mV: where currents are compared in the figures."""
    return (neuron.E_rest + neuron.V_th) / 2


def clamp_current(conductance: Floats, reversal: float, holding: float) -> Floats:
    """Return the current [pA] into a cell held at ``holding`` mV; negative if it hyperpolarises."""
    return conductance * (reversal - holding)
