"""Figures of twins, trials, shuffled inhibition and the headline: what is drawn is what was measured."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.experiment import MeasuredResults, Sample
from eiassembly.analysis.experiments.headline import Headline
from eiassembly.analysis.experiments.lyapunov import Exponents, Lyapunov
from eiassembly.analysis.experiments.shuffled import Shuffled
from eiassembly.analysis.experiments.trials import Trials
from eiassembly.analysis.experiments.twins import Twins
from eiassembly.analysis.figures.headline import draw_headline, write_headline_figure
from eiassembly.analysis.figures.lyapunov import draw_exponents, draw_one_spike
from eiassembly.analysis.figures.shuffled import draw_shuffled, shuffled_figure
from eiassembly.analysis.figures.trials import draw_resampled, trial_figure
from eiassembly.analysis.figures.twins import draw_frozen, draw_twin_distances, twin_figure
from eiassembly.analysis.measures.dynamics.lyapunov import mean_rate
from eiassembly.analysis.measures.dynamics.reliability import Patterns
from eiassembly.analysis.measures.dynamics.twin_courses import Courses
from eiassembly.analysis.measures.dynamics.variability import Groups

STRUCTURES = ("rand", "tuned_ei")


@pytest.fixture
def ax():
    return Figure().subplots()


def twins(structure, condition="learned odor"):
    """2 s in bins of 10 ms; every sixth bin without a spike; patterns alike to the end of the odor."""
    distance = np.linspace(0, 1, 200)
    distance[::6] = np.nan
    groups = dict.fromkeys(("all", "members", "others"), distance)
    courses = Courses(groups, np.linspace(1, 0.5, 20), np.array([3.0, 30.0]), 0.7, 1500.0, 1)
    return Twins("A", structure, condition, courses, *np.ones((3, 1)))


def trials(structure, condition="learned odor"):
    times = np.arange(-450.0, 2500, 100)
    between = np.random.default_rng(1).random((30, 30))
    patterns = Patterns(times, np.ones((30, 30)), between)
    return Trials("A", structure, condition, patterns, 0.5, Groups(*np.ones((3, 4))), 0.8)


def exponents(structure, condition="learned odor"):
    times = np.arange(2.0, 102.0, 2.0)
    found = (mean_rate(np.array([-20.0, -22.0])), mean_rate(np.array([70.0, 90.0])))
    distances = 0.01 * np.exp([0.05 * times, 0.03 * times])
    return Exponents("A", structure, condition, np.array([1e-6, 0.1]), found, times, distances, np.ones(4))


def shuffled(structure, shuffle="ids"):
    return Shuffled("A", structure, shuffle, np.array([0.0, 5.0, 90.0]))


def lines_named(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def test_distances_of_twins_are_means_of_what_is_defined(ax):
    draw_twin_distances(ax, [twins(s) for s in STRUCTURES])
    assert lines_named(ax).keys() == {"rand", "Tuned E+I"}
    x, y = lines_named(ax)["rand"].get_data()
    np.testing.assert_array_equal(x, np.arange(5, 2000, 10.0))
    distance = twins("rand").courses.distances["all"]
    assert not np.isnan(y).any()
    np.testing.assert_allclose(y[50], np.nanmean(distance[48:53]))
    np.testing.assert_allclose(y[[0, -1]], [np.nanmean(distance[:3]), np.nanmean(distance[-3:])])


def test_correlations_of_twins_end_with_the_odor(ax):
    draw_frozen(ax, [twins("rand")])
    x, y = ax.lines[0].get_data()
    np.testing.assert_array_equal(x, np.arange(50, 1500, 100.0))
    np.testing.assert_array_equal(y, np.linspace(1, 0.5, 20)[:15])


def test_correlations_of_trials_are_those_at_the_same_time(ax):
    one = trials("tuned_ei")
    draw_resampled(ax, [one])
    x, y = lines_named(ax)["Tuned E+I"].get_data()
    np.testing.assert_array_equal(x, one.patterns.times)
    np.testing.assert_array_equal(y, np.diagonal(one.patterns.between))


def test_silence_is_drawn_at_the_foot_of_a_logarithmic_axis(ax):
    draw_shuffled(ax, [shuffled("rand"), shuffled("tuned_ei"), shuffled("tuned_ei", "times")])
    assert [t.get_text() for t in ax.get_xticklabels()] == ["rand, ids", "Tuned E+I, ids", "Tuned E+I, times"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(dots[0].get_ydata(), [0.01, 5, 90])
    assert [round(float(line.get_xdata().mean())) for line in dots] == [0, 1, 2]


def test_one_spike_more_grows_by_its_geometric_mean(ax):
    draw_one_spike(ax, [exponents("rand"), exponents("rand", "baseline")])
    line = lines_named(ax)["rand"]  # the baseline has no name
    np.testing.assert_allclose(line.get_ydata(), 0.01 * np.exp(0.04 * line.get_xdata()))
    assert len(ax.lines) == 2


def test_exponents_have_their_standard_errors(ax):
    draw_exponents(ax, [exponents("rand")])
    (container,) = ax.containers
    np.testing.assert_allclose(container.lines[0].get_ydata(), [-21, 80])
    spans = [np.ptp(segment[:, 1]) for segment in container.lines[2][0].get_segments()]
    np.testing.assert_allclose(spans, [2 * 1, 2 * 10])


def test_a_condition_has_its_panels():
    found = [twins(s, c) for s in STRUCTURES for c in ("learned odor", "baseline")]
    assert [p.text for p in twin_figure(found).panels] == ["learned odor", "learned odor", "baseline"]
    both = [trials(s, c) for s in STRUCTURES for c in ("learned odor", "novel odor")]
    assert [p.text for p in trial_figure(both).panels] == ["learned odor", "novel odor"]
    assert len(shuffled_figure([shuffled("rand")]).panels) == 1


@pytest.fixture(scope="module")
def headline(results):
    return Headline(
        Lyapunov(tuple(exponents(s, c) for s in STRUCTURES for c in ("learned odor", "novel odor"))),
        MeasuredResults("twins", tuple(twins(s) for s in STRUCTURES)),
        MeasuredResults("trials", tuple(trials(s) for s in STRUCTURES)),
        MeasuredResults("shuffled", tuple(shuffled(s) for s in STRUCTURES)),
        tuple((result.run.structure, result.dynamics["learned"]) for result in results),
        (
            Sample("morph", "A", "rand", "hysteresis", 0.01),
            Sample("sequence", "A", "rand", "cv_members", 0.9, "learned"),
        ),
    )


def test_the_headline_shows_all_that_was_measured(headline):
    axes = list(Figure(figsize=(11, 5.6)).subplots(2, 4).flat)
    draw_headline(axes, headline)
    assert [ax.get_title(loc="left")[0] for ax in axes] == list("abcdefgh")
    assert all(ax.axison for ax in axes)
    assert len(axes[0].lines) == 2  # not those of novel odors
    after = headline.sequences[0][1].offsets
    np.testing.assert_allclose(axes[5].lines[0].get_xdata(), after.times.reshape(-1, 5).mean(axis=1))
    dots = {float(y) for line in axes[4].lines + axes[6].lines for y in line.get_ydata()}
    assert {0.9, 0.01} <= dots
    outcomes = [float(y) for line in axes[7].lines for y in line.get_ydata()]
    np.testing.assert_allclose(sorted(outcomes), [1 / 3] * 4)


def test_a_panel_without_runs_says_so(headline):
    nothing = MeasuredResults("twins", ())
    axes = list(Figure().subplots(2, 4).flat)
    draw_headline(axes, Headline(Lyapunov(()), nothing, nothing, headline.shuffled))
    assert [[text.get_text() for text in ax.texts] for ax in axes] == [["no runs"]] * 7 + [[]]


@pytest.mark.parametrize(("name", "start"), [("h.png", b"\x89PNG"), ("h.svg", b"<?xml")])
def test_the_headline_is_written_in_the_format_of_its_name(name, start, headline, tmp_path):
    write_headline_figure(headline, tmp_path / name)
    first = (tmp_path / name).read_bytes()
    assert first.startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [name]
