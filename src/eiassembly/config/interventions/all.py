"""All interventions, and records that have tables of each.

The one list: configurations, protocol files, resolved settings, what neurons refuse, and
``eiassembly protocols`` follow from it.
"""

from collections.abc import Callable, Mapping
from types import GenericAlias, MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, Field, create_model

from eiassembly.config.interventions.current import Current
from eiassembly.config.interventions.displace import Displace
from eiassembly.config.interventions.excitability import Excitability
from eiassembly.config.interventions.perturb import Perturb
from eiassembly.config.interventions.replay import Replay
from eiassembly.config.interventions.selection import Table
from eiassembly.config.interventions.silence import Silence

Record = TypeVar("Record", bound=BaseModel)
AnyTable = TypeVar("AnyTable", bound=Table)

_TABLES: tuple[type[Table], ...] = (Silence, Current, Perturb, Replay, Displace, Excitability)
INTERVENTIONS: Mapping[str, type[Table]] = MappingProxyType({table.NAME: table for table in _TABLES})
"""By key: the arrays of tables of a protocol."""


def with_interventions(container: type[Any]) -> Callable[[type[Record]], type[Record]]:
    """Give a record one more field for each intervention.

    Parameters
    ----------
    container : type
        ``tuple`` or ``list`` of tables, by default empty.
    """

    def added(record: type[Record]) -> type[Record]:
        fields: dict[str, Any] = {
            name: (_several(container, table), Field(default=container(), description=_description(table)))
            for name, table in INTERVENTIONS.items()
        }
        name, place = record.__name__, record.__module__
        return create_model(name, __base__=record, __module__=place, __doc__=record.__doc__, **fields)

    return added


def _several(container: type[Any], table: type[Table]) -> GenericAlias:
    return GenericAlias(container, (table, ...) if container is tuple else (table,))


def _description(table: type[Table]) -> str:
    return f"{table.SUMMARY} [-], {table.SOURCE}"


def tables_of(record: BaseModel, table: type[AnyTable]) -> tuple[AnyTable, ...]:
    """Return what a record of `with_interventions` asks for of one kind."""
    return tuple(getattr(record, table.NAME))
