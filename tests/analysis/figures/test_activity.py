"""What figures show is what is in the run."""

import numpy as np
import pytest

from eiassembly.analysis.figures import raster as raster_activity
from eiassembly.analysis.figures.axes import AFTER_ONSET, BEFORE_ONSET, color_limit, members_of
from eiassembly.analysis.figures.correlations import correlation_matrix
from eiassembly.analysis.figures.currents import cancelled, currents_around, example_cell
from eiassembly.analysis.figures.rate_distribution import exceedance
from eiassembly.analysis.figures.rates_over_time import time_courses
from eiassembly.analysis.measures.observables import mean_per_odor


def test_raster_shows_the_members_first_and_only_spikes_of_the_window(results):
    result = results[3]
    shown = result.responses.presentations[1]
    members = members_of(result.run, shown.odor)
    raster = raster_activity.raster(result, shown, members)
    assert raster.n_members == len(members) == 6
    assert raster.n_rows["E"] == 40
    assert raster.times["E"].min() > -BEFORE_ONSET
    assert raster.times["E"].max() <= AFTER_ONSET
    spikes = result.run.spikes["E"]
    in_window = np.abs(spikes.steps * 0.1 - shown.onset - 1000) < 1500
    expected = np.sum(in_window & (spikes.ids == members[0]))
    assert np.sum(raster.rows["E"] == 0) == expected


def test_time_courses_average_over_presentations_and_cells(results):
    result = results[0]
    course = time_courses(result, "learned")
    assert course.times[0] == -475
    assert set(course.rates) == {"E", "I", "inside", "outside"}
    weighted = (6 * course.rates["inside"] + 34 * course.rates["outside"]) / 40
    np.testing.assert_allclose(weighted, course.rates["E"])
    assert set(time_courses(result, "novel").rates) == {"E", "I"}


def test_currents_are_conductances_times_driving_force(results):
    result = results[0]
    shown = result.responses.presentations[0]
    found = currents_around(result, shown)
    np.testing.assert_allclose(
        found.of_mean["net"], found.of_mean["excitatory"] + found.of_mean["inhibitory"]
    )
    window = (found.times > 0) & (found.times <= 1500)
    conductance = result.responses.excitation[0].mean()
    assert found.of_mean["excitatory"][window].mean() == pytest.approx(49 * conductance, rel=0.01)
    conductance = result.responses.excitation[0, found.cell]
    assert found.of_cell["excitatory"][window].mean() == pytest.approx(49 * conductance, rel=0.01)
    inhibition = 21 * result.responses.inhibition[0].mean() / (49 * result.responses.excitation[0].mean())
    assert cancelled(found) == pytest.approx(100 * inhibition, rel=0.02)


def test_the_example_cell_is_the_median_member(results):
    result = results[0]
    shown = result.responses.presentations[0]
    members = members_of(result.run, 0)
    excitation = result.responses.excitation[0, members]
    cell = example_cell(result, shown)
    assert cell in members
    assert np.sum(excitation < result.responses.excitation[0, cell]) == len(members) // 2


def test_exceedance():
    values, fraction = exceedance(np.array([[0.0, 0.0], [2.0, 5.0]]))
    np.testing.assert_array_equal(values, [0, 2, 5])
    np.testing.assert_array_equal(fraction, [1, 0.5, 0.25])


def test_color_limit_covers_all_but_outliers():
    matrix = np.full((20, 20), 0.2)
    matrix[0, 1] = 0.99
    assert color_limit([matrix], at_least=0.15) == pytest.approx(0.2)
    assert color_limit([0 * matrix[1:]], at_least=0.15) == 0.15
    assert color_limit([np.full((1, 1), np.nan)], at_least=0.15) == 0.15


def test_correlation_matrix_is_ordered_by_kind_without_diagonal(results):
    matrix = correlation_matrix(results[0].responses)
    assert np.isnan(np.diag(matrix)).all()
    np.testing.assert_allclose(matrix, matrix.T)


def test_mean_per_odor(results):
    responses = results[0].responses
    np.testing.assert_array_equal(mean_per_odor(responses.rates, responses), responses.rates)
