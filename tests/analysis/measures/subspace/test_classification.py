"""Classifiers where the right answer is known, and where they must refuse."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from eiassembly.analysis.measures.subsampling import subsampled_neurons
from eiassembly.analysis.measures.subspace.classes import by_input, concentrations, mitral_rates
from eiassembly.analysis.measures.subspace.discriminant import (
    best_template,
    path_dependence,
    quadratic_discriminant,
    template_matching,
)
from eiassembly.analysis.measures.subspace.distances import SingularCovarianceError
from eiassembly.analysis.measures.subspace.regression import (
    concentration_classes,
    regression_errors,
    svm_accuracies,
)
from eiassembly.core.errors import EiassemblyError
from eiassembly.odors.odors import Odor

DRAWS = subsampled_neurons(np.arange(40), 10, 4)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def classes_at(rng, centers, n_per_class=200, spread=1.0):
    """Gaussian patterns around centres; every other one is for training."""
    labels = np.repeat(np.arange(len(centers)), n_per_class)
    patterns = centers[labels] + spread * rng.standard_normal((len(labels), centers.shape[1]))
    return patterns, labels, np.arange(len(labels)) % 2 == 0


def test_qda_is_perfect_for_distant_classes_and_at_chance_for_identical_ones(rng):
    far = classes_at(rng, 10 * rng.standard_normal((4, 40)))
    np.testing.assert_array_equal(quadratic_discriminant(*far, DRAWS).accuracies, 1)
    same = quadratic_discriminant(*classes_at(rng, np.zeros((4, 40))), DRAWS)
    assert same.accuracies.mean() == pytest.approx(0.25, abs=0.04)


def test_qda_tells_classes_apart_by_their_spread_alone(rng):
    """Same centre, standard deviations 1 and 3: no linear rule, but QDA does it."""
    patterns, labels, is_training = classes_at(rng, np.zeros((2, 40)))
    patterns[labels == 1] *= 3
    assert quadratic_discriminant(patterns, labels, is_training, DRAWS).accuracies.min() > 0.95
    linear = LinearDiscriminantAnalysis().fit(patterns[is_training], labels[is_training])
    assert linear.score(patterns[~is_training], labels[~is_training]) < 0.65


def test_qda_equals_the_rule_written_down(rng):
    """δ_k = −½ log |S_k| − ½ d_M² + log π_k, and the library's rule for all neurons at once."""
    patterns, labels, is_training = classes_at(rng, rng.standard_normal((3, 12)), 60)
    whole = np.arange(12)[None, :]
    found = quadratic_discriminant(patterns, labels, is_training, whole).assigned[0]
    training, test = patterns[is_training], patterns[~is_training]
    scores = []
    for label in range(3):
        theirs = training[labels[is_training] == label]
        covariance, away = np.cov(theirs.T), test - theirs.mean(axis=0)
        squared = np.einsum("ij,ij->i", away @ np.linalg.inv(covariance), away)
        scores.append(-0.5 * np.linalg.slogdet(covariance)[1] - 0.5 * squared)
    np.testing.assert_array_equal(found, np.argmax(scores, axis=0))
    library = QuadraticDiscriminantAnalysis().fit(training, labels[is_training])
    np.testing.assert_array_equal(found, library.predict(test))


def test_qda_refuses_a_class_with_silent_neurons(rng):
    patterns, labels, is_training = classes_at(rng, rng.standard_normal((4, 40)))
    patterns[labels == 2] = np.maximum(patterns[labels == 2] - 50, 0)
    with pytest.raises(SingularCovarianceError, match="class 2: singular covariance: rank 0 of 10"):
        quadratic_discriminant(patterns, labels, is_training, DRAWS)


def test_qda_refuses_too_few_patterns(rng):
    patterns, labels, is_training = classes_at(rng, rng.standard_normal((4, 40)), n_per_class=20)
    with pytest.raises(SingularCovarianceError, match="10 patterns cannot span 10 neurons"):
        quadratic_discriminant(patterns, labels, is_training, DRAWS)


def test_templates_do_not_see_scale_and_offset(rng):
    centers = rng.random((4, 40))
    patterns, labels, is_training = classes_at(rng, centers, 50, spread=0.0)
    patterns = patterns * rng.uniform(1, 9, (200, 1)) + 5
    np.testing.assert_array_equal(template_matching(patterns, labels, is_training, DRAWS).accuracies, 1)


def test_silent_patterns_match_no_template(rng):
    templates = np.array([np.zeros(5), np.arange(5.0)])
    found = best_template(np.array([np.zeros(5), np.arange(5.0), -np.arange(5.0)]), templates)
    np.testing.assert_array_equal(found, [-1, 1, 1])


