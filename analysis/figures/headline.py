"""From chaos to stability in one figure: eight panels, structures side by side."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eiassembly.analysis.experiments.headline import Headline, Row, values_of
from eiassembly.analysis.figures.lyapunov import draw_exponents, draw_one_spike
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.figures.trials import draw_resampled
from eiassembly.analysis.figures.twins import draw_twin_distances
from eiassembly.analysis.measures.dynamics.summary import KindDynamics
from eiassembly.analysis.runs.labels import STRUCTURES, structure_look
from eiassembly.config.structures import COMPARED, in_order
from eiassembly.core.files import written_beside

_ODOR = "learned odor"
_COARSER = 5


def write_headline_figure(found: Headline, path: Path) -> None:
    """Draw everything; the suffix of the file says in which format.

    Parameters
    ----------
    found : Headline
        What was measured.
    path : Path
        PNG or SVG.
    """
    with figure_style():
        figure = Figure(figsize=(11, 5.6))
        axes = figure.subplots(2, 4)
        draw_headline(list(axes.flat), found)
        looks = [STRUCTURES[name] for name in COMPARED]
        lines = [axes[0, 0].plot([], [], look.line, color=look.color)[0] for look in looks]
        titles = [STRUCTURES[name].title for name in COMPARED]
        figure.legend(lines, titles, loc="outside lower center", ncols=4)
        form, metadata = path.suffix[1:], {"Software": None} if path.suffix == ".png" else {"Date": None}
        with written_beside(path) as partial:
            figure.savefig(partial, dpi=130, format=form, metadata=metadata)


def draw_headline(axes: Sequence[Axes], found: Headline) -> None:
    """Draw into eight axes; a panel without data says so."""
    epochs, twins = found.lyapunov.found, [one for one in found.twins.results if one.condition == _ODOR]
    shown = [one for one in epochs if one.condition in (_ODOR, "baseline")]
    trials = [one for one in found.trials.results if one.condition == _ODOR]
    panels: tuple[tuple[str, bool, Callable[[Axes], None]], ...] = (
        ("an added spike", bool(shown), lambda ax: draw_one_spike(ax, shown)),
        ("growth against size", bool(shown), lambda ax: draw_exponents(ax, shown)),
        ("twins, frozen input", bool(twins), lambda ax: draw_twin_distances(ax, twins)),
        ("trials, new input", bool(trials), lambda ax: draw_resampled(ax, trials)),
        ("variability", bool(found.sequences), lambda ax: _variability(ax, found)),
        ("assembly after the odor", bool(found.sequences), lambda ax: _persistence(ax, found.sequences)),
        ("hysteresis of morphs", any(s.experiment == "morph" for s in found.others),
         lambda ax: _by_structure(ax, found, Row("", "morph", "hysteresis", ""), "area between ways")),
        ("shuffled inhibition", bool(found.shuffled.results), lambda ax: _shuffled(ax, found)),
    )  # fmt: skip
    for letter, ax, (title, is_there, draw) in zip("abcdefgh", axes, panels, strict=True):
        ax.set_title(f"{letter}  {title}", loc="left")
        if is_there:
            draw(ax)
        else:
            ax.text(0.5, 0.5, "no runs", ha="center", va="center", transform=ax.transAxes, color="#666666")
            ax.set_axis_off()


def _by_structure(ax: Axes, found: Headline, row: Row, label: str, is_open: bool = False) -> None:
    draw_by_structure(ax, values_of(found.samples, row), label, is_open)


def draw_by_structure(
    ax: Axes, values: Mapping[str, Sequence[float]], label: str, is_open: bool = False
) -> None:
    """Values of networks as dots, one column per structure, in the order of the table of structures."""
    columns = in_order(values)
    for x, structure in enumerate(columns):
        look, numbers = structure_look(structure), values[structure]
        offset = 0.15 if is_open else -0.15
        ax.plot(
            [x + offset] * len(numbers), numbers, "o", markersize=5.5, color=look.color,
            markerfacecolor="white" if is_open else look.color,
        )  # fmt: skip
    titles = [structure_look(structure).title for structure in columns]
    ax.set_xticks(range(len(columns)), titles, rotation=25, ha="right")
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylabel(label)


def _variability(ax: Axes, found: Headline) -> None:
    ax.axhline(1, color="#999999", linewidth=0.8)
    _by_structure(ax, found, Row("", "sequence", "cv_members", "learned"), "")
    row = Row("", "trials", "fano_members", _ODOR)
    _by_structure(ax, found, row, "CV (filled), Fano factor (open)", is_open=True)
    ax.set_ylim(bottom=0)


def _persistence(ax: Axes, sequences: Sequence[tuple[str, KindDynamics]]) -> None:
    ax.axvspan(-500, 0, color="#F1F1F1", linewidth=0, zorder=0)
    for structure, one in sequences:
        times, rates = (
            np.asarray(values).reshape(-1, _COARSER).mean(axis=1)
            for values in (one.offsets.times, one.offsets.rates["members"])
        )
        look = STRUCTURES.get(structure)
        if look is not None and (during := rates[times < 0].mean()) > 0:
            ax.plot(times, rates / during, look.line, color=look.color)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("time from odor offset (ms)")
    ax.set_ylabel("rate / rate during the odor")


def _shuffled(ax: Axes, found: Headline) -> None:
    for quantity, is_open in (("runaway", False), ("silent", True)):
        row = Row("", "shuffled", quantity, "ids")
        _by_structure(ax, found, row, "P(runaway), P(silent) (open)", is_open)
    ax.set_ylim(-0.05, 1.05)
