"""Neurons that are more excitable during odors: when which resting conductance holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eiassembly.config.interventions.excitability import Excitability
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError
from eiassembly.core.toml import located
from eiassembly.model.protocol.abilities import CHANGE
from eiassembly.model.protocol.context import Setting
from eiassembly.model.protocol.interventions import Edit, Interventions, Neurons
from eiassembly.model.protocol.selection import check_apart, chosen_ids

NEEDS = (CHANGE,)


@dataclass(frozen=True, eq=False)
class RestingConductance:
    """A new g_rest [nS] of neurons, from the step after ``step`` on."""

    step: int
    population: str
    ids: Ids
    g_rest: float
    holds: ClassVar[bool] = True

    def apply(self, neurons: Neurons) -> None:
        """Set it."""
        neurons.set_g_rest(self.population, self.ids, self.g_rest)


def effects(asked: Sequence[Excitability], setting: Setting) -> Interventions:
    """Return both ends of every window, ends first: where one ends and another begins, the second one counts.

    Raises
    ------
    ConfigError
        Names what does not fit, and tables that ask for different conductances of a neuron at a time.
    """
    meant = list(setting.each("excitability", asked, lambda one: [_neurons_and_windows(one, setting)]))
    for index in range(1, len(asked)):
        _check_agrees(index, asked, meant, setting)
    pairs = list(zip(asked, meant, strict=True))
    ends = [end for one, (ids, windows) in pairs for end in _ends(one, ids, windows, setting)]
    beginnings = [begin for one, (ids, _) in pairs for begin in _beginnings(one, ids, setting)]
    return Interventions(edits=(*ends, *beginnings))


def _neurons_and_windows(asked: Excitability, setting: Setting) -> tuple[Ids, Ids]:
    shown = {p.odor for p in setting.presentations}
    for odor in asked.concentration:
        if int(odor) not in shown:
            raise ValueError(f"concentration.{odor}: expected odors that are presented, found {odor}")
    return chosen_ids(asked, setting.wiring, "excitability"), setting.windows(asked)


def _check_agrees(
    index: int, asked: Sequence[Excitability], meant: Sequence[tuple[Ids, Ids]], setting: Setting
) -> None:
    ids, windows = meant[index]
    for other in range(index):
        if asked[other].population == asked[index].population and np.isin(ids, meant[other][0]).any():
            try:
                check_apart(np.concatenate([meant[other][1], windows]), setting.dt, "windows of a neuron")
            except ValueError as error:
                raise ConfigError(located(setting.origin, f"excitability.{index}: {error}")) from error


def _g_rest(asked: Excitability, setting: Setting) -> float:
    neuron = setting.wiring.population(asked.population).neuron
    return neuron.g_rest if neuron else 0.0


def _ends(asked: Excitability, ids: Ids, windows: Ids, setting: Setting) -> Iterator[Edit]:
    for last in windows[:, 1].tolist():
        yield RestingConductance(last, asked.population, ids, _g_rest(asked, setting))


def _beginnings(asked: Excitability, ids: Ids, setting: Setting) -> Iterator[Edit]:
    for concentration, windows in _by_concentration(asked, setting):
        g_rest = _g_rest(asked, setting) * (1.0 - asked.lowered_by * concentration)
        for first in windows[:, 0].tolist():
            yield RestingConductance(first, asked.population, ids, g_rest)


def _by_concentration(asked: Excitability, setting: Setting) -> Iterator[tuple[float, Ids]]:
    """Windows of the odors, which differ in concentration."""
    if asked.around is None:
        yield 1.0, setting.windows(asked)
        return
    shown = {p.odor for p in setting.presentations}
    for odor in sorted(shown if asked.odors is None else shown & set(asked.odors)):
        windows = setting.windows(asked.model_copy(update={"odors": (odor,)}))
        yield asked.concentration.get(str(odor), 1.0), windows
