"""From the tables of a protocol to what they do to a network, with everything that does not fit named.

Each kind of tables has a module here with its name: what they do, and which abilities of neurons that needs.
"""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol, cast

from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.config.simulation import Dynamics
from eiassembly.model.protocol.abilities import Ability
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import Interventions, combined


class Intervention(Protocol):
    """The module of an intervention."""

    NEEDS: tuple[Ability, ...]
    """What neurons must be able to do; the first one that they are not is what they are refused for."""

    def effects(self, requested: Sequence[Any], context: Context) -> Interventions:
        """Find out what tables of this kind do; ConfigError names what does not fit, with its table."""


def intervention(name: str) -> Intervention:
    """Return the module of an intervention, by its key."""
    return cast(Intervention, import_module(f"eiassembly.model.protocol.{name}"))


def interventions(dynamics: Dynamics, context: Context) -> Interventions:
    """Find out what a protocol does to a network.

    Parameters
    ----------
    dynamics : Dynamics
        With the tables of the protocol.
    context : Context
        The network and the odors.

    Raises
    ------
    ConfigError
        Names the table and key that does not fit, and the line if ``context.origin`` has lines.
    """
    return combined(intervention(name).effects(getattr(dynamics, name), context) for name in INTERVENTIONS)


def abilities_needed(dynamics: Dynamics) -> dict[str, tuple[Ability, ...]]:
    """Return which abilities of neurons the tables of a protocol need, by their key."""
    return {name: intervention(name).NEEDS for name in INTERVENTIONS if getattr(dynamics, name)}
