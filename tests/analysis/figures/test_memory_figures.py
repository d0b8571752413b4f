"""Figures of memories: what is drawn is what was measured."""

import pytest
from matplotlib.figure import Figure

from eiassembly.analysis.figures.memories import draw_amplification
from eiassembly.analysis.measures.memory.amplification import Amplification
from eiassembly.analysis.runs.labels import structure_look


@pytest.mark.parametrize(("inside", "outside"), [(4.0, 1.0), (30.0, 0.2), (1.0, 1.0)])
def test_amplification_is_drawn_filled_inside_and_open_outside(inside, outside):
    ax, look = Figure().subplots(), structure_look("tuned_ei")
    draw_amplification(ax, [(look, Amplification(inside, outside))])
    dots = {line.get_markerfacecolor(): line.get_ydata()[0] for line in ax.lines if line.get_marker() == "o"}
    assert dots == {look.color: inside, "white": outside}
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [look.title]
    low, high = ax.get_ylim()
    assert low <= min(outside, 0.5) < max(inside, 2.0) <= high
