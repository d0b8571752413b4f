"""Draw the picture of docs/odors.md and print its table: our odor sets beside the authors' ones.

python docs/make_odors.py OURS.h5 AUTHORS.h5 [MORE.h5 ...] docs/images/odors.png

The first two files are drawn, all have a column in the table.
"""

import itertools
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from eiassembly.analysis.figures.style import figure_style
from eiassembly.config.config import Config, parse_config
from eiassembly.odors.draw import odor_of, presented_odors
from eiassembly.odors.file import load
from eiassembly.odors.mixtures import morph
from eiassembly.odors.odors import Odor, OdorSet
from eiassembly.odors.spike_trains import BASELINE_RATE, with_spikes
from eiassembly.odors.subspace import SIDE, subspace, trajectories

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
Select = Callable[[Odor], Ids]

COLORS = ("#AA3377", "#009E73", "#0072B2")
BIN = 100.0
"""ms."""


def rate(odor_set: OdorSet, first: float, last: float, select: Select) -> float:
    """Mean rate [Hz] of some cells from ``first`` to ``last`` ms after the onset of their odor."""
    odors = {odor.number: odor for odor in odor_set.odors}
    found = []
    for p in odor_set.presentations:
        edges = [round((p.onset + time) / odor_set.dt) + 1 for time in (first, last)]
        low, high = np.searchsorted(odor_set.steps, edges)
        counts = np.bincount(odor_set.ids[low:high], minlength=odor_set.n_mitral)
        found.append(counts[select(odors[p.odor])].mean())
    return float(np.mean(found)) / (last - first) * 1000


def of_class(k: int) -> Select:
    """Activated cells of the k-th decay class, fastest first."""
    return lambda odor: odor.activated[odor.decay == np.unique(odor.decay)[k]]


def unchanged(odor: Odor) -> Ids:
    """Cells that neither respond nor are inhibited."""
    return np.setdiff1d(np.arange(1500), np.concatenate([odor.activated, odor.inhibited]))


ROWS: tuple[tuple[str, float, float, Select], ...] = (
    ("all cells, second before an odor", -1000, 0, lambda odor: np.arange(1500)),
    ("cells without change, 200–2000 ms", 200, 2000, unchanged),
    ("activated, 200–300 ms", 200, 300, lambda odor: odor.activated),
    ("activated, fast decay, 1900–2000 ms", 1900, 2000, of_class(0)),
    ("activated, medium, 1900–2000 ms", 1900, 2000, of_class(1)),
    ("activated, slow, 1900–2000 ms", 1900, 2000, of_class(2)),
    ("inhibited, 200–2000 ms", 200, 2000, lambda odor: odor.inhibited),
)


def table(sets: Sequence[OdorSet]) -> Iterable[str]:
    """Yield the lines of a table, one column per set."""
    for name, first, last, select in ROWS:
        yield row(f"{name} (Hz)", [f"{rate(s, first, last, select):.2f}" for s in sets])
    for cells in ("activated", "inhibited"):
        yield row(f"{cells} cells that two odors share", [shared(s, cells) for s in sets])


def row(name: str, values: Sequence[str]) -> str:
    """Put a line of a table together."""
    return f"| {' | '.join([name, *values])} |"


def shared(odor_set: OdorSet, cells: str) -> str:
    """Cells that two presented odors have in common: mean and range."""
    shown = {p.odor for p in odor_set.presentations}
    chosen = [getattr(odor, cells) for odor in odor_set.odors if odor.number in shown]
    counts = [len(np.intersect1d(*pair)) for pair in itertools.combinations(chosen, 2)]
    return f"{np.mean(counts):.1f} ({min(counts)}–{max(counts)})"


def draw_courses(ax: Axes, ours: OdorSet, authors: OdorSet) -> None:
    """Rates of the three classes of activated cells around the onset."""
    starts = np.arange(-500, 2000, BIN)
    for k, (color, name) in enumerate(zip(COLORS, ("fast", "medium", "slow"), strict=True)):
        for odor_set, line, whose in ((ours, "-", "ours"), (authors, ":", "authors'")):
            rates = [rate(odor_set, start, start + BIN, of_class(k)) for start in starts]
            ax.plot(starts + BIN / 2, rates, line, color=color, label=f"{name}, {whose}")
    ax.set(xlabel="time after onset (ms)", ylabel="rate (Hz)", ylim=(0, None))
    ax.set_title("activated cells, by decay class", loc="left")
    ax.legend()


def pattern(odor: Odor) -> Floats:
    """Rates at onset, all mitral cells."""
    rates = np.full(1500, BASELINE_RATE)
    rates[odor.activated] += odor.rate
    rates[odor.inhibited] = odor.inhibited_rate
    return rates


def similarity(odors: Sequence[Odor], to: Odor) -> Floats:
    """Correlations of patterns with that of one odor."""
    return np.array([np.corrcoef(pattern(odor), pattern(to))[0, 1] for odor in odors])


def draw_morph(ax: Axes, config: Config) -> None:
    """Correlations along a morph with its ends."""
    first, last = (odor_of(config, number) for number in (config.network.assemblies, 0))
    steps = morph(first, last, 10, config.odors.seed)
    for odor, color, name in ((first, COLORS[2], "first (novel)"), (last, COLORS[0], "last (learned)")):
        ax.plot(np.arange(11) / 10, similarity(steps, odor), "o-", ms=3, color=color, label=name)
    ax.set(xlabel="way from the first to the last odor", ylabel="correlation")
    ax.set_title("morph", loc="left")
    ax.legend()


def draw_square(ax: Axes, config: Config, title: str) -> None:
    """Correlations of all places with the corner top left, and one trajectory."""
    pure = [odor_of(config, number) for number in presented_odors(config)]
    places = subspace(pure, config.odors.seed)
    values = similarity(list(places.values()), pure[0]).reshape(SIDE, SIDE)
    image = ax.imshow(values, cmap="viridis", vmin=-0.1, vmax=1)
    rows, columns = zip(*trajectories()[0], strict=True)
    ax.plot(columns, rows, color="white", lw=0.6)
    ax.set(xticks=[0, 5, 10], yticks=[0, 5, 10], xlabel="column", ylabel="row")
    ax.set_title(title, loc="left")
    ax.figure.colorbar(image, ax=ax, label="correlation with top left", shrink=0.85)


def main() -> None:
    """Read the arguments, print the table, write the picture."""
    *sources, target = (Path(argument) for argument in sys.argv[1:])
    sets = [with_spikes(load(source)) for source in sources]
    print("\n".join(table(sets)))
    with figure_style():
        figure = Figure(figsize=(14, 3.2), layout="constrained")
        axes = figure.subplots(1, 4, width_ratios=(1.25, 1, 1.1, 1.1))
        draw_courses(axes[0], *sets[:2])
        draw_morph(axes[1], parse_config({}, ""))
        for ax, odors, title in zip(
            axes[2:], ({}, {"family": "square"}), ("subspace", "correlated subspace"), strict=True
        ):
            draw_square(ax, parse_config({"odors": {"kind": "subspace", **odors}}, ""), title)
        figure.savefig(target, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
