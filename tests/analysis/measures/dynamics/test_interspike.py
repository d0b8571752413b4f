"""Irregularity of renewal processes with known moments, and against elephant."""

import math

import elephant.statistics
import numpy as np
import pytest
from poisson import renewal_spikes
from scipy.integrate import quad

from eiassembly.analysis.measures.dynamics.intervals import intervals_of, irregularity

N_CELLS, RATE, LENGTH = 40, 20.0, 200.0
SPREAD = 5 / math.sqrt(N_CELLS * RATE * LENGTH)
"""Five standard errors of a mean over all intervals of terms with unit variance."""


def mean_of(order, name):
    spikes = renewal_spikes(np.random.default_rng(order), N_CELLS, order, RATE, LENGTH)
    return getattr(irregularity(*spikes, N_CELLS), name).mean()


@pytest.mark.parametrize("order", [1, 2, 4])
def test_gamma_processes_have_their_theoretical_irregularity(order):
    cv2 = 2 * math.gamma(2 * order) / (math.gamma(order) ** 2 * order * 2 ** (2 * order - 1))
    assert mean_of(order, "cv") == pytest.approx(order**-0.5, abs=SPREAD + 1e-3)
    assert mean_of(order, "cv2") == pytest.approx(cv2, abs=SPREAD)
    assert mean_of(order, "lv") == pytest.approx(3 / (2 * order + 1), abs=SPREAD)


def test_poisson_spikes_with_dead_time_are_more_regular():
    """CV = 1 − r·t_ref. With s the free part of two intervals, Γ(2)-distributed: LV = mean (s/(s + 2R))²."""
    rng, dead, rate = np.random.default_rng(5), 0.008, 20.0
    free = 1 / rate - dead
    times = np.cumsum(dead + rng.exponential(free, (N_CELLS, 4000)), axis=1)
    ids = np.repeat(np.arange(N_CELLS), 4000)
    found = irregularity(times.ravel(), ids, N_CELLS)

    def weighted(s):
        return s / free**2 * math.exp(-s / free) * (s / (s + 2 * dead)) ** 2

    assert found.cv.mean() == pytest.approx(1 - rate * dead, abs=0.01)
    assert found.lv.mean() == pytest.approx(quad(weighted, 0, 50 * free)[0], abs=SPREAD)


def test_regular_spikes_have_none():
    times = np.concatenate([np.arange(0, 100, 5), np.arange(3, 100, 7)])
    ids = np.concatenate([np.zeros(20, int), np.ones(14, int)])
    found = irregularity(times, ids, 2)
    for values in (found.cv, found.cv2, found.lv):
        np.testing.assert_allclose(values, 0, atol=1e-12)
    np.testing.assert_array_equal(found.n_intervals, [19, 13])


def test_equals_elephant_cell_by_cell():
    times, ids = renewal_spikes(np.random.default_rng(9), 7, 1, 10.0, 5.0)
    order = np.random.default_rng(1).permutation(len(times))
    found = irregularity(times[order], ids[order], 7)
    for cell in range(7):
        intervals = np.diff(np.sort(times[ids == cell]))
        assert found.cv[cell] == pytest.approx(elephant.statistics.cv(intervals, ddof=1))
        assert found.cv2[cell] == pytest.approx(elephant.statistics.cv2(intervals))
        assert found.lv[cell] == pytest.approx(elephant.statistics.lv(intervals))


def test_cells_with_few_intervals_are_undefined():
    times, ids = np.arange(12), np.array([0] * 6 + [1] * 5 + [3])
    found = irregularity(times, ids, 5)
    np.testing.assert_array_equal(found.n_intervals, [5, 4, 0, 0, 0])
    np.testing.assert_array_equal(np.isnan(found.cv), [False, True, True, True, True])
    np.testing.assert_array_equal(np.isnan(found.lv), [False, True, True, True, True])


def test_no_spikes_at_all():
    nothing = np.empty(0, np.int64)
    assert np.isnan(irregularity(nothing, nothing, 3).cv2).all()


def test_intervals_never_span_two_cells():
    intervals, owners = intervals_of(np.array([5, 1, 9, 2, 4]), np.array([1, 0, 1, 0, 2]))
    np.testing.assert_array_equal(intervals, [1, 4])
    np.testing.assert_array_equal(owners, [0, 1])


def test_intervals_of_no_length_do_not_divide_by_zero():
    found = irregularity(np.zeros(8), np.zeros(8, np.int64), 1)
    assert found.cv2[0] == 0
    assert np.isnan(found.cv[0])
