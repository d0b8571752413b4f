"""Outcomes of shuffled inhibition, and what each shuffle keeps of the spikes."""

import numpy as np
import pytest
from run_files import random_spikes

from eiassembly.analysis.measures.dynamics.runaway import (
    jittered,
    outcome,
    permuted_cells,
    shuffled_intervals,
)
from eiassembly.analysis.runs.spikes import Spikes

N_CELLS, N_STEPS = 20, 10_000


@pytest.fixture
def spikes():
    return Spikes(N_CELLS, *random_spikes(np.random.default_rng(8), N_CELLS, N_STEPS, 30.0))


def test_runaway_and_silence_are_counted():
    found = outcome(np.array([100.0, 10.0, 95.0, 0.1, 1.0]))
    assert (found.runaway, found.silent, found.n_odors) == (0.4, 0.2, 5)
    assert found.error == pytest.approx(np.sqrt(0.24 / 5))


def test_no_odors_have_no_probability():
    assert np.isnan(outcome(np.empty(0)).runaway)


def test_permuted_cells_keep_times_and_the_counts_as_a_set(spikes):
    found = permuted_cells(spikes, seed=1)
    np.testing.assert_array_equal(found.steps, spikes.steps)
    counts = [np.bincount(s.ids, minlength=N_CELLS) for s in (spikes, found)]
    assert sorted(counts[0]) == sorted(counts[1])
    assert (counts[0] != counts[1]).any()


@pytest.mark.parametrize("width", [0, 10, 200])
def test_jitter_keeps_every_cell_s_count_and_moves_no_spike_further(spikes, width):
    found = jittered(spikes, width, N_STEPS, seed=1)
    assert 1 <= found.steps.min() <= found.steps.max() <= N_STEPS
    assert (np.diff(found.steps) >= 0).all()
    for cell in range(N_CELLS):
        moved = found.steps[found.ids == cell] - spikes.steps[spikes.ids == cell]
        assert np.abs(moved).max() <= width


def test_jitter_of_no_width_changes_nothing(spikes):
    found = jittered(spikes, 0, N_STEPS, seed=1)
    np.testing.assert_array_equal(found.ids, spikes.ids)


def test_shuffled_intervals_keep_the_intervals_of_every_cell(spikes):
    found = shuffled_intervals(spikes, seed=1)
    assert (np.diff(found.steps) >= 0).all()
    for cell in range(N_CELLS):
        before, after = (s.steps[s.ids == cell] for s in (spikes, found))
        assert sorted(np.diff(before)) == sorted(np.diff(after))
        assert (before[0], before[-1]) == (after[0], after[-1])
    assert (found.steps != spikes.steps).any()


def test_shuffles_leave_their_argument_alone_and_repeat(spikes):
    steps, ids = spikes.steps.copy(), spikes.ids.copy()
    for shuffle in (permuted_cells, shuffled_intervals):
        first, second = shuffle(spikes, seed=3), shuffle(spikes, seed=3)
        np.testing.assert_array_equal(first.steps, second.steps)
        np.testing.assert_array_equal(first.ids, second.ids)
    np.testing.assert_array_equal(spikes.steps, steps)
    np.testing.assert_array_equal(spikes.ids, ids)
