"""One figure of a network: degrees, densities, overlaps, spectrum."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.ticker import MaxNLocator, NullFormatter, ScalarFormatter

from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.runs.labels import OTHER, STRUCTURES, population_look
from eiassembly.connectivity.statistics.degrees import Distribution
from eiassembly.connectivity.statistics.densities import KINDS, Densities
from eiassembly.connectivity.statistics.overlaps import Overlaps
from eiassembly.connectivity.statistics.profile import Enriched, Profile
from eiassembly.connectivity.statistics.spectrum import Complex, Spectrum, without
from eiassembly.core.files import written_beside

FORMATS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        ".png": {"dpi": 110, "metadata": {"Software": None}},
        ".svg": {"metadata": {"Date": None, "Creator": None}},
        ".pdf": {"metadata": {"CreationDate": None, "Producer": None, "Creator": None}},
    }
)
"""File name suffixes of figures; the same network gives the same bytes."""

Panel = partial[None]
"""Draws into the axes it is called with."""

_WIDTH, _HEIGHT = 13.0, 7.6
_WIDE = 1.25
"""Relative width of the spectrum."""

_KIND_COLORS = dict(zip(KINDS, ("#0072B2", "#56B4E9", "#BBBBBB"), strict=True))
_OUTLIER, _EXPECTED, _BULK = STRUCTURES["scaled_i"].color, "black", "#E6E6E6"
_MOST_BARS = 30


def write_figure(profile: Profile, path: Path) -> None:
    """Draw a network.

    Parameters
    ----------
    profile : Profile
        Its numbers.
    path : Path
        With one of the suffixes of `FORMATS`.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    suffix = path.suffix.lower()
    with figure_style(), written_beside(path) as partial:
        figure = Figure(figsize=(_WIDTH, _HEIGHT))
        draw(figure, profile)
        figure.savefig(partial, format=suffix[1:], **FORMATS[suffix])


def draw(figure: Figure, profile: Profile) -> None:
    """Degrees above, all else below."""
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.15), hspace=0.04, squeeze=False)[:, 0]
    _draw_degrees(above, profile)
    shown = _panels(profile)
    widths = [_WIDE if draw_panel.func is draw_spectrum else 1.0 for _, draw_panel in shown]
    axes = below.subplots(1, max(1, len(shown)), squeeze=False, width_ratios=widths or None)[0]
    if not shown:
        axes[0].set_axis_off()
    for ax, (title, draw_panel) in zip(axes, shown, strict=False):
        ax.set_title(title, loc="left", pad=16)
        draw_panel(ax)


def _panels(profile: Profile) -> list[tuple[str, Panel]]:
    """Titles of what this network has, and how it is drawn."""
    found: list[tuple[str, Panel]] = []
    overlaps, spectrum = profile.overlaps, profile.spectrum
    if profile.densities:
        draw = partial(draw_densities, densities=profile.densities, enriched=profile.enriched)
        found.append(("Density of contacts", draw))
    if profile.n_assemblies > 1 and overlaps:
        found.append(("Overlap of assemblies", partial(draw_shared, overlaps=overlaps[0])))
        found.append(("Overlap against chance", partial(draw_overlaps, all_overlaps=overlaps)))
    if spectrum is not None:
        found.append(("Spectrum of effective weights", partial(draw_spectrum, spectrum=spectrum)))
    return found


def _draw_degrees(figure: SubFigure, profile: Profile) -> None:
    axes = figure.subplots(2, len(profile.degrees), squeeze=False)
    for column, degrees in enumerate(profile.degrees):
        inputs, outputs = axes[:, column]
        draw_degrees(inputs, degrees.inputs, population_look(degrees.target).color)
        draw_degrees(outputs, degrees.outputs, population_look(degrees.source).color)
        inputs.set_title(f"{degrees.source} → {degrees.target}", pad=16)
        inputs.set_xlabel(f"inputs per {degrees.target} neuron", fontsize=8)
        outputs.set_xlabel(f"outputs per {degrees.source} neuron", fontsize=8)
    for ax in axes[:, 0]:
        ax.set_ylabel("% of neurons")


