"""What figures of dynamics show, and that they draw just that."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from eiassembly.analysis.figures.dynamics import draw_side_by_side
from eiassembly.analysis.figures.figure import listed_dynamics
from eiassembly.analysis.figures.patterns_over_time import draw_time_correlations
from eiassembly.analysis.figures.persistence import after_offset, lagged
from eiassembly.analysis.figures.variability import spreads
from eiassembly.analysis.runs.labels import structure_look


@pytest.fixture
def ax():
    return Figure().subplots()


def test_spreads_are_those_of_the_values(results):
    found = spreads(results, "learned", "fano_time")
    assert {(s.look.title, s.group) for s in found} >= {("rand", "members"), ("Scaled I", "others")}
    for spread in found:
        result = next(r for r in results if structure_look(r.run.structure).title == spread.look.title)
        values = getattr(result.dynamics["learned"].variability.fano_time, spread.group)
        assert spread.mean == pytest.approx(values.mean())
        assert (spread.low, spread.high) == pytest.approx(np.quantile(values, [0.25, 0.75]))
        assert spread.n_values == len(values)


def test_groups_without_values_are_not_shown(results):
    assert {s.group for s in spreads(results, "novel", "fano_time")} == {"others"}
    assert spreads(results, "learned", "fano_trials") == ()


def test_lagged_correlations_end_where_few_pairs_are_left(results):
    curve = lagged(results, "learned")[0]
    np.testing.assert_array_equal(curve.x, np.arange(100, 1001, 100))
    matrix = results[0].dynamics["learned"].patterns.within[5:20, 5:20]
    assert curve.y[0] == pytest.approx(np.nanmean(np.diagonal(matrix, 1)))


def test_rates_after_offset_are_relative_to_those_before(results):
    for curve in after_offset(results, "learned", "all"):
        assert curve.y[curve.x < 0].mean() == pytest.approx(1)
        assert len(curve.x) == 30
    assert after_offset(results, "novel", "members") == ()


def test_lists_name_kinds_unless_there_is_one(results):
    text = listed_dynamics(results[:1], "persistence_all")
    assert text.count("(learned)") == text.count("(novel)") == 1
    assert "(" not in listed_dynamics(results[:1], "persistence_all", ["novel"])


def test_matrix_has_its_times_on_both_axes(ax):
    times = np.arange(-450.0, 2500, 100)
    matrix = np.random.default_rng(1).random((30, 30))
    draw_time_correlations(ax, times, matrix, 2000.0, 1.0)
    assert ax.get_xlim() == ax.get_ylim() == (-500, 2500)
    np.testing.assert_array_equal(ax.images[0].get_array(), matrix)


def test_structures_side_by_side(results):
    axes = Figure().subplots(1, 3)
    shown = spreads(results, "learned", "fano_time")
    draw_side_by_side(axes, shown, lagged(results, "learned"), after_offset(results, "learned", "all"))
    assert sum(line.get_marker() == "o" for line in axes[0].lines) == len(shown)
    for ax in axes[1:]:
        assert {line.get_label() for line in ax.lines} >= {"rand", "Scaled I", "Tuned I", "Tuned E+I"}
