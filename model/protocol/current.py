"""Constant currents into neurons."""

from collections.abc import Sequence

from eiassembly.config.interventions.current import Current
from eiassembly.model.protocol.abilities import INJECT
from eiassembly.model.protocol.context import Setting
from eiassembly.model.protocol.interventions import InjectedCurrent, Interventions
from eiassembly.model.protocol.selection import chosen_ids

NEEDS = (INJECT,)


def effects(asked: Sequence[Current], setting: Setting) -> Interventions:
    """Return one current for each table.

    Raises
    ------
    ConfigError
        Names what does not fit.
    """
    return Interventions(currents=tuple(setting.each("current", asked, lambda one: [_current(one, setting)])))


def _current(asked: Current, setting: Setting) -> InjectedCurrent:
    ids = chosen_ids(asked, setting.wiring, "current")
    return InjectedCurrent(asked.population, ids, setting.windows(asked), asked.pA)
