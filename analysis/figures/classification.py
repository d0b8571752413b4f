"""Draw distances between classes and the success of classifiers into axes; nothing is computed here."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from eiassembly.analysis.runs.labels import Look
from eiassembly.core.arrays import Floats


def draw_class_matrix(ax: Axes, matrix: Floats, names: Sequence[str], label: str, ylabel: str = "") -> None:
    """Write a value for every pair of classes into its field; undefined ones are grey."""
    largest = float(np.nanmax(matrix)) if not np.isnan(matrix).all() else 1.0
    image = ax.imshow(matrix, cmap="cividis", vmin=0, vmax=largest, interpolation="nearest")
    ax.set_facecolor("#BBBBBB")
    for (row, column), value in np.ndenumerate(matrix):
        color = "black" if value > 0.6 * largest or np.isnan(value) else "white"
        text = "–" if np.isnan(value) else f"{value:.3g}"
        ax.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(length=0)
    ax.set_ylabel(ylabel)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, label=label)
    bar.outline.set_visible(False)


def draw_scores(
    ax: Axes, names: Sequence[str], runs: Sequence[tuple[Look, Floats]], ylabel: str, chance: float
) -> None:
    """Values of every draw by class or odor: mean and standard deviation; chance is dotted."""
    for place, (look, values) in enumerate(runs):
        xs = np.arange(len(names)) + 0.6 * ((place + 0.5) / len(runs) - 0.5)
        ax.errorbar(
            xs, values.mean(axis=1), values.std(axis=1), fmt="o", color=look.color, markersize=5,
            elinewidth=1, label=look.title,
        )  # fmt: skip
    ax.axhline(chance, color="#333333", linewidth=0.8, linestyle=":")
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(ylabel)


def draw_agreement(ax: Axes, places: Floats, shares: Floats) -> None:
    """Share of visits in the same class at every place of the square; the colours begin at chance."""
    steps = max(1, round(1 / np.min(np.diff(np.unique(places)), initial=1)))
    square = np.full((steps + 1, steps + 1), np.nan)
    columns, rows = np.rint(places * steps).astype(int).T
    square[rows, columns] = shares
    image = ax.imshow(square, cmap="cividis", vmin=0.25, vmax=1, interpolation="nearest")
    ax.set_xticks([0, steps], ["0", "1"])
    ax.set_yticks([0, steps], ["0", "1"])
    ax.tick_params(length=0)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, label="visits in the same class")
    bar.outline.set_visible(False)
