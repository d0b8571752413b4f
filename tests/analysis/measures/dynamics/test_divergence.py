"""Distances of twins over time: exponentials of known rate, saturation, and reconvergence."""

import math

import numpy as np
import pytest

from eiassembly.analysis.measures.dynamics.divergence import (
    growth,
    half_time,
    reset_time,
    saturation,
)

TIMES = np.arange(0, 1000, 5.0)


@pytest.fixture
def rng():
    return np.random.default_rng(2)


def test_identical_twins_neither_part_nor_saturate():
    distance = np.zeros(len(TIMES))
    assert math.isnan(growth(TIMES, distance, 1.0).rate)
    assert saturation(TIMES, distance) == 0
    assert math.isnan(half_time(TIMES, distance, 0.0))
    assert reset_time(TIMES, distance, 500.0) == 0


def test_growth_finds_the_rate_of_an_exponential_and_says_where():
    distance = np.minimum(1e-6 * np.exp(80 * TIMES / 1000), 4.0)
    found = growth(TIMES, distance, saturation(TIMES, distance))
    assert found.rate == pytest.approx(80)
    assert np.interp(found.start, TIMES, distance) >= 5e-6
    assert np.interp(found.stop, TIMES, distance) <= 0.8


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


def test_saturation_is_a_mean_over_its_window():
    distance = np.where(TIMES < 300, 9.0, 2.0)
    distance[100] = np.nan
    assert saturation(TIMES, distance) == 2


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
