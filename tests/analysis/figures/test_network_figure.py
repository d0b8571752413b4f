"""The figure of a network: what is drawn is what was measured, for any network."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from small_wirings import three, two

from eiassembly.analysis.figures import network as panels
from eiassembly.analysis.figures.network import draw
from eiassembly.connectivity.statistics.degrees import Distribution
from eiassembly.connectivity.statistics.densities import KINDS
from eiassembly.connectivity.statistics.profile import profile_of
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import EnvironmentProblemError


def titles(wiring):
    figure = Figure()
    draw(figure, profile_of(wiring))
    figure.draw_without_rendering()
    return [ax.get_title(loc="left") for ax in figure.axes if ax.get_title(loc="left")]


PANELS = [
    "Density of contacts", "Overlap of assemblies", "Overlap against chance", "Spectrum of effective weights"
]  # fmt: skip


@pytest.mark.parametrize(("wiring", "expected"), [
    (two(), PANELS),
    (three(), PANELS),
    (replace(two(), assemblies=two().assemblies[:1]), [PANELS[0], PANELS[3]]),
    (replace(two(), assemblies=()), PANELS[3:]),
    (Wiring(two().populations, two().projections[:1]), []),
])  # fmt: skip
def test_panels_are_those_that_a_network_has(wiring, expected):
    assert titles(wiring) == expected


@pytest.mark.parametrize("numbers", [[31] * 50, [0, 1, 1, 2], range(1000)])
def test_bars_are_percent_of_all_neurons(numbers):
    ax = Figure().subplots()
    panels.draw_degrees(ax, Distribution.of(np.array(numbers)), "black")
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100)
    assert len(ax.patches) <= 31
    low, high = ax.get_xlim()
    assert low < min(numbers) <= max(numbers) < high


def test_densities_are_relative_to_the_mean():
    profile = profile_of(three())
    ax = Figure().subplots()
    panels.draw_densities(ax, profile.densities, profile.enriched)
    tops = [bar.get_y() + bar.get_height() for bar in ax.patches]
    for d in profile.densities:
        expected = [d.density(kind) / d.mean for kind in KINDS if d.contacts[kind]]
        drawn, tops = tops[: len(expected)], tops[len(expected) :]
        assert drawn == pytest.approx(expected)
    assert not tops
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["E → FBI", "E → E", "FBI → E", "FBI → FBI"]


def test_alpha_is_written_where_it_is_known():
    profile = profile_of(two())
    ax = Figure().subplots()
    panels.draw_densities(ax, profile.densities, profile.enriched)
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["α = 2.0"]


def test_far_modes_of_populations_are_named():
    profile = profile_of(two())
    ax = Figure().subplots()
    panels.draw_spectrum(ax, profile.spectrum)
    far = profile.spectrum.eigenvalues[0]
    assert far.real > ax.get_xlim()[1]
    assert far.imag > 0
    assert f"not shown: {far.real:.3g} ± {far.imag:.2g} i" in [text.get_text() for text in ax.texts]
    assert ax.get_xlim()[1] > profile.spectrum.radius


def test_a_figure_that_cannot_be_written(tmp_path):
    from eiassembly.analysis.figures.network import write_figure

    with pytest.raises(EnvironmentProblemError, match="cannot write"):
        write_figure(profile_of(two()), tmp_path / "no" / "figure.png")
