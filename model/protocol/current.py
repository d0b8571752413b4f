"""Constant currents into neurons."""

from collections.abc import Sequence

from eiassembly.config.interventions.current import Current
from eiassembly.model.protocol.abilities import INJECT
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import InjectedCurrent, Interventions
from eiassembly.model.protocol.selection import chosen_ids

NEEDS = (INJECT,)


def effects(requested: Sequence[Current], context: Context) -> Interventions:
    """Return one current for each table.

    Raises
    ------
    ConfigError
        Names what does not fit.
    """
    return Interventions(
        currents=tuple(context.each("current", requested, lambda one: [_current(one, context)]))
    )


def _current(requested: Current, context: Context) -> InjectedCurrent:
    ids = chosen_ids(requested, context.wiring, "current")
    return InjectedCurrent(requested.population, ids, context.windows(requested), requested.pA)
