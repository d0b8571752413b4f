"""Calibration curves: ratios, crossings, and the picture of one."""

import math

import pytest
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.critical import Critical
from eiassembly.analysis.figures.calibration import critical_figures, draw, write_figure
from eiassembly.analysis.measures.calibration import RUNAWAY, CalibrationCurve, CalibrationPoint


def curve(ratios, parameter="chi"):
    """One network per value 1, 2, 3, …, with rand at 2 Hz."""
    points = (
        CalibrationPoint(float(k), (2.0 * ratio,), (2.0,), k) for k, ratio in enumerate(ratios, start=1)
    )
    return CalibrationCurve(parameter, tuple(points))


def test_ratio_is_that_of_the_means():
    assert CalibrationPoint(1.0, (3.0, 1.0), (1.0, 3.0), 1.0).ratio == 1.0


@pytest.mark.parametrize(("ratio", "keeps"), [(0.84, False), (0.86, True), (1.14, True), (1.16, False)])
def test_criterion(ratio, keeps):
    assert CalibrationPoint(1.0, (ratio,), (1.0,), 1.0).keeps_rate is keeps


def test_crossing_of_an_exponential_is_exact():
    """Inhibition that scales the rate down by a constant factor per unit."""
    falling = curve([math.exp(1.3 - 0.5 * k) for k in range(1, 6)])
    assert falling.crossing() == pytest.approx(1.3 / 0.5)
    assert falling.crossing(math.exp(-1.0)) == pytest.approx(2.3 / 0.5)
    low, high = falling.bracket()
    assert (low.value, high.value) == (2, 3)


def test_no_crossing():
    assert curve([0.9, 0.8, 0.5]).crossing() is None
    assert curve([1.2, 1.2]).crossing() is None
    assert curve([0.9]).crossing() is None


def test_silence_and_runaway_are_crossed_too():
    silent = curve([2.0, 0.0])
    assert 1 < silent.crossing() < 2
    leaping = curve([1.1, 1.3, 40.0], "alpha")
    assert 2 < leaping.crossing(RUNAWAY) < 3


def test_best_and_joined():
    found = curve([2.0, 1.4, 0.5]).joined([CalibrationPoint(2.4, (2.02,), (2.0,), 2.4)])
    assert [m.value for m in found.measurements] == [1, 2, 2.4, 3]
    assert found.best.value == 2.4


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_picture(suffix, tmp_path):
    path = tmp_path / f"curve.{suffix}"
    write_figure(curve([0.9, 1.2, 30.0], "alpha"), path)
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("ratios", "parameter", "expected"), [
    ([2.0, 1.4, 0.5], "chi", 2 + math.log(1.4) / math.log(1.4 / 0.5)),
    ([1.1, 1.3, 40.0], "alpha", 2 + math.log(20 / 1.3) / math.log(40 / 1.3)),
    ([2.0, 1.01, 0.5], "chi", None),  # a network is near enough
    ([1.03, 1e-6], "chi", None),  # the crossing is near enough to a value
    ([0.9, 0.8, 0.5], "chi", None),  # not between the values
])  # fmt: skip
def test_where_to_measure_next(ratios, parameter, expected):
    assert curve(ratios, parameter).next_value() == pytest.approx(expected, abs=1e-4)


def test_the_value_nearest_to_rand_is_marked_unless_activity_runs_away():
    labels = []
    for shown in (curve([2.0, 1.4, 0.5]), curve([1.1, 1.3, 40.0], "alpha")):
        ax = Figure().subplots()
        draw(ax, shown)
        labels.append(ax.get_legend_handles_labels()[1][-1])
        dots = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "."]
        assert dots == [m.ratio for m in shown.measurements]
    nearest, runaway = labels
    assert nearest == "nearest to rand: χ = 2"
    assert runaway.startswith("20 × rand: α = 2.8")


def test_every_network_has_a_panel_of_its_critical_density():
    curves = {name: curve([1.1, 40.0], "alpha") for name in ("A seed 1", "B seed 1")}
    (plate,) = critical_figures(Critical(curves))
    assert [shown.text for shown in plate.panels] == [f"Rate against α: {name}" for name in curves]
