"""One figure of a network: degrees, densities, overlaps, spectrum."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from matplotlib.figure import Figure, SubFigure

from eiassembly.analysis import network_panels as panels
from eiassembly.analysis.style import figure_style, population_look
from eiassembly.connectivity.profile import Profile
from eiassembly.model.files import written_beside

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
    widths = [_WIDE if draw_panel.func is panels.draw_spectrum else 1.0 for _, draw_panel in shown]
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
        draw_densities = partial(
            panels.draw_densities, densities=profile.densities, enriched=profile.enriched
        )
        found.append(("Density of contacts", draw_densities))
    if profile.n_assemblies > 1 and overlaps:
        found.append(("Overlap of assemblies", partial(panels.draw_shared, overlaps=overlaps[0])))
        found.append(("Overlap against chance", partial(panels.draw_overlaps, all_overlaps=overlaps)))
    if spectrum is not None:
        found.append(("Spectrum of effective weights", partial(panels.draw_spectrum, spectrum=spectrum)))
    return found


def _draw_degrees(figure: SubFigure, profile: Profile) -> None:
    axes = figure.subplots(2, len(profile.degrees), squeeze=False)
    for column, degrees in enumerate(profile.degrees):
        inputs, outputs = axes[:, column]
        panels.draw_degrees(inputs, degrees.inputs, population_look(degrees.target).color)
        panels.draw_degrees(outputs, degrees.outputs, population_look(degrees.source).color)
        inputs.set_title(f"{degrees.source} → {degrees.target}", pad=16)
        inputs.set_xlabel(f"inputs per {degrees.target} neuron", fontsize=8)
        outputs.set_xlabel(f"outputs per {degrees.source} neuron", fontsize=8)
    for ax in axes[:, 0]:
        ax.set_ylabel("% of neurons")
