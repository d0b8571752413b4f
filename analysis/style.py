"""One colour per structure and per population, everywhere in the project; safe for colour-blind readers.

The colours are those of Okabe & Ito and of Tol: Scaled networks are warm, tuned ones blue, rand is dark grey;
populations use the colours that structures do not. Structures also differ by line style, for print.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import NamedTuple


class Look(NamedTuple):
    """How something is named and drawn."""

    title: str
    color: str
    line: str = "-"


STRUCTURES = MappingProxyType(
    {
        "rand": Look("rand", "#333333", "-"),
        "scaled_i": Look("Scaled I", "#D55E00", "-"),
        "tuned_i": Look("Tuned I", "#56B4E9", "-"),
        "tuned_ei": Look("Tuned E+I", "#0072B2", "--"),
        "scaled_adjust": Look("Scaled[adjust]", "#E69F00", "--"),
        "tuned_adjust": Look("Tuned[adjust]", "#332288", ":"),
        "e_assemblies": Look("E assemblies", "#CC6677", "-."),
        "ff_assembly": Look("FF assembly", "#44AA99", "-."),
        "fb_component": Look("FB component", "#6699CC", "-."),
    }
)
POPULATIONS = MappingProxyType(
    {
        "OB": Look("OB", "#999999"),
        "E": Look("E", "#AA3377"),
        "I": Look("I", "#009E73"),
        "FBI": Look("FBI", "#117733"),
        "FFI": Look("FFI", "#C0A000", "--"),
    }
)
OTHER = "#666666"
"""Colour of what has no colour of its own."""

_PARAMETERS = MappingProxyType(
    {
        "font.family": "DejaVu Sans",
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.labelsize": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "svg.fonttype": "path",
        "svg.hashsalt": "eiassembly",
        "figure.constrained_layout.use": True,
    }
)


def structure_look(structure: str, label: str = "") -> Look:
    """Return the look of a structure; unknown ones are grey and keep their label."""
    return STRUCTURES.get(structure, Look(label or structure or "unnamed", OTHER))


def population_look(name: str) -> Look:
    """Return the look of a population; unknown ones are grey."""
    return POPULATIONS.get(name, Look(name, OTHER))


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw inside this block with the project's fonts, sizes and lines; outside nothing changes."""
    # Imported here: names and colours are also used where nothing is drawn, and matplotlib is slow to load.
    from matplotlib import style

    with style.context(dict(_PARAMETERS)):
        yield
