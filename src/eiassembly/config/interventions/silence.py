"""Neurons whose output is blocked for a while."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from eiassembly.config.interventions.selection import Timed


class Silence(Timed):
    """Which neurons are silenced, and when."""

    NAME: ClassVar[str] = "silence"
    SUMMARY: ClassVar[str] = "output blocked"
    EXAMPLES: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "silenced_interneurons": "interneurons whose output is blocked (three populations)",
        }
    )
