"""One spike more or less."""

from collections.abc import Sequence

import numpy as np

from eiassembly.config.interventions.perturb import Perturb
from eiassembly.model.protocol.abilities import DROP, SEND
from eiassembly.model.protocol.context import Setting
from eiassembly.model.protocol.interventions import ChangedSpike, Interventions, merged
from eiassembly.model.state.snapshot import Train

NEEDS = (DROP, SEND)


def effects(asked: Sequence[Perturb], setting: Setting) -> Interventions:
    """Return the changed spikes: of mitral cells those of their trains, of neurons what is sent.

    Raises
    ------
    ConfigError
        Names what does not fit.
    """
    changed = tuple(setting.each("perturb", asked, lambda one: [_changed(one, setting)]))
    given = tuple(one for one in changed if setting.wiring.population(one.population).neuron is None)
    of_neurons = [one for one in changed if one not in given]
    return Interventions(
        dropped=tuple(one for one in of_neurons if not one.is_added),
        given=given,
        sent=_sent([one for one in of_neurons if one.is_added]),
    )


def _changed(asked: Perturb, setting: Setting) -> ChangedSpike:
    sizes = {p.name: p.size for p in setting.wiring.populations}
    if asked.population not in sizes:
        raise ValueError(f"population: expected one of {', '.join(sizes)}, found {asked.population}")
    if asked.id >= sizes[asked.population]:
        raise ValueError(
            f"id: expected at most {sizes[asked.population] - 1} in {asked.population}, found {asked.id}"
        )
    return ChangedSpike(asked.population, asked.id, setting.step(asked.at), asked.change == "add")


def _sent(added: Sequence[ChangedSpike]) -> dict[str, Train]:
    """Spikes that are sent without having been fired, by population."""
    by_name: dict[str, list[Train]] = {}
    for spike in added:
        one = np.array([spike.step], np.int64), np.array([spike.id], np.int64)
        by_name.setdefault(spike.population, []).append(one)
    return {name: merged(*parts) for name, parts in by_name.items()}
