"""A whole subspace in one call: synthetic responses with known properties, and reading from RUN.h5."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from run_files import write_random_run
from subspace_runs import subspace_run
from synthetic_subspace import CORNERS, MEMBERS, poisson_subspace

from eiassembly.analysis.figures import classification as classification_figures
from eiassembly.analysis.figures import subspace as geometry_figures
from eiassembly.analysis.measures.subsampling import subsampled_neurons
from eiassembly.analysis.measures.subspace.classification import subspace_classification
from eiassembly.analysis.measures.subspace.discriminant import (
    agreement_by_place,
    path_dependence,
    template_matching,
)
from eiassembly.analysis.measures.subspace.geometry import subspace_geometry
from eiassembly.analysis.measures.subspace.neighbours import visits
from eiassembly.analysis.measures.subspace.responses import half_second_patterns, read_subspace
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.analysis.runs.run import open_run
from eiassembly.analysis.runs.spikes import Spikes
from eiassembly.core.errors import EiassemblyError
from eiassembly.odors.odors import Presentation

LOOK = structure_look("tuned_ei")


@pytest.fixture(scope="module")
def subspace():
    """Six trajectories through 7 × 7 places, 400 cells."""
    return poisson_subspace(np.random.default_rng(8), side=7, n_trajectories=6, n_cells=400)


@pytest.fixture(scope="module")
def geometry(subspace):
    return subspace_geometry(subspace)


@pytest.fixture(scope="module")
def classification(subspace):
    return subspace_classification(subspace, np.arange(400))


def test_shapes_of_the_geometry(geometry):
    assert geometry.variances.shape == (4, 40)
    assert geometry.angles.shape == (4, 6, 21)
    assert geometry.plane.shape == (6 * 49, 2)
    assert geometry.numbers.tolist() == [1, 2, 5, 10, 20, 40, 100, 200]
    assert geometry.errors[0] > 0.1 > geometry.errors[1] > 0.001 > geometry.errors[-1]
    assert geometry.explained == pytest.approx(1)  # 294 patterns have fewer than 400 components


def test_strongly_driven_assemblies_lower_the_dimension_of_learned_odors(geometry):
    """The first component is the assemblies: learned patterns have one strong dimension more."""
    assert geometry.participation["learned"] < 0.8 * geometry.participation["novel"]
    assert geometry.variances[:2, 0].mean() > 2 * geometry.variances[2:, 0].mean()


def test_without_assemblies_learned_and_novel_are_alike():
    """Six places on a side: none lies between two classes."""
    plain = poisson_subspace(np.random.default_rng(9), side=6, n_trajectories=6, n_cells=3000, boost=0.0)
    found = subspace_geometry(plain)
    assert found.participation["learned"] == pytest.approx(found.participation["novel"], rel=0.15)
    # Poisson noise of independent patterns dominates near a corner: edges span about 60°.
    assert np.median(found.angles) == pytest.approx(np.pi / 3, abs=0.15)


def test_two_corners_alone_have_the_dimension_of_their_kind(subspace):
    rows = subspace.related(to_learned=True)
    assert set(subspace.labels[rows]) == {0, 1}
    assert (rows ^ subspace.related(to_learned=False)).all()


def test_classes_of_a_subspace_are_told_apart(classification):
    assert classification.refused == ""
    assert classification.discriminant.accuracies.shape == (50,)
    assert classification.discriminant.accuracies.mean() > 0.4  # chance 0.25
    assert classification.templates.accuracies.mean() > 0.4
    assert classification.templates.assigned.shape[0] == 10
    distances = classification.distances.mahalanobis
    own = np.diagonal(distances)
    assert (distances[~np.eye(4, dtype=bool)] > own.max()).all()


def test_responses_without_memory_of_the_path(subspace, classification):
    assert classification.path_dependence == pytest.approx(0, abs=0.02)
    way = visits(subspace.places)[:, None, None] % 2
    stuck = 20 * (way == np.arange(400) // 200)  # half of the visits end in either attractor
    attracted = replace(subspace, halves=subspace.halves + stuck * ~subspace.is_training[:, None, None])
    halves = attracted.halves.reshape(-1, 400)
    labels, is_training = subspace.labels.repeat(2), subspace.is_training.repeat(2)
    found = template_matching(halves, labels, is_training, subsampled_neurons(np.arange(400), 80, 5))
    places = subspace.places[~subspace.is_training]
    assert path_dependence(found.assigned.reshape(5, -1, 2), places) > 0.1


def test_concentrations_are_read_better_than_their_mean(subspace, classification):
    assert classification.regression.shape == classification.concentration_accuracy.shape == (4, 20)
    variances = subspace.concentrations.var(axis=0)
    assert (classification.regression.mean(axis=1) < 0.75 * variances).all()


def test_concentrations_of_strongly_driven_assemblies_are_read_best(subspace):
    found = subspace_classification(subspace, np.arange(2 * MEMBERS))
    assert found.regression[:2].mean() < 0.6 * found.regression[2:].mean()
    accuracies = found.concentration_accuracy.mean(axis=1)
    assert accuracies[:2].min() > accuracies[2:].max()


def test_qda_is_refused_where_neurons_are_silent(subspace):
    silent = subspace.halves.copy()
    silent[subspace.labels == 1, :, 50:] = 0
    found = subspace_classification(replace(subspace, halves=silent), np.arange(400))
    assert found.discriminant is None
    assert found.refused.startswith("class 1: singular covariance: rank")
    assert list(found.distances.singular) == [1]
    assert found.templates.accuracies.mean() > 0.4


def test_halves_of_a_second():
    """Spikes at 0.1, 500, 500.1 and 1000 ms after onset lie in the first, first, second and second half."""
    spikes = Spikes(2, np.array([1000, 1001, 6000, 6001, 11000, 11001]), np.zeros(6, np.int64))
    shown = (Presentation(100.0, 2100.0, 0, "learned"), Presentation(100.0, 500.0, 0, "learned"))
    found = half_second_patterns(spikes, 0.1, shown)
    np.testing.assert_array_equal(found[0], [[4, 0], [4, 0]])
    np.testing.assert_array_equal(found[1], [[5, 0], [0, 0]])


def test_reading_a_run(tmp_path):
    """5 × 5 places; at (0.25, 0) there are 15 of the 20 cells of odor 0 and 5 of odor 1."""
    run = subspace_run(tmp_path / "run.h5", n_trajectories=2)
    found = read_subspace(run)
    assert found.halves.shape == (50, 2, 160)
    assert found.odors == (0, 1, 2, 3)
    np.testing.assert_array_equal(found.pure, CORNERS)
    np.testing.assert_array_equal(found.is_learned, [True, True, False, False])
    (row,) = np.flatnonzero((found.places[:25] == [0.25, 0]).all(axis=1))
    assert (found.labels[row], found.is_training[row]) == (0, True)
    np.testing.assert_allclose(found.concentrations[row], [0.75, 0.25, 0, 0])
    shown = run.presentations[row]
    steps, ids = run.spikes["E"].between(round(shown.onset / 0.1), round(shown.onset / 0.1) + 5000)
    assert len(steps) > 50
    np.testing.assert_array_equal(found.halves[row, 0], 2 * np.bincount(ids, minlength=160))


def test_what_a_run_does_not_contain_is_left_out(tmp_path):
    run = subspace_run(tmp_path / "run.h5", n_trajectories=3)
    short = replace(run, duration=50_900.0)
    vars(short)["odors"] = run.odors
    found, whole = read_subspace(short), read_subspace(run)
    assert (len(found.halves), len(whole.halves)) == (50, 75)
    np.testing.assert_array_equal(found.halves, whole.halves[:50])


def test_reading_what_is_not_there(tmp_path):
    run = open_run(write_random_run(tmp_path / "run.h5"))
    with pytest.raises(EiassemblyError, match="expected mixture coordinates of all"):
        read_subspace(run)
    run = subspace_run(tmp_path / "subspace.h5", n_trajectories=1)
    shown = tuple(p for p in run.presentations if p.place != (1.0, 1.0))
    vars(run)["presentations"] = shown
    with pytest.raises(EiassemblyError, match=r"expected a presentation at the corner \(1.0, 1.0\)"):
        read_subspace(run)


def test_qda_is_done_in_the_draws_in_which_it_can_be(subspace):
    """One of 400 cells is silent around odor 1: a fifth of the draws contain it."""
    silent = subspace.halves.copy()
    silent[subspace.labels == 1, :, 7] = 0
    found = subspace_classification(replace(subspace, halves=silent), np.arange(400))
    with_it = (subsampled_neurons(np.arange(400)) == 7).any(axis=1)
    assert 0 < with_it.sum() < 25
    np.testing.assert_array_equal(found.distances.deficits, np.outer(with_it, [0, 1, 0, 0]))
    assert len(found.discriminant.assigned) == 50 - with_it.sum()
    assert (found.refused_share, found.deficit) == (with_it.mean(), with_it.mean())
    assert not np.isnan(found.distances.mahalanobis).any()


def test_visits_agree_where_the_place_decides():
    """Two of three visits of a place in one class, and all of another."""
    assigned = np.array([[1, 3, 3, 0, 0, 0]])
    places, shares = agreement_by_place(assigned, np.repeat([[0.2, 0.0], [0.4, 0.0]], 3, axis=0))
    np.testing.assert_array_equal(places, [[0.2, 0], [0.4, 0]])
    np.testing.assert_allclose(shares, [2 / 3, 1])


def test_figures_draw_what_was_measured(geometry, classification, subspace):
    runs = [(LOOK, geometry.variances, subspace.is_learned)]
    ax = Figure().subplots()
    geometry_figures.draw_variances(ax, runs)
    np.testing.assert_allclose(ax.lines[1].get_ydata(), geometry.variances[:2].mean(axis=0))
    ax = Figure().subplots()
    geometry_figures.draw_angles(ax, [(LOOK, geometry.angles, subspace.is_learned)])
    assert [stairs.get_label() for stairs in ax.patches] == ["Tuned E+I, novel", "Tuned E+I, learned"]
    ax = Figure().subplots()
    geometry_figures.draw_participation(ax, [(LOOK, geometry.participation)])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), list(geometry.participation.values()))
    ax = Figure().subplots()
    geometry_figures.draw_reconstruction(ax, [(LOOK, geometry.numbers, geometry.errors)])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), geometry.errors)
    ax = Figure().subplots()
    geometry_figures.draw_plane(ax, geometry.plane, subspace.places)
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), geometry.plane)
    ax = Figure().subplots()
    classification_figures.draw_scores(ax, "LMNO", [(LOOK, classification.regression)], "error", 0.1)
    assert len(ax.containers) == 1


def test_colors_of_places_are_those_of_the_corners():
    colors = geometry_figures.place_colors(CORNERS)
    assert len(np.unique(colors, axis=0)) == 4
    np.testing.assert_allclose(geometry_figures.place_colors(np.full((1, 2), 0.5))[0], colors.mean(axis=0))


def test_undefined_distances_are_written_as_such():
    ax = Figure().subplots()
    classification_figures.draw_class_matrix(ax, np.array([[1.0, np.nan], [2.0, 3.0]]), "LM", "d")
    assert [text.get_text() for text in ax.texts] == ["1", "–", "2", "3"]