def test_accuracy_of_a_known_assignment(rng):
    patterns, labels, is_training = classes_at(rng, 10 * rng.standard_normal((2, 40)), 20, spread=0.1)
    patterns[(labels == 1) & ~is_training] = patterns[0]  # all of class 1 looks like class 0
    found = template_matching(patterns, labels, is_training, DRAWS)
    np.testing.assert_array_equal(found.accuracies, 0.5)
    nothing = template_matching(patterns, labels, np.ones_like(is_training), DRAWS)
    assert np.isnan(nothing.accuracies).all()


def test_classes_that_depend_on_the_path(rng):
    """Two ways through ten places: the way decides, the place decides, chance decides."""
    places = np.tile(np.arange(20.0).reshape(10, 2), (2, 1))
    way = np.repeat([0, 1], 10)[None, :, None].repeat(2, axis=2)
    assert path_dependence(way, places) == 1
    assert path_dependence(np.tile(rng.integers(0, 4, 10), 2)[None, :, None].repeat(2, axis=2), places) == 0
    random = rng.integers(0, 4, (2000, 20, 2))
    assert path_dependence(random, places) == pytest.approx(0, abs=0.015)
    assert np.isnan(path_dependence(way[:, :10], places[:10]))


def test_classes_by_input(rng):
    pure = rng.standard_normal((4, 1500))
    mixed = 0.8 * pure[0] + 0.6 * pure[1]
    found = by_input(np.array([pure[2], mixed, pure.sum(axis=0)]), pure)
    np.testing.assert_array_equal(found.labels[:2], [2, 0])
    np.testing.assert_array_equal(found.is_training, [True, True, False])  # 1, 0.8, 0.5


def an_odor(activated, inhibited=()):
    cells, others = np.array(activated, np.int64), np.array(inhibited, np.int64)
    ones, nothing = np.full(len(cells), 10.0), np.full(len(others), 2.0)
    return Odor(0, cells, ones, ones, ones, others, nothing, nothing)


def test_rates_and_concentrations_of_odors():
    pure = [an_odor([0, 1, 2, 3]), an_odor([6, 7])]
    mixture = an_odor([0, 3, 5, 6], inhibited=[1])
    np.testing.assert_array_equal(mitral_rates([mixture], 8), [[16, 2, 6, 16, 6, 16, 16, 6]])
    np.testing.assert_array_equal(concentrations([mixture, *pure], pure), [[0.5, 0.5], [1, 0], [0, 1]])


@pytest.mark.parametrize("number", [6, 10])
def test_classes_of_concentration_have_equal_widths(number):
    edges = np.arange(number + 1) / number
    np.testing.assert_array_equal(concentration_classes(edges, number), [*range(number), number - 1])


def test_regression_finds_a_linear_code_and_only_that(rng):
    """Without a code the error is σ² (1 + 1/n) (n − 2) / (n − d − 2): d neurons, halves of n patterns."""
    concentration = np.tile(np.arange(11) / 10, 40)
    linear = np.outer(concentration, rng.random(40)) + 0.01 * rng.standard_normal((440, 40))
    assert regression_errors(linear, concentration, DRAWS).max() < 1e-3
    noise = [regression_errors(rng.standard_normal((440, 40)), concentration, DRAWS[:1]) for _ in range(20)]
    expected = concentration.var() * (1 + 1 / 220) * (220 - 2) / (220 - 10 - 2)
    assert np.mean(noise) == pytest.approx(expected, rel=0.03)


def test_regression_refuses_to_fit_anything():
    with pytest.raises(EiassemblyError, match="more than 20 patterns for 10 neurons, found 20"):
        regression_errors(np.zeros((20, 40)), np.zeros(20), DRAWS)


def test_support_vectors_find_separable_classes_and_guess_otherwise(rng):
    classes = np.repeat(np.arange(6), 40)
    centers = 20 * rng.standard_normal((6, 40))
    separable = centers[classes] + rng.standard_normal((240, 40))
    np.testing.assert_array_equal(svm_accuracies(separable, classes, DRAWS), 1)
    noise = svm_accuracies(rng.standard_normal((240, 40)), classes, DRAWS)
    assert noise.mean() == pytest.approx(1 / 6, abs=0.06)


@pytest.mark.parametrize("classes", [np.zeros(8, int), np.array([0, 0, 0, 1])])
def test_support_vectors_need_two_classes_with_two_patterns(classes):
    with pytest.raises(EiassemblyError, match="at least two with 2 patterns each"):
        svm_accuracies(np.zeros((len(classes), 40)), classes, DRAWS)


def test_the_same_seed_gives_the_same_halves(rng):
    classes, patterns = np.repeat(np.arange(3), 30), rng.standard_normal((90, 40))
    first = svm_accuracies(patterns, classes, DRAWS, seed=1)
    np.testing.assert_array_equal(first, svm_accuracies(patterns, classes, DRAWS, seed=1))
    assert (first != svm_accuracies(patterns, classes, DRAWS, seed=2)).any()
