"""Decay, autocorrelation times and hysteresis of made-up activity."""

import math

import numpy as np
import pytest

from eiassembly.analysis.measures.dynamics.persistence import (
    LONGEST,
    decay,
    hysteresis,
    integral_time,
    is_above,
    persistent_share,
)

TIMES = np.arange(5, 1000, 10.0)


@pytest.mark.parametrize("tau", [20.0, 150.0, 900.0])
@pytest.mark.parametrize("floor", [None, 0.7])
def test_decay_of_an_exponential_is_exact(tau, floor):
    found = decay(TIMES, 12 * np.exp(-TIMES / tau) + 0.7, floor)
    assert found.tau == pytest.approx(tau, rel=1e-4)
    assert found.amplitude == pytest.approx(12, rel=1e-4)
    assert found.floor == pytest.approx(0.7, abs=1e-3)


def test_decay_of_noisy_counts():
    rng = np.random.default_rng(3)
    rates = rng.poisson(100 * np.exp(-TIMES / 80)) / 10
    assert decay(TIMES, rates, 0.0).tau == pytest.approx(80, rel=0.1)


def test_activity_that_stays_decays_as_slowly_as_can_be_told():
    found = decay(TIMES, np.full(len(TIMES), 22.0), floor=0.1)
    assert found.tau == pytest.approx(LONGEST * (TIMES[-1] - TIMES[0]), rel=1e-3)


def test_silence_after_offset_has_no_decay_time():
    assert math.isnan(decay(TIMES, np.zeros(len(TIMES)), 0.0).tau)
    assert math.isnan(decay(TIMES, np.full(len(TIMES), 0.3), 0.3).tau)
    assert math.isnan(decay(TIMES, np.full(len(TIMES), np.nan), 0.3).tau)


@pytest.mark.parametrize(
    ("n_after", "n_before", "above"),
    [(200, 100, True), (20, 100, False), (25, 100, False), (40, 100, True), (19, 0, False), (20, 0, True)],
)
def test_above_before_is_more_than_chance(n_after, n_before, above):
    """In a fifth of the time a fifth of the spikes is expected."""
    assert is_above(n_after, 100.0, n_before, 500.0) is above


def test_equal_rates_are_rarely_above():
    rng = np.random.default_rng(4)
    pairs = rng.poisson((40, 200), (4000, 2)).tolist()
    assert np.mean([is_above(after, 100.0, before, 500.0) for after, before in pairs]) < 0.003


def test_persistent_share():
    assert persistent_share(25.7, 20.9) == pytest.approx(0.813, abs=1e-3)
    assert math.isnan(persistent_share(0.0, 0.0))


def test_integral_of_an_exponential_autocorrelation_is_its_time_constant():
    lags = np.arange(0, 2000, 2.0)
    assert integral_time(np.exp(-lags / 120), 2.0) == pytest.approx(120, rel=1e-3)


def test_integral_ends_at_the_first_zero():
    assert integral_time(np.array([1.0, 0.5, 0.0, 0.9, 0.9]), 100.0) == 100
    assert integral_time(np.array([1.0, 0.5, -0.2, 0.9, 0.9]), 100.0) == 100
    assert math.isnan(integral_time(np.empty(0), 100.0))


def test_a_network_without_memory_has_no_hysteresis():
    positions = np.linspace(0, 1, 11)
    assert hysteresis(positions, positions**2, positions**2) == 0


@pytest.mark.parametrize("shift", [0.1, 0.4])
def test_hysteresis_of_a_step_whose_threshold_moves(shift):
    positions = np.linspace(0, 5, 5001)
    up, down = (0.8 * (positions > threshold) for threshold in (2.5 + shift, 2.5 - shift))
    assert hysteresis(positions, up, down) == pytest.approx(0.8 * 2 * shift / 5, abs=2e-3)
    assert hysteresis(positions, up, down) == hysteresis(positions, down, up)
