"""Correlations between trials and over time in limiting cases, and against elephant."""

from itertools import permutations

import numpy as np
import pytest
from elephant.conversion import BinnedSpikeTrain
from elephant.spike_train_correlation import correlation_coefficient
from neo import SpikeTrain

from eiassembly.analysis.measures.dynamics.reliability import (
    TrialCorrelations,
    chaos_share,
    lagged_correlations,
    mean_between_bins,
    mean_of_sums,
    trial_correlations,
)

N_CELLS = 5000


def time_correlations(first, second):
    """Correlations of all patterns of one trial with all of another: rows are bins of the first."""
    with np.errstate(invalid="ignore"):
        return np.corrcoef(first, second)[: len(first), len(first) :]


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_identical_trials(rng):
    trial = rng.poisson(0.3, (10, N_CELLS))
    np.testing.assert_allclose(trial_correlations(trial, trial), 1)


def test_independent_poisson_trials(rng):
    found = trial_correlations(*rng.poisson(0.3, (2, 40, N_CELLS)))
    assert abs(found.mean()) < 4 / np.sqrt(40 * N_CELLS)
    assert found.std() == pytest.approx(1 / np.sqrt(N_CELLS), rel=0.5)


@pytest.mark.parametrize("kept", [0.2, 0.7])
def test_spikes_kept_from_a_common_source_with_probability_p_correlate_by_p(rng, kept):
    source = rng.poisson(1.0, (40, N_CELLS))
    found = trial_correlations(rng.binomial(source, kept), rng.binomial(source, kept))
    assert found.mean() == pytest.approx(kept, abs=0.01)


def test_equals_elephant(rng):
    """Correlation of two patterns = that of two spike trains, cells in the place of bins."""
    first, second = rng.integers(0, 2, (2, 1, 200))
    trains = [SpikeTrain(np.flatnonzero(p[0]) + 0.5, units="s", t_stop=200.0) for p in (first, second)]
    matrix = correlation_coefficient(BinnedSpikeTrain(trains, bin_size=1.0 * trains[0].units))
    assert trial_correlations(first, second)[0] == pytest.approx(matrix[0, 1])


def test_a_silent_bin_has_no_correlation(rng):
    trial = rng.poisson(1.0, (2, 30))
    trial[1] = 0
    assert np.isnan(trial_correlations(trial, trial)[1])


def test_share_of_chaos_between_its_limits():
    resampled = np.array([0.4, 0.4, 0.4, 1.0])
    np.testing.assert_allclose(chaos_share(np.array([1.0, 0.4, 0.7, 1.0]), resampled), [0, 1, 0.5, np.nan])


def test_a_fixed_point_and_memoryless_activity(rng):
    rates = rng.gamma(1.0, 1.0, N_CELLS)
    fixed = np.tile(rates, (6, 1))
    fresh = rng.gamma(1.0, 1.0, (6, N_CELLS))
    assert mean_between_bins(time_correlations(fixed, fixed)) == pytest.approx(1)
    assert abs(mean_between_bins(time_correlations(fresh, fresh))) < 0.02


def test_lagged_correlations_of_an_autoregressive_pattern(rng):
    memory, steps = 0.8, [rng.standard_normal(N_CELLS)]
    for _ in range(19):
        steps.append(memory * steps[-1] + np.sqrt(1 - memory**2) * rng.standard_normal(N_CELLS))
    trial = np.array(steps)
    found = lagged_correlations(time_correlations(trial, trial))
    np.testing.assert_allclose(found[:6], memory ** np.arange(6), atol=0.02)


def test_sums_over_trials_equal_means_over_pairs(rng):
    trials = rng.poisson(0.4, (5, 4, 60))
    trials[2, 1] = 0
    trials[:, 3] = 0
    found = TrialCorrelations(4, 60)
    for trial in trials:
        found.add(trial)
    for total, number, pairs in (
        (found.within, found.n_within, [(a, a) for a in range(5)]),
        (found.between, found.n_between, list(permutations(range(5), 2))),
    ):
        matrices = np.array([time_correlations(trials[a], trials[b]) for a, b in pairs])
        expected = np.full((4, 4), np.nan)
        expected[:3, :3] = np.nanmean(matrices[:, :3, :3], axis=0)
        np.testing.assert_allclose(mean_of_sums(total, number), expected, atol=1e-12)


def test_a_single_trial_has_nothing_between(rng):
    found = TrialCorrelations(4, 60)
    found.add(rng.poisson(0.4, (4, 60)))
    assert np.isnan(mean_of_sums(found.between, found.n_between)).all()
