"""What a protocol does to a network: to whom, in which steps, and to which spikes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from eiassembly.core.arrays import Ids
from eiassembly.model.protocol.displacement import Edit
from eiassembly.model.protocol.silence import SilentNeurons
from eiassembly.model.state.snapshot import Snapshot, Train


@dataclass(frozen=True, eq=False)
class InjectedCurrent:
    """A current into some neurons.

    Parameters
    ----------
    population : str
        Name of the population.
    ids : ndarray of int64, shape (n_neurons,)
        0-based.
    windows : ndarray of int64, shape (n_windows, 2)
        It flows in the steps ``first`` < s <= ``last`` (1-based).
    current : float
        pA.
    """

    population: str
    ids: Ids
    windows: Ids
    current: float


@dataclass(frozen=True)
class ChangedSpike:
    """One spike more, at a step (1-based), or one less, the first at or after it."""

    population: str
    id: int
    step: int
    is_added: bool


@dataclass(frozen=True, eq=False)
class Interventions:
    """Everything that a protocol does to a network.

    Parameters
    ----------
    silent : tuple of SilentNeurons
        Whose spikes are not sent, and when.
    currents : tuple of InjectedCurrent
        They add up.
    dropped : tuple of ChangedSpike
        Spikes of neurons that are not sent.
    given : tuple of ChangedSpike
        Changes of the trains of the mitral cells.
    sent : mapping of str to (steps, ids)
        By population: spikes that are sent without having been fired, sorted by step.
    edits : tuple of Edit
        What is changed between two steps, in the order of the steps.
    replayed_hash : str
        Of the spikes that are replayed; empty if there are none.
    """

    silent: tuple[SilentNeurons, ...] = ()
    currents: tuple[InjectedCurrent, ...] = ()
    dropped: tuple[ChangedSpike, ...] = ()
    given: tuple[ChangedSpike, ...] = ()
    sent: Mapping[str, Train] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    replayed_hash: str = ""

    def history(self, step: int, delay: int) -> int:
        """Step from which on the past is needed to go on after a step: of spikes on their way and dropped."""
        return min([step - delay, *(one.step - 1 for one in self.dropped)])

    def continued(self, start: Snapshot) -> "Interventions":
        """Return what is left after a snapshot: spikes that were dropped before it are silenced ones."""
        left, past = dropped_before(self.dropped, start.trains, self.silent)
        return replace(self, dropped=left, silent=(*self.silent, *past))

    def heard(self, trains: Mapping[str, Train]) -> dict[str, Train]:
        """Return what reached the targets, by population, of what was recorded (all of it)."""
        _, dropped = dropped_before(self.dropped, trains, self.silent)
        heard = {}
        for name, (steps, ids) in trains.items():
            kept = np.ones(len(steps), bool)
            for group in (*self.silent, *dropped):
                if group.population == name:
                    kept &= ~group.silences(steps, ids)
            heard[name] = steps[kept], ids[kept]
            if name in self.sent:
                heard[name] = merged(heard[name], self.sent[name])
        return heard


def merged(*trains: Train) -> Train:
    """Put trains together, sorted by step, then id."""
    steps, ids = (np.concatenate(columns) for columns in zip(*trains, strict=True))
    order = np.lexsort((ids, steps))
    return steps[order], ids[order]


def dropped_before(
    dropped: Sequence[ChangedSpike], trains: Mapping[str, Train], silent: Sequence[SilentNeurons]
) -> tuple[tuple[ChangedSpike, ...], tuple[SilentNeurons, ...]]:
    """Find which spikes were dropped.

    Parameters
    ----------
    dropped : sequence of ChangedSpike
        What is asked for.
    trains : mapping of str to (steps, ids)
        By population: all spikes from the first one that may be dropped on.
    silent : sequence of SilentNeurons
        Spikes that are not sent anyway do not count.

    Returns
    -------
    left : tuple of ChangedSpike
        Those that have not happened.
    past : tuple of SilentNeurons
        The others: the neuron, silenced in the one step of its spike.
    """
    left: list[ChangedSpike] = []
    past: list[SilentNeurons] = []
    for one in sorted(dropped, key=lambda spike: spike.step):
        steps, ids = trains[one.population]
        possible = (ids == one.id) & (steps >= one.step)
        for group in (*silent, *past):
            if group.population == one.population:
                possible &= ~group.silences(steps, ids)
        if not possible.any():
            left.append(one)
            continue
        step = steps[possible].min()
        window = np.array([[step - 1, step]], np.int64)
        past.append(SilentNeurons(one.population, np.array([one.id], np.int64), window))
    return tuple(left), tuple(past)
