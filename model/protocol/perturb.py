"""An added or removed spike."""

from collections.abc import Sequence

import numpy as np

from eiassembly.config.interventions.perturb import Perturb
from eiassembly.model.protocol.abilities import DROP, SEND
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import ChangedSpike, Interventions, merged
from eiassembly.model.state.snapshot import Train

NEEDS = (DROP, SEND)


def effects(requested: Sequence[Perturb], context: Context) -> Interventions:
    """Return the changed spikes: of mitral cells those of their trains, of neurons what is transmitted.

    Raises
    ------
    ConfigError
        Names what does not fit.
    """
    changed = tuple(context.each("perturb", requested, lambda one: [_changed(one, context)]))
    given = tuple(one for one in changed if context.wiring.population(one.population).neuron is None)
    of_neurons = [one for one in changed if one not in given]
    return Interventions(
        dropped=tuple(one for one in of_neurons if not one.is_added),
        given=given,
        transmitted=_transmitted([one for one in of_neurons if one.is_added]),
    )


def _changed(requested: Perturb, context: Context) -> ChangedSpike:
    sizes = {p.name: p.size for p in context.wiring.populations}
    if requested.population not in sizes:
        raise ValueError(f"population: expected one of {', '.join(sizes)}, found {requested.population}")
    if requested.id >= sizes[requested.population]:
        raise ValueError(
            f"id: expected at most {sizes[requested.population] - 1} in {requested.population}, "
            f"found {requested.id}"
        )
    return ChangedSpike(
        requested.population, requested.id, context.step(requested.at), requested.change == "add"
    )


def _transmitted(added: Sequence[ChangedSpike]) -> dict[str, Train]:
    """Spikes that are transmitted without having been fired, by population."""
    by_name: dict[str, list[Train]] = {}
    for spike in added:
        one = np.array([spike.step], np.int64), np.array([spike.id], np.int64)
        by_name.setdefault(spike.population, []).append(one)
    return {name: merged(*parts) for name, parts in by_name.items()}
