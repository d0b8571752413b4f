"""Components, neighbours, clusters and distances in cases with known answers and against libraries."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.covariance import EmpiricalCovariance
from sklearn.decomposition import PCA

from eiassembly.analysis.measures.subsampling import on_one_thread, subsampled_neurons
from eiassembly.analysis.measures.subspace.clusters import clusters
from eiassembly.analysis.measures.subspace.components import (
    participation_ratio,
    pattern_participation_ratio,
    principal_components,
    reconstruction_errors,
    subsampled_participation_ratios,
)
from eiassembly.analysis.measures.subspace.distances import (
    SingularCovarianceError,
    class_distances,
    mahalanobis,
)
from eiassembly.analysis.measures.subspace.neighbours import (
    angles_near,
    edge_angles,
    nearest_places,
    rows_at,
    variances_along,
    visits,
)
from eiassembly.core.errors import EiassemblyError

GRID = np.array([(x / 10, y / 10) for x in range(11) for y in range(11)])


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(40, 90), (90, 40)])
def test_components_equal_scikit_learn(rng, shape):
    patterns = rng.gamma(0.5, 2.0, shape)
    ours, theirs = principal_components(patterns, 12), PCA(12, svd_solver="full").fit(patterns)
    np.testing.assert_allclose(ours.variances, theirs.explained_variance_)
    np.testing.assert_allclose(np.abs(ours.axes @ theirs.components_.T), np.eye(12), atol=1e-8)
    assert ours.explained(12) == pytest.approx(theirs.explained_variance_ratio_.sum())
    scores = ours.scores(patterns)
    np.testing.assert_allclose(np.abs(scores), np.abs(theirs.transform(patterns)), atol=1e-8)
    np.testing.assert_allclose(scores.var(axis=0, ddof=1), ours.variances)


def test_components_of_patterns_with_few_dimensions(rng):
    patterns = rng.random((30, 3)) @ rng.random((3, 50))
    found = principal_components(patterns)
    assert found.axes.shape == (3, 50)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(3), atol=1e-9)
    assert found.explained(3) == pytest.approx(1)


def test_the_sign_of_components_is_fixed(rng):
    patterns = rng.random((20, 30))
    mirrored = principal_components(-patterns, 4)
    np.testing.assert_allclose(principal_components(patterns, 4).axes, mirrored.axes)


def test_participation_ratio_of_isotropic_noise(rng):
    """1 / (1/N + 1/T): 166.7 for N = 200 cells and T = 1000 patterns."""
    patterns = rng.standard_normal((1000, 200))
    assert pattern_participation_ratio(patterns) == pytest.approx(1 / (1 / 200 + 1 / 1000), rel=0.01)


def test_participation_ratio_of_equal_and_of_single_dimensions(rng):
    assert participation_ratio(np.full(7, 0.3)) == pytest.approx(7)
    assert participation_ratio(np.array([5.0, 0, 0])) == 1
    assert np.isnan(participation_ratio(np.zeros(3)))
    assert pattern_participation_ratio(np.outer(rng.random(9), rng.random(40))) == pytest.approx(1)
    assert np.isnan(pattern_participation_ratio(np.ones((4, 6))))


@pytest.mark.parametrize("shape", [(30, 80), (80, 30)])
def test_participation_ratio_without_components_equals_that_from_them(rng, shape):
    patterns = rng.gamma(0.5, 2.0, shape)
    variances = PCA().fit(patterns).explained_variance_
    assert pattern_participation_ratio(patterns) == pytest.approx(participation_ratio(variances))


def test_participation_ratio_of_few_neurons(rng):
    patterns = rng.standard_normal((500, 300))
    found = subsampled_participation_ratios(patterns, 50, 6)
    np.testing.assert_allclose(found, 1 / (1 / 50 + 1 / 500), rtol=0.05)
    np.testing.assert_array_equal(found[:3], subsampled_participation_ratios(patterns, 50, 3))


def test_reconstruction_is_perfect_with_all_dimensions_and_equals_scipy(rng):
    patterns = rng.standard_normal((40, 5)) @ rng.standard_normal((5, 60))
    components = principal_components(patterns)
    errors = reconstruction_errors(patterns, components, (1, 3, 5))
    assert errors[2] == pytest.approx(0, abs=1e-9)
    assert errors[0] > errors[1] > errors[2]
    kept = components.scores(patterns)[:, :3]
    assert errors[1] == pytest.approx(1 - np.corrcoef(pdist(patterns), pdist(kept))[0, 1])


@pytest.mark.parametrize("pure", [(0, 0), (1, 0), (1, 1), (0, 1)])
def test_the_seven_nearest_mixtures_of_every_corner(pure):
    steps = np.abs(nearest_places(GRID, np.array(pure, float)) - pure) * 10
    expected = {(0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1)}
    assert {tuple(step) for step in steps.round().astype(int).tolist()} == expected


def test_too_few_mixtures():
    with pytest.raises(ValueError, match="at least 7 besides the pure odor, found 3"):
        nearest_places(GRID[:4], GRID[0])


def test_visits_number_the_trajectories(rng):
    order = np.concatenate([rng.permutation(121) + 0 for _ in range(3)])
    np.testing.assert_array_equal(visits(GRID[order]), np.repeat(np.arange(3), 121))
    assert (order[rows_at(GRID[order], GRID[[4, 7]])] % 121 == np.array([4, 7])[:, None]).any(axis=0).all()


def test_angles_of_known_edges(rng):
    edges = np.array([[2.0, 0, 0], [0, 3, 0], [1, 1, 0], [-1, 0, 0]])
    angles = edge_angles(np.ones(3), edges + 1)
    np.testing.assert_allclose(angles, np.array([2, 1, 4, 1, 2, 3]) * np.pi / 4, atol=1e-7)
    assert np.isnan(edge_angles(np.ones(3), np.ones((2, 3)))).all()


def test_edges_to_independent_noisy_points_span_sixty_degrees(rng):
    """Three independent points make an equilateral triangle in many dimensions: about 1 rad (G4)."""
    angles = edge_angles(rng.standard_normal(5000), rng.standard_normal((7, 5000)))
    np.testing.assert_allclose(angles, np.pi / 3, atol=0.05)


def test_angles_are_measured_within_trajectories(rng):
    """Seven mixtures give 21 angles in each trajectory: 168 in eight (Fig. 4H)."""
    places = np.concatenate([GRID[rng.permutation(121)] for _ in range(8)])
    offsets = 100 * visits(places)[:, None]
    angles = angles_near(np.hstack([places, places[:, :1]]) + offsets, places, np.zeros(2))
    assert angles.shape == (8, 21)
    np.testing.assert_allclose(
        np.sort(angles, axis=1), np.sort(angles[:1], axis=1).repeat(8, axis=0), atol=1e-5
    )


def test_variance_along_components(rng):
    patterns = rng.standard_normal((100, 4)) * np.array([4.0, 3, 2, 1])
    components = principal_components(patterns)
    np.testing.assert_allclose(variances_along(patterns, components, 4), components.variances)
    still = np.repeat(patterns[:1], 5, axis=0)
    np.testing.assert_allclose(variances_along(still, components, 3), 0, atol=1e-20)


def test_clusters_of_spots_and_of_a_continuum(rng):
    spots = np.array([[0.0, 0], [10, 0], [0, 10]])[rng.integers(0, 3, 300)]
    assert (clusters(spots).index, clusters(spots).number) == (pytest.approx(1), 3)
    noisy = clusters(spots + 0.3 * rng.standard_normal((300, 2)))
    assert noisy.number == 3
    assert noisy.index > 0.9
    assert clusters(rng.random((400, 2))).index == pytest.approx(0.4, abs=0.05)
    assert clusters(np.zeros((5, 2))).number == 0


def test_mahalanobis_equals_scikit_learn(rng):
    """Theirs is squared, with n in the denominator of the covariance."""
    reference, others = rng.gamma(1, 2, (60, 8)), rng.random((20, 8))
    theirs = EmpiricalCovariance().fit(reference).mahalanobis(others)
    np.testing.assert_allclose(mahalanobis(others, reference) ** 2, theirs * 59 / 60)


def test_mahalanobis_in_and_out_of_sample(rng):
    """E d_M² = d (n − 1) / n exactly inside and d (n − 1)(n + 1) / (n (n − d − 2)) outside: 135.6."""
    d, n = 80, 200
    reference = rng.standard_normal((n, d)) @ rng.standard_normal((d, d))
    assert (mahalanobis(reference, reference) ** 2).mean() == pytest.approx(d * (n - 1) / n)
    outside = []
    with on_one_thread():
        for _ in range(20):
            both = rng.standard_normal((n + 100, d))
            outside.append((mahalanobis(both[n:], both[:n]) ** 2).mean())
    assert np.mean(outside) == pytest.approx(d * (n - 1) * (n + 1) / (n * (n - d - 2)), rel=0.03)


def test_distances_to_a_known_gaussian(rng):
    """With variances 1 and 9, a centre 3 away along either axis is 3 and 1 standard deviations away."""
    scale = np.array([1.0, 3.0])
    reference = rng.standard_normal((20000, 2)) * scale
    away = np.array([[3.0, 0], [0, 3]])
    np.testing.assert_allclose(mahalanobis(away, reference), [3, 1], rtol=0.03)


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (lambda p: p[:10], "10 patterns cannot span 10 neurons"),
        (lambda p: p * (np.arange(10) != 3), "rank 9 of 10 neurons, 1 of them without any variance"),
        (lambda p: np.c_[p[:, :9], p[:, 0] + p[:, 1]], "rank 9 of 10 neurons, 0 of them"),
        (lambda p: 0 * p, "rank 0 of 10 neurons, 10 of them"),
    ],
)
def test_a_singular_covariance_is_refused_with_the_reason(rng, spoiled, reason):
    patterns = spoiled(rng.random((50, 10)))
    with pytest.raises(SingularCovarianceError, match=f"class Q: singular covariance: {reason}"):
        mahalanobis(patterns, patterns, "Q")


def test_distances_between_classes_are_asymmetric(rng):
    """Seen from a narrow class, a wide one is far: d_M is measured in the units of the column."""
    narrow, wide = rng.standard_normal((400, 30)), 4 + 2 * rng.standard_normal((400, 30))
    patterns, labels = np.concatenate([narrow, wide, 0 * narrow]), np.repeat([4, 9, -1], 400)
    found = class_distances(patterns, labels, subsampled_neurons(np.arange(30), 12, 5))
    np.testing.assert_array_equal(found.classes, [4, 9])
    np.testing.assert_allclose(found.between_centres, [[0, 4 * 12**0.5], [4 * 12**0.5, 0]], atol=0.3)
    np.testing.assert_allclose(np.diagonal(found.to_centre), np.sqrt(12) * np.array([1, 2]), rtol=0.03)
    assert found.mahalanobis[1, 0] > 1.7 * found.mahalanobis[0, 1]
    np.testing.assert_allclose(np.diagonal(found.mahalanobis), np.sqrt(12), rtol=0.04)
    assert found.singular == {}


def test_a_singular_class_is_named_and_has_no_distance(rng):
    patterns, labels = rng.random((200, 20)), np.repeat([0, 1], 100)
    patterns[:100, :10] = 0
    found = class_distances(patterns, labels, subsampled_neurons(np.arange(20), 15, 3))
    assert np.isnan(found.mahalanobis[:, 0]).all()
    assert not np.isnan(found.mahalanobis[:, 1]).any()
    assert list(found.singular) == [0]
    assert "without any variance" in found.singular[0]


def test_draws_depend_on_seed_and_ids_alone():
    draws = subsampled_neurons(np.array([5, 900, 17, 3, 3, 44]), 3, 20, seed=2)
    assert draws.shape == (20, 3)
    assert (np.diff(draws, axis=1) > 0).all()
    assert set(draws.ravel()) == {3, 5, 17, 44, 900}
    np.testing.assert_array_equal(draws[:7], subsampled_neurons(np.array([3, 5, 17, 44, 900]), 3, 7, seed=2))
    assert (draws != subsampled_neurons(np.array([3, 5, 17, 44, 900]), 3, 20, seed=3)).any()
    with_more = subsampled_neurons(np.arange(1000), 80, 1, seed=2)[0]
    pool = np.setdiff1d(np.arange(1000), with_more[:10])
    assert set(with_more[10:]) < set(subsampled_neurons(pool, 80, 1, seed=2)[0])


def test_too_few_neurons_to_draw_from():
    with pytest.raises(EiassemblyError, match="expected at least 80 to draw from, found 10"):
        subsampled_neurons(np.arange(10))
