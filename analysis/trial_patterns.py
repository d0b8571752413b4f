"""Correlations of the population pattern of E over time, within presentations and between repetitions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.rates import binned_counts
from eiassembly.analysis.reliability import TrialCorrelations, mean_of_sums
from eiassembly.analysis.stored_spikes import SpikeSource
from eiassembly.analysis.windows import RESPONSE
from eiassembly.model.odors import Presentation

Floats = NDArray[np.float64]

BIN = 100.0
"""Bins of patterns over time, ms (Fig. 2E)."""
BEFORE_ONSET, AFTER_ONSET = 500.0, 2500.0
"""Time before and from onset that the matrices cover, ms."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Mean correlation matrices of the patterns of one kind of odour.

    Parameters
    ----------
    times : ndarray of float64, shape (n_bins,)
        Centres of the bins, ms from onset.
    within : ndarray of float64, shape (n_bins, n_bins)
        Between bins of the same presentation, mean over presentations; NaN where E is silent.
    between : ndarray of float64, shape (n_bins, n_bins)
        Between bins of different presentations of the same odour; NaN without repetitions.
    """

    times: Floats
    within: Floats
    between: Floats

    def during(self, matrix: Floats) -> Floats:
        """Part of a matrix that lies in the response window, the first 1.5 s of the odour."""
        shown = (self.times > 0) & (self.times < RESPONSE)
        return matrix[np.ix_(shown, shown)]


def patterns(spikes: SpikeSource, dt: float, n_steps: int, presentations: Sequence[Presentation]) -> Patterns:
    """Correlate patterns in bins of 100 ms; presentations that the run ends too early for are left out.

    Parameters
    ----------
    spikes : SpikeSource
        Spikes of E; those of one presentation are in memory at a time.
    dt : float
        Time step, ms.
    n_steps : int
        Length of the run.
    presentations : sequence of Presentation
        Presentations of one kind.
    """
    n_bins = round((BEFORE_ONSET + AFTER_ONSET) / BIN)
    whole = [p for p in presentations if round((p.onset + AFTER_ONSET) / dt) <= n_steps]
    sums = np.zeros((4, n_bins, n_bins))
    for odor in dict.fromkeys(p.odor for p in whole):
        trials = TrialCorrelations(n_bins, spikes.n_cells)
        for p in whole:
            if p.odor == odor:
                trials.add(binned_counts(spikes, dt, p.onset - BEFORE_ONSET, BIN, n_bins))
        sums += trials.within, trials.n_within, trials.between, trials.n_between
    times = np.asarray(-BEFORE_ONSET + BIN * (np.arange(n_bins) + 0.5))
    return Patterns(times, mean_of_sums(*sums[:2]), mean_of_sums(*sums[2:]))
