"""Excitatory/inhibitory assemblies in precisely balanced spiking networks.

``import eiassembly as ei`` offers what a notebook needs, see docs/python.md. Nothing is imported before it is
asked for: neither NEST nor matplotlib, nor anything else that takes its time.
"""

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # what `__getattr__` gives, for type checkers and editors
    from eiassembly import plot
    from eiassembly.api import (
        build,
        draw_odors,
        load_config,
        load_network,
        load_odors,
        measure,
        open_run,
        open_spikes,
        report,
        simulate,
    )
    from eiassembly.core.errors import EiassemblyError

__all__ = [
    "EiassemblyError",
    "build",
    "draw_odors",
    "load_config",
    "load_network",
    "load_odors",
    "measure",
    "open_run",
    "open_spikes",
    "plot",
    "report",
    "simulate",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        """Import one of the public names (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "plot":
            return importlib.import_module("eiassembly.plot")
        home = "eiassembly.core.errors" if name == "EiassemblyError" else "eiassembly.api"
        value = getattr(importlib.import_module(home), name)
        globals()[name] = value  # not asked for again
        return value


def __dir__() -> list[str]:
    """List what completion offers: the public names."""
    return [*__all__, "__version__"]
