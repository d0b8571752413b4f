"""How structures and populations are named and drawn: one colour each, everywhere in the project.

What structures look like is in `config.structures`; populations use the colours that structures do not.
"""

from types import MappingProxyType
from typing import NamedTuple

from eiassembly.config import structures


class Look(NamedTuple):
    """How something is named and drawn."""

    title: str
    color: str
    line: str = "-"


STRUCTURES = MappingProxyType(
    {name: Look(s.label, s.color, s.line) for name, s in structures.STRUCTURES.items()}
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
