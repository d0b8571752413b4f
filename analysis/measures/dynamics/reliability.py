"""Correlation of population patterns over time, within a trial and between trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.measures.correlations import mean_of_defined, row_correlations, standardised
from eiassembly.analysis.measures.rates import binned_counts
from eiassembly.analysis.runs.spikes import SpikeSource
from eiassembly.analysis.runs.windows import RESPONSE
from eiassembly.core.arrays import Counts, Floats
from eiassembly.odors.odors import Presentation

BIN = 100.0
"""Bins of patterns over time, ms (Fig. 2E)."""
BEFORE_ONSET, AFTER_ONSET = 500.0, 2500.0
"""Time before and from onset that the matrices cover, ms."""


def trial_correlations(first: Counts, second: Counts) -> Floats:
    """Pearson correlation between the patterns of two trials at the same time.

    Parameters
    ----------
    first, second : ndarray, shape (n_bins, n_cells)
        Counts.

    Returns
    -------
    ndarray of float64, shape (n_bins,)
        NaN where one of the patterns has no variance.
    """
    return row_correlations(np.asarray(first, np.float64), np.asarray(second, np.float64))


def chaos_share(frozen: Floats, resampled: Floats) -> Floats:
    """Share of the variability between trials that the network makes itself: (1 − c_f) / (1 − c_r).

    Parameters
    ----------
    frozen : ndarray of float64
        Correlations between trials with the same input spikes and one changed spike.
    resampled : ndarray of float64, same shape
        Correlations between trials with new input spikes of the same rates.

    Returns
    -------
    ndarray of float64, same shape
        0: the input makes all variability; 1: the network would vary as much with a frozen one. NaN where
        trials with new spikes do not vary.
    """
    varies = 1 - np.asarray(resampled, np.float64)
    share = np.divide(1 - frozen, varies, out=np.full(varies.shape, np.nan), where=varies > 0)
    return np.asarray(share)


class TrialCorrelations:
    """Mean correlation of patterns within and between trials that come one at a time (Fig. 2E).

    As a correlation is a product of standardised patterns, the sum over all pairs of different trials is the
    product of their sums without what trials have with themselves: no pair is looked at, and of all
    trials together only sums are held.

    Parameters
    ----------
    n_bins, n_cells : int
        Shape of a trial.
    """

    def __init__(self, n_bins: int, n_cells: int) -> None:
        self._sum = np.zeros((n_bins, n_cells))
        self._defined = np.zeros(n_bins)
        self.within, self.n_within = np.zeros((2, n_bins, n_bins))

    def add(self, trial: Counts) -> None:
        """Take one more trial, shape (n_bins, n_cells), into the means."""
        unit = standardised(np.asarray(trial, np.float64))
        is_defined = ~np.isnan(unit).any(axis=1)
        unit[~is_defined] = 0.0
        self._sum += unit
        self._defined += is_defined
        self.within += unit @ unit.T
        self.n_within += np.outer(is_defined, is_defined)

    @property
    def between(self) -> Floats:
        """Sum over ordered pairs of different trials, shape (n_bins, n_bins)."""
        return np.asarray(self._sum @ self._sum.T - self.within)

    @property
    def n_between(self) -> Floats:
        """Pairs in that sum: those whose two patterns both have variance."""
        return np.asarray(np.outer(self._defined, self._defined) - self.n_within)


def mean_of_sums(total: Floats, number: Floats) -> Floats:
    """Mean correlation, NaN where there was nothing to correlate; same shape as the sums."""
    mean = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return np.asarray(np.clip(mean, -1, 1))


def mean_between_bins(matrix: Floats) -> float:
    """Mean correlation of patterns in different bins: all of the matrix but its diagonal."""
    return mean_of_defined(matrix[~np.eye(len(matrix), dtype=bool)])


def lagged_correlations(matrix: Floats) -> Floats:
    """Mean correlation of patterns k bins apart, for k = 0, 1, …; shape (n_bins,).

    Parameters
    ----------
    matrix : ndarray of float64, shape (n_bins, n_bins)
        Correlations within a trial, or their mean over trials.
    """
    return np.array([mean_of_defined(np.diagonal(matrix, lag)) for lag in range(len(matrix))])


@dataclass(frozen=True, eq=False)
class Patterns:
    """Mean correlation matrices of the patterns of one kind of odor.

    Parameters
    ----------
    times : ndarray of float64, shape (n_bins,)
        Centres of the bins, ms from onset.
    within : ndarray of float64, shape (n_bins, n_bins)
        Between bins of the same presentation, mean over presentations; NaN where E is silent.
    between : ndarray of float64, shape (n_bins, n_bins)
        Between bins of different presentations of the same odor; NaN without repetitions.
    """

    times: Floats
    within: Floats
    between: Floats

    def during(self, matrix: Floats) -> Floats:
        """Part of a matrix that lies in the response window, the first 1.5 s of the odor."""
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
