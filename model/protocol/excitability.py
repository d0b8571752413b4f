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
from eiassembly.model.protocol.context import Context
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


def effects(requested: Sequence[Excitability], context: Context) -> Interventions:
    """Return both ends of every window, ends first: where one ends and another begins, the second one counts.

    Raises
    ------
    ConfigError
        Names what does not fit, and tables that ask for different conductances of a neuron at a time.
    """
    resolved = list(context.each("excitability", requested, lambda one: [_neurons_and_windows(one, context)]))
    for index in range(1, len(requested)):
        _check_agrees(index, requested, resolved, context)
    pairs = list(zip(requested, resolved, strict=True))
    ends = [end for one, (ids, windows) in pairs for end in _ends(one, ids, windows, context)]
    beginnings = [begin for one, (ids, _) in pairs for begin in _beginnings(one, ids, context)]
    return Interventions(edits=(*ends, *beginnings))


def _neurons_and_windows(requested: Excitability, context: Context) -> tuple[Ids, Ids]:
    shown = {p.odor for p in context.presentations}
    for odor in requested.concentration:
        if int(odor) not in shown:
            raise ValueError(f"concentration.{odor}: expected odors that are presented, found {odor}")
    return chosen_ids(requested, context.wiring, "excitability"), context.windows(requested)


def _check_agrees(
    index: int, requested: Sequence[Excitability], resolved: Sequence[tuple[Ids, Ids]], context: Context
) -> None:
    ids, windows = resolved[index]
    for other in range(index):
        if (
            requested[other].population == requested[index].population
            and np.isin(ids, resolved[other][0]).any()
        ):
            try:
                check_apart(np.concatenate([resolved[other][1], windows]), context.dt, "windows of a neuron")
            except ValueError as error:
                raise ConfigError(located(context.origin, f"excitability.{index}: {error}")) from error


def _g_rest(requested: Excitability, context: Context) -> float:
    neuron = context.wiring.population(requested.population).neuron
    return neuron.g_rest if neuron else 0.0


def _ends(requested: Excitability, ids: Ids, windows: Ids, context: Context) -> Iterator[Edit]:
    for last in windows[:, 1].tolist():
        yield RestingConductance(last, requested.population, ids, _g_rest(requested, context))


def _beginnings(requested: Excitability, ids: Ids, context: Context) -> Iterator[Edit]:
    for concentration, windows in _by_concentration(requested, context):
        g_rest = _g_rest(requested, context) * (1.0 - requested.lowered_by * concentration)
        for first in windows[:, 0].tolist():
            yield RestingConductance(first, requested.population, ids, g_rest)


def _by_concentration(requested: Excitability, context: Context) -> Iterator[tuple[float, Ids]]:
    """Windows of the odors, which differ in concentration."""
    if requested.around is None:
        yield 1.0, context.windows(requested)
        return
    shown = {p.odor for p in context.presentations}
    for odor in sorted(shown if requested.odors is None else shown & set(requested.odors)):
        windows = context.windows(requested.model_copy(update={"odors": (odor,)}))
        yield requested.concentration.get(str(odor), 1.0), windows
