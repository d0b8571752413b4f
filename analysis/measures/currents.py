"""Conductances over time, of one cell and of the mean cell, from spikes and wiring; and their currents."""

from collections.abc import Mapping

import numpy as np

from eiassembly.analysis.measures.conductances import mean_weights, time_constant
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.config.parameters import NeuronParameters
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.arrays import Floats, Ids

_VANISHED = 745.0
"""Time constants after which nothing is left of a spike: exp(−745) is the smallest double."""


def trace(spikes: SpikeSource, weights: Floats, steps: Ids, steps_tau: float, delay: int = 1) -> Floats:
    """Conductance at the end of given steps, exactly as the simulation computes it.

    Parameters
    ----------
    spikes : SpikeSource
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
    # SciPy's signals take a second to import, and most commands draw no traces.
    from scipy.signal import lfilter

    last = int(steps.max(initial=0))
    first = max(int(steps.min(initial=last)) - int(_VANISHED * steps_tau) - 1, 0)
    arrived, ids = spikes.between(first - delay, last - delay + 1)
    jumps = np.bincount(arrived + delay - 1 - first, weights=weights[ids], minlength=last - first + 1)
    return np.asarray(lfilter([1.0], [1.0, -np.exp(-1 / steps_tau)], jumps)[steps - first])


def cell_weights(projection: Projection, cell: int) -> Floats:
    """Conductance steps [nS] of all sources in one target, shape (n_sources,)."""
    entries = slice(projection.offsets[cell], projection.offsets[cell + 1])
    weights = np.zeros(projection.n_sources)
    weights[projection.sources[entries]] = projection.strength * projection.multiplicity[entries]
    return weights


def conductance_traces(run: Run, target: str, steps: Ids, cell: int | None = None) -> Mapping[str, Floats]:
    """Conductances [nS] of a cell, or of the mean cell, at given steps, by source population."""
    return {
        projection.source: trace(
            run.transmitted[projection.source],
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
