"""Counts and rates against slow loops, theory and elephant."""

import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
from run_files import random_spikes

from eiassembly.analysis.measures.rates import counts, rates, time_course
from eiassembly.analysis.runs.spikes import Spikes
from eiassembly.analysis.runs.windows import OdorWindows
from eiassembly.core.grid import Window
from eiassembly.odors.odors import Presentation

N_CELLS, N_STEPS = 50, 200_000


@pytest.fixture
def spikes():
    return Spikes(N_CELLS, *random_spikes(np.random.default_rng(3), N_CELLS, N_STEPS, 10.0))


def test_counts_equal_a_loop_over_spikes(spikes):
    windows = [Window(0, 1000, 100.0), Window(999, 5000, 400.0), Window(7000, 7000, 1.0)]
    expected = np.zeros((len(windows), N_CELLS), int)
    for row, window in enumerate(windows):
        for step, cell in zip(spikes.steps, spikes.ids, strict=True):
            expected[row, cell] += window.first < step <= window.last
    np.testing.assert_array_equal(counts(spikes, windows), expected)


def test_poisson_rates_have_their_mean_and_spread(spikes):
    window = Window(0, N_STEPS, 20_000.0)
    found = rates(spikes, [window])[0]
    assert found.mean() == pytest.approx(10, abs=4 * np.sqrt(10 / 20 / N_CELLS))
    assert found.var() == pytest.approx(10 / 20, rel=0.8)


def test_rates_equal_those_of_elephant(spikes):
    found = rates(spikes, [Window(20_000, 60_000, 4000.0)])[0]
    for cell in range(5):
        steps = spikes.steps[spikes.ids == cell]
        inside = steps[(steps > 20_000) & (steps <= 60_000)] * 0.1
        train = neo.SpikeTrain(inside, units="ms", t_start=2000 * pq.ms, t_stop=6000.1 * pq.ms)
        expected = elephant.statistics.mean_firing_rate(train, 2000 * pq.ms, 6000 * pq.ms)
        assert found[cell] == pytest.approx(float(expected.rescale("Hz")))


def test_no_windows_and_no_spikes():
    silent = Spikes(3, np.empty(0, np.int64), np.empty(0, np.int64))
    assert counts(silent, []).shape == (0, 3)
    assert not rates(silent, [Window(0, 10, 1.0)]).any()


def test_time_course_sums_to_the_counts(spikes):
    course = time_course(spikes, 0.1, 100.0, 1100.0, 50.0)
    total = counts(spikes, [Window(1000, 11_000, 1000.0)]).sum()
    assert course.shape == (20,)
    assert course.sum() * N_CELLS * 0.05 == pytest.approx(total)


def test_time_course_of_some_cells_puts_a_spike_into_the_bin_it_ends():
    spikes = Spikes(3, np.array([500, 501, 600]), np.array([0, 1, 2]))
    course = time_course(spikes, 0.1, 0.0, 100.0, 50.0, cells=np.array([0, 1]))
    np.testing.assert_allclose(course, [10.0, 10.0])


def test_time_course_of_no_cells_is_undefined(spikes):
    assert np.isnan(time_course(spikes, 0.1, 0.0, 100.0, 50.0, cells=np.empty(0, np.int64))).all()


def test_windows_are_the_references_own():
    windows = OdorWindows.around(Presentation(1000.0, 3000.0, 0, "learned"), 0.1)
    assert windows.response_spikes == Window(10_000, 24_999, 1500.0)
    assert windows.baseline_spikes == Window(1, 9_999, 1000.0)
    assert windows.response == Window(10_000, 25_000, 1500.0)
    assert windows.before == Window(5_000, 10_000, 500.0)


def test_a_short_odor_has_a_short_response():
    windows = OdorWindows.around(Presentation(2000.0, 3000.0, 0, "novel"), 0.1)
    assert windows.response == Window(20_000, 30_000, 1000.0)


@pytest.mark.parametrize(
    ("onset", "n_steps", "fits"), [(900, 10**6, False), (1000, 25_000, True), (1000, 24_999, False)]
)
def test_windows_must_lie_within_the_run(onset, n_steps, fits):
    windows = OdorWindows.around(Presentation(float(onset), onset + 2000.0, 0, "novel"), 0.1)
    assert windows.lie_within(n_steps) is fits
