"""Figures of experiments about chaos and stability: twins, trials and shuffled inhibition."""

from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis import chaos_figures as draws
from eiassembly.analysis.experiment_shuffled import Shuffled
from eiassembly.analysis.experiment_trials import Trials
from eiassembly.analysis.experiment_twins import Twins
from eiassembly.analysis.figures import legend_below
from eiassembly.analysis.panels import Panel, Plate, panel


def twin_plate(found: Sequence[Twins]) -> Plate:
    """Distances and correlations of twins, one pair of panels per condition."""
    panels = []
    for condition in dict.fromkeys(one.condition for one in found):
        same = [one for one in found if one.condition == condition]
        panels.append(_panel(condition, partial(draws.draw_twin_distances, found=same)))
        if condition != "baseline":
            panels.append(_panel(condition, partial(draws.draw_frozen, found=same)))
    caption = (
        "Twins with the same input, one of which has a changed spike at time 0. Left: fraction of E spikes "
        "that differ (bins of 10 ms, mean over 5); shaded: odor. Right: correlation of E patterns, 100 ms."
    )
    return Plate("Twins that differ in one spike", tuple(panels), caption)


def trial_plate(found: Sequence[Trials]) -> Plate:
    """Correlations between trials, one panel per kind of odour."""
    panels = []
    for condition in dict.fromkeys(one.condition for one in found):
        same = [one for one in found if one.condition == condition]
        panels.append(_panel(condition, partial(draws.draw_resampled, found=same)))
    caption = "Correlation of E patterns, 100 ms, between trials with new spikes of the mitral cells."
    return Plate("Trials with new input spikes", tuple(panels), caption)


def shuffled_plate(found: Sequence[Shuffled]) -> Plate:
    """Rates of all odours with shuffled inhibition."""
    caption = (
        "Mean rate of E in the first 1.5 s of every odor (dots) while recorded inhibition is sent shuffled "
        "in place of the live one; line: 10 Hz, above which activity counts as runaway."
    )
    drawn = _panel("shuffled inhibition", partial(draws.draw_shuffled, found=found), has_legend=False)
    return Plate("Shuffled inhibition", (drawn,), caption)


def _panel(title: str, draw_into: Callable[[Axes], None], has_legend: bool = True) -> Panel:
    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        ax.set_title(title, loc="left")
        draw_into(ax)
        if has_legend:
            legend_below(ax)

    return panel(title, draw)
