"""Distances of twins: identity, symmetry, independent Poisson spikes, exponentials of known rate."""

import math

import numpy as np
import pytest
from scipy.stats import skellam

from eiassembly.analysis.measures.dynamics.divergence import (
    fraction_differing,
    growth,
    half_time,
    relative_saturation,
    reset_time,
    saturation,
    spike_distance,
    state_distance,
)

TIMES = np.arange(0, 1000, 5.0)


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def test_identical_twins_stay_at_zero_forever(rng):
    counts, state = rng.poisson(0.4, (200, 50)), {"V_m": rng.normal(size=(200, 50))}
    assert not spike_distance(counts, counts).any()
    assert not fraction_differing(counts, counts).any()
    distance = state_distance(state, state, {"V_m": 1.0})
    assert not distance.any()
    assert math.isnan(growth(TIMES, distance, 1.0).rate)
    assert saturation(TIMES, distance) == 0
    assert math.isnan(half_time(TIMES, distance, 0.0))
    assert reset_time(TIMES, distance, 500.0) == 0


def test_distance_is_symmetric_and_one_for_disjoint_spikes(rng):
    first, second = rng.poisson(1.0, (2, 20, 30))
    np.testing.assert_array_equal(spike_distance(first, second), spike_distance(second, first))
    second[first > 0] = 0
    np.testing.assert_array_equal(spike_distance(first, second), 1)


def test_one_spike_of_many():
    first = np.ones((2, 10), int)
    second = first.copy()
    second[1, 3] = 0
    np.testing.assert_allclose(spike_distance(first, second), [0, 1 / 19])
    np.testing.assert_allclose(fraction_differing(first, second), [0, 0.1])


@pytest.mark.parametrize("mean", [0.01, 0.1, 1.0, 10.0])
def test_independent_poisson_spikes(rng, mean):
    first, second = rng.poisson(mean, (2, 50, 20_000))
    counts = np.arange(-80, 81)
    expected = np.sum(np.abs(counts) * skellam.pmf(counts, mean, mean)) / (2 * mean)
    assert spike_distance(first, second).mean() == pytest.approx(expected, rel=0.01)


def test_bins_without_spikes_are_undefined():
    assert np.isnan(spike_distance(np.zeros((1, 4), int), np.zeros((1, 4), int))).all()


def test_state_distance_weighs_every_variable_by_its_scale():
    still = np.zeros((1, 4))
    first, second = {"V_m": still, "z": still}, {"V_m": still + 3, "z": still + 40}
    assert state_distance(first, second, {"V_m": 1.0})[0] == pytest.approx(3)
    assert state_distance(first, second, {"V_m": 1.0, "z": 10.0})[0] == pytest.approx(5)


def test_growth_finds_the_rate_of_an_exponential_and_says_where():
    distance = np.minimum(1e-6 * np.exp(80 * TIMES / 1000), 4.0)
    found = growth(TIMES, distance, saturation(TIMES, distance))
    assert found.rate == pytest.approx(80)
    assert np.interp(found.start, TIMES, distance) >= 5e-6
    assert np.interp(found.stop, TIMES, distance) <= 0.8
    assert found.n_points == round((found.stop - found.start) / 5) + 1


def test_growth_is_not_led_astray_by_saturation_and_jitter(rng):
    logistic = 4 / (1 + 4e5 * np.exp(-60 * TIMES / 1000))
    noisy = logistic * np.exp(0.1 * rng.standard_normal(len(TIMES)))
    assert growth(TIMES, noisy, 4.0).rate == pytest.approx(60, rel=0.05)


def test_a_decaying_distance_has_no_exponential_growth():
    assert math.isnan(growth(TIMES, np.exp(-30 * TIMES / 1000), 1.0).rate)


def test_a_distance_that_falls_back_to_zero_on_its_way():
    distance = 1e-6 * np.exp(50 * TIMES / 1000)
    distance[30] = 0.0
    assert growth(TIMES, distance, 1.0).rate == pytest.approx(50)


def test_saturation_is_a_mean_over_its_window_and_relative_to_strangers(rng):
    distance = np.where(TIMES < 300, 9.0, 2.0)
    distance[100] = np.nan
    assert saturation(TIMES, distance) == 2
    assert relative_saturation(2.0, 2.5) == pytest.approx(0.8)
    assert math.isnan(relative_saturation(2.0, 0.0))


def test_half_time_is_the_first_crossing():
    assert half_time(TIMES, TIMES / 1000, 0.5) == 250


def test_twins_reset_when_they_are_one_for_good():
    distance = np.where(TIMES < 600, 1.0, 0.0)
    distance[TIMES == 700] = 0.5
    assert reset_time(TIMES, distance, 500.0) == 205
    assert reset_time(TIMES, distance, 500.0, tolerance=0.5) == 100
    assert reset_time(TIMES, distance + 0.1, 500.0) == math.inf


def test_silence_does_not_keep_twins_apart():
    distance = np.where(TIMES < 600, 1.0, np.nan)
    assert reset_time(TIMES, distance, 500.0) == 100
