"""Draw the geometry of a subspace into axes; nothing is computed here but bins."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from eiassembly.analysis.style import Look

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_KINDS = (("novel", ":"), ("learned", "-"))
_ANGLE_BINS = 40


def draw_plane(ax: Axes, plane: Floats, places: Floats) -> None:
    """Patterns along the first two components, coloured by their mixture coordinates (Fig. 4D)."""
    ax.scatter(plane[:, 0], plane[:, 1], s=5, c=place_colors(places), linewidths=0, rasterized=True)
    ax.set_xlabel("PC 1 (Hz)")
    ax.set_ylabel("PC 2 (Hz)")


def place_colors(places: Floats) -> Floats:
    """Colours of mixtures: orange grows with the first coordinate, blue with the second; shape (n, 3)."""
    x, y = np.clip(places.T, 0, 1)[:, :, None]
    corners = ("#444444", "#E69F00", "#F2B8D8", "#0072B2")  # (0, 0), (1, 0), (1, 1), (0, 1)
    dark, orange, light, blue = (np.array(_rgb(color)) for color in corners)
    return np.asarray((1 - y) * ((1 - x) * dark + x * orange) + y * ((1 - x) * blue + x * light))


def _rgb(color: str) -> tuple[float, ...]:
    return tuple(int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))


def draw_participation(ax: Axes, runs: Sequence[tuple[Look, dict[str, float]]]) -> None:
    """Participation ratios of all runs by the kind of odour (Fig. 4F)."""
    kinds = list(dict.fromkeys(kind for _, values in runs for kind in values))
    for place, (look, values) in enumerate(runs):
        xs = [kinds.index(kind) + 0.5 * ((place + 0.5) / len(runs) - 0.5) for kind in values]
        ax.plot(xs, list(values.values()), "o", color=look.color, markersize=6, label=look.title)
    ax.set_xticks(range(len(kinds)), kinds)
    ax.set_xlim(-0.5, len(kinds) - 0.5)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("participation ratio")


def draw_variances(ax: Axes, runs: Sequence[tuple[Look, Floats, Flags]]) -> None:
    """Variance along the first components around pure odours: learned solid, novel dotted (Fig. 4G)."""
    for look, variances, is_learned in runs:
        for kind, line in _KINDS:
            rows = is_learned == (kind == "learned")
            if rows.any():
                numbers = np.arange(1, variances.shape[1] + 1)
                label = f"{look.title}, {kind}"
                ax.plot(numbers, variances[rows].mean(axis=0), line, color=look.color, label=label)
    ax.set_yscale("log")
    ax.set_xlabel("principal component")
    ax.set_ylabel("variance (Hz²)")


def draw_angles(ax: Axes, runs: Sequence[tuple[Look, Floats, Flags]]) -> None:
    """Distribution of the angles near pure odours: learned solid, novel dotted (Fig. 4H)."""
    edges = np.linspace(0, np.pi, _ANGLE_BINS + 1)
    for look, angles, is_learned in runs:
        for kind, line in _KINDS:
            shown = angles[is_learned == (kind == "learned")]
            if shown.size:
                density, _ = np.histogram(shown[~np.isnan(shown)], edges, density=True)
                label = f"{look.title}, {kind}"
                ax.stairs(density, edges, linestyle=line, color=look.color, linewidth=1.4, label=label)
    ax.set_xlim(0, np.pi)
    ax.set_xticks(np.arange(0, 3.1, 0.5))
    ax.set_xlabel("angle between edges (rad)")
    ax.set_ylabel("density (1/rad)")


def draw_reconstruction(ax: Axes, runs: Sequence[tuple[Look, NDArray[np.int64], Floats]]) -> None:
    """Loss of pairwise distances against the number of components that are kept."""
    for look, numbers, errors in runs:
        ax.plot(numbers, errors, look.line, marker="o", markersize=3, color=look.color, label=look.title)
    ax.set_xscale("log")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("principal components")
    ax.set_ylabel("1 − correlation of distances")