def draw_degrees(ax: Axes, degrees: Distribution, color: str) -> None:
    """Histogram of contacts per neuron, in percent of the neurons."""
    width = -(-(degrees.most - degrees.least + 1) // _MOST_BARS)
    edges = np.arange(degrees.least, degrees.most + width + 1, width) - 0.5
    counts, _ = np.histogram(degrees.values, edges, weights=degrees.counts)
    ax.bar(edges[:-1], 100 * counts / degrees.counts.sum(), np.diff(edges), align="edge", color=color)
    margin = max(2.5, 0.05 * (degrees.most - degrees.least))
    ax.set_xlim(degrees.least - margin, degrees.most + margin)
    ax.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=2))
    ax.yaxis.set_major_locator(MaxNLocator(3))
    ax.text(
        0.03, 1.0, f"{degrees.mean:.1f} ± {degrees.sd:.1f}", transform=ax.transAxes, va="bottom", fontsize=7.5
    )


def draw_densities(ax: Axes, densities: Sequence[Densities], enriched: Sequence[Enriched]) -> None:
    """Density by kind of pair over the mean of the projection, on a logarithmic axis."""
    achieved = {(e.source, e.target): e for e in enriched}
    for place, d in enumerate(densities):
        for offset, kind in zip((-0.27, 0.0, 0.27), KINDS, strict=True):
            if d.contacts[kind]:
                height = d.density(kind) / d.mean
                ax.bar(place + offset, height - 1, 0.25, bottom=1, color=_KIND_COLORS[kind])
        label = _achieved(achieved.get((d.source, d.target)))
        ax.annotate(label, (place, 1.02), xycoords=("data", "axes fraction"), ha="center", fontsize=8)
    ax.axhline(1, color="black", linewidth=0.8)
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 0.5), max(high, 2.0) * 1.1)
    ax.set_yticks(
        [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if ax.get_ylim()[0] <= t <= ax.get_ylim()[1]]
    )
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xticks(range(len(densities)), [f"{d.source} → {d.target}" for d in densities])
    ax.set_ylabel("density / mean of the projection")
    names = ("both in one assembly", "in different ones only", "others")
    handles = [
        Line2D([], [], marker="s", linestyle="", color=_KIND_COLORS[kind], label=name)
        for kind, name in zip(KINDS, names, strict=True)
    ]
    ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.12), handletextpad=0.2, borderpad=0
    )


def _legend_below(
    ax: Axes, distance: float, handles: Sequence[Artist] | None = None, columns: int = 1
) -> None:
    """Name what is drawn below the axes, where it hides nothing."""
    handles = handles or ax.get_legend_handles_labels()[0]
    ax.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, distance), ncols=columns, handletextpad=0.3,
        columnspacing=0.8,
    )  # fmt: skip


def _achieved(enriched: Enriched | None) -> str:
    if enriched is None or enriched.achieved is None:
        return ""
    return f"{enriched.symbol} = {enriched.achieved:.1f}"


def draw_shared(ax: Axes, overlaps: Overlaps) -> None:
    """Shared members of all pairs as a matrix; the diagonal is left out."""
    shared = overlaps.shared.astype(float)
    np.fill_diagonal(shared, np.nan)
    most = int(np.nanmax(shared))
    image = ax.imshow(shared, cmap="viridis", vmin=0, vmax=max(most, 1), interpolation="nearest")
    ax.set_facecolor("#DDDDDD")
    ax.set_anchor("N")
    for spine in ax.spines.values():
        spine.set_visible(False)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5, integer=True))
    ax.set_xlabel("assembly")
    ax.set_ylabel("assembly")
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.75, label=f"shared {overlaps.population} members")
    bar.ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    bar.outline.set_visible(False)


