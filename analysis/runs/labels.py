"""How structures and populations are named and drawn: one colour each, everywhere in the project.

The colours are those of Okabe & Ito and of Tol: Scaled networks are warm, tuned ones blue, rand is dark grey;
populations use the colours that structures do not. Structures also differ by line style, for print.
"""

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


def structure_look(structure: str, label: str = "") -> Look:
    """Return the look of a structure; unknown ones are grey and keep their label."""
    return STRUCTURES.get(structure, Look(label or structure or "unnamed", OTHER))


def population_look(name: str) -> Look:
    """Return the look of a population; unknown ones are grey."""
    return POPULATIONS.get(name, Look(name, OTHER))
