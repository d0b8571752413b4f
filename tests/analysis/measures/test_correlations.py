"""Pattern correlations and co-tuning in limiting cases and against SciPy."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from eiassembly.analysis.measures.balance import balanced_axis, cotuning_correlations
from eiassembly.analysis.measures.correlations import (
    mean_between_odors,
    mean_of_defined,
    pattern_correlations,
    row_correlations,
)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_identical_and_opposite_patterns(rng):
    pattern = rng.random(100)
    matrix = pattern_correlations(np.array([pattern, pattern, -pattern, 3 * pattern + 1]))
    np.testing.assert_allclose(matrix[0], [1, 1, -1, 1])


def test_equals_scipy(rng):
    patterns = rng.poisson(1.0, (6, 300)).astype(float)
    matrix = pattern_correlations(patterns)
    for i in range(6):
        for j in range(6):
            assert matrix[i, j] == pytest.approx(pearsonr(patterns[i], patterns[j]).statistic)


def test_independent_patterns_are_uncorrelated(rng):
    matrix = pattern_correlations(rng.random((20, 4000)))
    assert abs(mean_between_odors(matrix, np.arange(20))) < 4 / np.sqrt(4000 * 190)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_constant_pattern_has_no_correlation(rng, value):
    matrix = pattern_correlations(np.array([rng.random(7), np.full(7, value)]))
    assert np.isnan(matrix[1]).all()
    assert np.isnan(matrix[:, 1]).all()
    assert np.isnan(mean_between_odors(matrix, np.arange(2)))


def test_presentations_of_the_same_odor_are_no_pair():
    matrix = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.3], [0.1, 0.3, 1.0]])
    assert mean_between_odors(matrix, np.array([4, 4, 5])) == pytest.approx(0.2)


def test_row_correlations_equal_scipy_row_by_row(rng):
    first, second = rng.random((2, 40, 10))
    expected = [pearsonr(a, b).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(row_correlations(first, second), expected)


def test_mean_of_nothing_is_undefined():
    assert np.isnan(mean_of_defined(np.array([np.nan])))
    assert mean_of_defined(np.array([np.nan, 2.0, 4.0])) == 3.0


def test_perfectly_balanced_cells(rng):
    g_exc = rng.random((10, 50)) + 1
    np.testing.assert_allclose(cotuning_correlations(g_exc, 0.7 * g_exc), 1)
    axis = balanced_axis(g_exc, 0.7 * g_exc)
    assert axis.slope == pytest.approx(0.7)
    np.testing.assert_allclose(axis.across, 0, atol=1e-12)
    np.testing.assert_allclose(axis.along, g_exc.std(axis=0) * np.hypot(1, 0.7))


def test_isotropic_noise_has_a_ratio_of_one(rng):
    """Equal independent noise on both conductances: spread does not depend on the direction."""
    g_exc, g_inh = 10 + rng.standard_normal((2, 4000, 20))
    axis = balanced_axis(g_exc, g_inh)
    assert axis.slope == pytest.approx(1, abs=0.02)
    np.testing.assert_allclose(axis.ratios, 1, atol=0.08)
    np.testing.assert_allclose(cotuning_correlations(g_exc, g_inh), 0, atol=0.08)


def test_noise_of_known_anisotropy(rng):
    along, across = rng.standard_normal((2, 4000, 20)) * np.array([3.0, 1.0])[:, None, None]
    g_exc, g_inh = 100 + (along - across) / np.sqrt(2), 100 + (along + across) / np.sqrt(2)
    np.testing.assert_allclose(balanced_axis(g_exc, g_inh).ratios, 3, rtol=0.08)


def test_balance_of_silence_is_undefined():
    axis = balanced_axis(np.zeros((3, 2)), np.zeros((3, 2)))
    assert np.isnan(axis.slope)
    assert np.isnan(axis.ratios).all()
    assert np.isnan(cotuning_correlations(np.zeros((3, 2)), np.zeros((3, 2)))).all()
