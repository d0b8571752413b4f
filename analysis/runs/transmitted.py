"""Spikes that reached their targets, by time window: without silenced ones, with added and replayed ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.runs.spikes import Spikes, SpikeSource, joined
from eiassembly.config.interventions.all import tables_of
from eiassembly.config.interventions.replay import Replay
from eiassembly.config.interventions.silence import Silence
from eiassembly.config.simulation import Dynamics
from eiassembly.core.arrays import Ids
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import Interventions, SilentNeurons, dropped_before, merged
from eiassembly.model.protocol.replay import replay_windows
from eiassembly.model.protocol.resolve import interventions

_STRETCH = 10_000
"""Steps that are looked through at once for a spike that was dropped."""


@dataclass(frozen=True, eq=False)
class TransmittedSpikes:
    """What a population transmitted.

    Parameters
    ----------
    fired : SpikeSource
        What its cells fired.
    silent : tuple of SilentNeurons
        Whose spikes were not transmitted, and when.
    others : tuple of SpikeSource
        What was transmitted without having been fired.
    """

    fired: SpikeSource
    silent: tuple[SilentNeurons, ...]
    others: tuple[SpikeSource, ...]

    @property
    def n_cells(self) -> int:
        """Size of the population."""
        return self.fired.n_cells

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids)."""
        steps, ids = self.fired.between(first, last)
        kept = np.ones(len(steps), bool)
        for group in self.silent:
            kept &= ~group.silences(steps, ids)
        transmitted = steps[kept], ids[kept]
        return (
            merged(transmitted, *(other.between(first, last) for other in self.others))
            if self.others
            else transmitted
        )


@dataclass(frozen=True, eq=False)
class Excerpts:
    """Spikes of another source in some windows, nothing outside them.

    Parameters
    ----------
    source : SpikeSource
        The spikes.
    windows : ndarray of int64, shape (n_windows, 2)
        They are delivered in the steps ``first`` < s <= ``last``; in order, not overlapping.
    """

    source: SpikeSource
    windows: Ids

    @property
    def n_cells(self) -> int:
        """Size of the population."""
        return self.source.n_cells

    def between(self, first: int, last: int) -> tuple[Ids, Ids]:
        """Spikes of the steps ``first`` < s <= ``last``: (steps, ids)."""
        parts = [
            self.source.between(max(first, start), min(last, stop))
            for start, stop in self.windows.tolist()
            if start < last and stop > first
        ]
        return joined(parts)


def transmitted_spikes(
    fired: Mapping[str, SpikeSource],
    requested: Dynamics,
    context: Context,
    recorded: Callable[[Replay], SpikeSource],
) -> Mapping[str, SpikeSource]:
    """Find out what reached the targets; nothing is read until it is asked for, but what is shuffled.

    Parameters
    ----------
    fired : mapping of str to SpikeSource
        By population.
    requested : Dynamics
        With the tables of the protocol.
    context : Context
        The network and the odors.
    recorded : callable
        Gives the spikes that a replay takes from another run.

    Returns
    -------
    mapping of str to SpikeSource
        By population; the same object where everything was transmitted.
    """
    as_they_were = [replay for replay in tables_of(requested, Replay) if replay.shuffle == "none"]
    protocol = interventions(_without(requested, as_they_were, context), context)
    others: dict[str, list[SpikeSource]] = {
        name: [Spikes(fired[name].n_cells, *train)] for name, train in protocol.transmitted.items()
    }
    for replay in as_they_were:
        windows = replay_windows(replay, context.presentations, context.n_simulated, context.dt)
        others.setdefault(replay.population, []).append(Excerpts(recorded(replay), windows))
    silent = (*protocol.silent, *_dropped(protocol, fired, context.n_simulated))
    return {name: _transmitted(name, source, silent, others.get(name, [])) for name, source in fired.items()}


def _transmitted(
    name: str, fired: SpikeSource, silent: tuple[SilentNeurons, ...], others: list[SpikeSource]
) -> SpikeSource:
    of_population = tuple(group for group in silent if group.population == name)
    return TransmittedSpikes(fired, of_population, tuple(others)) if of_population or others else fired


def _without(requested: Dynamics, replays: list[Replay], context: Context) -> Dynamics:
    """Leave some replays out, but not that the neurons send nothing meanwhile."""
    silences = []
    for replay in replays:
        windows = replay_windows(replay, context.presentations, context.n_simulated, context.dt)
        times = tuple((first * context.dt, last * context.dt) for first, last in windows.tolist())
        silences.append(Silence(population=replay.population, fraction=1.0, windows=times))
    left = tuple(replay for replay in tables_of(requested, Replay) if replay not in replays)
    return requested.model_copy(
        update={"replay": left, "silence": (*tables_of(requested, Silence), *silences)}
    )


def _dropped(
    protocol: Interventions, fired: Mapping[str, SpikeSource], n_steps: int
) -> tuple[SilentNeurons, ...]:
    """Look for the spikes that were dropped, from the earliest moment on."""
    left, found = protocol.dropped, protocol.silent
    first = min((one.step - 1 for one in left), default=n_steps)
    while left and first < n_steps:
        last = min(first + _STRETCH, n_steps)
        trains = {one.population: fired[one.population].between(first, last) for one in left}
        left, past = dropped_before(left, trains, found)
        found, first = (*found, *past), last
    return found[len(protocol.silent) :]