def draw_overlaps(ax: Axes, all_overlaps: Sequence[Overlaps]) -> None:
    """How many pairs share how many members: bars; expected of independent choice: dots."""
    width = 0.8 / len(all_overlaps)
    for place, overlaps in enumerate(all_overlaps):
        look = population_look(overlaps.population)
        most = max(int(overlaps.pairs().max()), overlaps.expected_largest())
        numbers = np.arange(most + 1)
        found = np.bincount(overlaps.pairs(), minlength=most + 1)
        offset = (place + 0.5) * width - 0.4
        ax.bar(numbers + offset, found, width, color=look.color, label=overlaps.population)
        ax.plot(
            numbers + offset, overlaps.expected_counts(most), "o", markersize=4, markerfacecolor="white",
            color="black", markeredgewidth=1,
            label="chosen independently" if place == len(all_overlaps) - 1 else None,
        )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_xlabel("members that two assemblies share")
    ax.set_ylabel("pairs of assemblies")
    handles, labels = ax.get_legend_handles_labels()
    order = np.argsort([label.startswith("chosen") for label in labels], kind="stable")
    _legend_below(ax, -0.14, [handles[k] for k in order], columns=2)


def draw_spectrum(ax: Axes, spectrum: Spectrum) -> None:
    """Eigenvalues in the complex plane, around the bulk and the outliers of assemblies."""
    ax.add_patch(Circle((0, 0), spectrum.radius, color=_BULK, linewidth=0, label="bulk, theory"))
    found, outliers = spectrum.eigenvalues, spectrum.outliers
    of_populations = without(spectrum.beyond(found), outliers)
    _dots(
        ax,
        found[np.abs(found) <= spectrum.edge],
        color=OTHER,
        label=f"{len(found)} largest eigenvalues",
        markersize=2.5,
    )
    _dots(ax, of_populations, color="black", marker="D", label="of populations", markersize=4.5)
    _dots(
        ax, outliers, color=_OUTLIER, markerfacecolor="none", label="other outliers", markersize=5,
        markeredgewidth=1.1,
    )  # fmt: skip
    _dots(
        ax, spectrum.of_assemblies, color=_EXPECTED, marker="x", markersize=3.5, markeredgewidth=0.7,
        label="expected of assemblies",
    )  # fmt: skip
    _limit(ax, spectrum, of_populations)
    ax.set_aspect("equal", anchor="N")
    ax.set_xlabel("real part (mV per Hz)")
    ax.set_ylabel("imaginary part (mV per Hz)")
    _legend_below(ax, -0.18, columns=2)


def _dots(ax: Axes, values: Complex, marker: str = "o", **look: Any) -> None:
    if len(values):
        ax.plot(values.real, values.imag, marker, linestyle="", **look)


def _limit(ax: Axes, spectrum: Spectrum, of_populations: Complex) -> None:
    """Show bulk and assemblies; modes of populations may be so far that nothing else would be seen."""
    near = np.concatenate([spectrum.outliers, spectrum.of_assemblies, [spectrum.radius + 0j]])
    reach = 1.25 * float(np.abs(near).max())
    ax.set_xlim(-1.25 * spectrum.radius, max(reach, 1.25 * spectrum.radius))
    ax.set_ylim(-1.3 * spectrum.radius, 1.3 * spectrum.radius)
    far = [z for z in of_populations.tolist() if not -1.25 * spectrum.radius <= z.real <= ax.get_xlim()[1]]
    if far:
        names = ", ".join(_named(z) for z in far if z.imag >= 0)
        ax.annotate(
            f"not shown: {names}", (0.99, 0.99), xycoords="axes fraction", ha="right", va="top", fontsize=7.5
        )


def _named(value: complex) -> str:
    """Write an eigenvalue, or a pair of conjugate ones."""
    text = f"{value.real:.3g}" if value.imag == 0 else f"{value.real:.3g} ± {value.imag:.2g} i"
    return text.replace("-", "−")
