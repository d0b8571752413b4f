"""Fano factors of counts with known variance, and elephant."""

import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
from poisson import renewal_spikes

from eiassembly.analysis.measures.dynamics.fano import fano_factors, quenching_index


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("mean", [0.5, 5.0, 50.0])
def test_poisson_counts(rng, mean):
    found = fano_factors(rng.poisson(mean, (40, 4000)), min_mean=0.0)
    assert found.mean() == pytest.approx(1, abs=5 * np.sqrt(2 / 39 / 4000) + 0.001)


def test_doubly_stochastic_counts(rng):
    """Gamma rates of order 4 and mean 5 Hz, windows of 0.5 s: 1 + W·Var(rate)/mean(rate) = 1.625."""
    rates = rng.gamma(4, 5 / 4, (4000, 500))
    found = fano_factors(rng.poisson(0.5 * rates))
    assert found.mean() == pytest.approx(1.625, abs=0.02)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_long_windows_of_renewal_processes_give_the_square_of_cv(rng, order):
    times, ids = renewal_spikes(rng, 2000, order, 20.0, 20.0)
    counts = np.array([np.bincount(ids[(times > t) & (times <= t + 5)], minlength=2000) for t in (0, 5, 10)])
    assert fano_factors(counts).mean() == pytest.approx(1 / order, rel=0.08)


def test_identical_trials_have_none_and_single_ones_are_undefined(rng):
    trial = rng.poisson(3.0, 50) + 1
    assert not fano_factors(np.array([trial] * 4)).any()
    assert np.isnan(fano_factors(trial[None])).all()


def test_equals_elephant_up_to_its_denominator(rng):
    """Elephant divides the sum of squares by n, here it is n − 1."""
    counts = rng.poisson(4.0, (6, 3))
    found = fano_factors(counts)
    for cell in range(3):
        trains = [neo.SpikeTrain(np.linspace(0.1, 0.9, n) * pq.s, t_stop=1 * pq.s) for n in counts[:, cell]]
        assert found[cell] == pytest.approx(elephant.statistics.fanofactor(trains) * 6 / 5)


def test_cells_that_hardly_fire_are_left_out(rng):
    counts = np.array([[0, 0, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(np.isnan(fano_factors(counts)), [True, True, False])
    np.testing.assert_array_equal(np.isnan(fano_factors(counts, 0.0)), [True, False, False])


def test_quenching_is_the_part_of_the_variability_that_an_odor_removes(rng):
    gains = rng.gamma(2, 0.5, (30, 300))
    before, during = (
        fano_factors(counts).mean() for counts in (rng.poisson(4 * gains), rng.poisson(4, (30, 300)))
    )
    assert before == pytest.approx(3, abs=0.25)
    assert quenching_index(before, during) == pytest.approx(2 / 3, abs=0.04)


def test_nothing_to_quench():
    assert np.isnan(quenching_index(0.0, 0.5))
