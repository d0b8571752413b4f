"""What a protocol does to a network: to whom, in which steps, to which spikes, and between which steps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from eiassembly.core.arrays import Flags, Floats, Ids
from eiassembly.model.state.snapshot import Snapshot, Train


@dataclass(frozen=True, eq=False)
class SilentNeurons:
    """Neurons of a population that are silenced at the same times.

    Parameters
    ----------
    population : str
        Name of the population.
    ids : ndarray of int64, shape (n_neurons,)
        0-based, increasing.
    windows : ndarray of int64, shape (n_windows, 2)
        Silenced are the steps ``first`` < s <= ``last`` (1-based); in order, neither touching nor
        overlapping, once they are `united`.
    """

    population: str
    ids: Ids
    windows: Ids

    def silences(self, steps: Ids, ids: Ids) -> Flags:
        """Mark spikes of the population that are blocked."""
        inside = np.searchsorted(self.windows.ravel(), steps) % 2 == 1
        return np.asarray(inside & np.isin(ids, self.ids))


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
    """A spike added at a step (1-based), or removed: the first at or after it."""

    population: str
    id: int
    step: int
    is_added: bool


class Neurons(Protocol):
    """What can be changed between two steps."""

    def states(self, population: str, ids: Ids) -> Floats:
        """Return the states of neurons; columns as in `Snapshot`."""

    def set_states(self, population: str, ids: Ids, states: Floats) -> None:
        """Give them others."""

    def set_g_rest(self, population: str, ids: Ids, g_rest: float) -> None:
        """Change their resting conductance [nS]."""


class Edit(Protocol):
    """A change between two steps, after ``step`` (1-based; 0: before the first)."""

    @property
    def step(self) -> int:
        """The step."""

    @property
    def holds(self) -> bool:
        """Whether it has to be made again where a simulation goes on later; otherwise the state has it."""

    def apply(self, neurons: Neurons) -> None:
        """Change them."""


def edits_from(edits: Sequence[Edit], start: int) -> list[Edit]:
    """Return what is still to be done, or holds, where a simulation goes on after a step.

    Parameters
    ----------
    edits : sequence of Edit
        In the order of the steps.
    start : int
        Changes of the state before this step are part of it.
    """
    return [edit for edit in edits if edit.step >= start or edit.holds]


@dataclass(frozen=True, eq=False)
class Interventions:
    """What a protocol does to a network, or one kind of its tables, for `combined`.

    Parameters
    ----------
    silent : tuple of SilentNeurons
        Whose spikes are not transmitted, and when.
    currents : tuple of InjectedCurrent
        They add up.
    dropped : tuple of ChangedSpike
        Spikes of neurons that are not transmitted.
    given : tuple of ChangedSpike
        Changes of the trains of the mitral cells.
    transmitted : mapping of str to (steps, ids)
        By population: spikes that are transmitted without having been fired, sorted by step.
    edits : tuple of Edit
        What is changed between two steps, in the order of the steps.
    replayed_hash : str
        Of the spikes that are replayed; empty if there are none.
    """

    silent: tuple[SilentNeurons, ...] = ()
    currents: tuple[InjectedCurrent, ...] = ()
    dropped: tuple[ChangedSpike, ...] = ()
    given: tuple[ChangedSpike, ...] = ()
    transmitted: Mapping[str, Train] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    replayed_hash: str = ""

    def history(self, step: int, delay: int) -> int:
        """Step from which on the past is needed to go on after a step: of spikes on their way and dropped."""
        return min([step - delay, *(one.step - 1 for one in self.dropped)])

    def continued(self, start: Snapshot) -> "Interventions":
        """Return what is left after a snapshot: spikes that were dropped before it are silenced ones."""
        left, past = dropped_before(self.dropped, start.trains, self.silent)
        return replace(self, dropped=left, silent=(*self.silent, *past))

    def delivered(self, trains: Mapping[str, Train]) -> dict[str, Train]:
        """Return what reached the targets, by population, of what was recorded (all of it)."""
        _, dropped = dropped_before(self.dropped, trains, self.silent)
        delivered = {}
        for name, (steps, ids) in trains.items():
            kept = np.ones(len(steps), bool)
            for group in (*self.silent, *dropped):
                if group.population == name:
                    kept &= ~group.silences(steps, ids)
            delivered[name] = steps[kept], ids[kept]
            if name in self.transmitted:
                delivered[name] = merged(delivered[name], self.transmitted[name])
        return delivered


def combined(parts: Iterable[Interventions]) -> Interventions:
    """Put together what the tables of several kinds do; a neuron is in one of the silent groups at most."""
    parts = tuple(parts)
    trains: dict[str, list[Train]] = {}
    for part in parts:
        for name, train in part.transmitted.items():
            trains.setdefault(name, []).append(train)
    return Interventions(
        silent=united([group for part in parts for group in part.silent]),
        currents=tuple(one for part in parts for one in part.currents),
        dropped=tuple(one for part in parts for one in part.dropped),
        given=tuple(one for part in parts for one in part.given),
        transmitted={name: merged(*several) for name, several in trains.items()},
        edits=tuple(sorted((edit for part in parts for edit in part.edits), key=lambda edit: edit.step)),
        replayed_hash="".join(part.replayed_hash for part in parts),
    )


def united(groups: Sequence[SilentNeurons]) -> tuple[SilentNeurons, ...]:
    """Return the same with every neuron in one group at most, and windows that neither touch nor overlap."""
    by_name: dict[str, list[SilentNeurons]] = {}
    for group in groups:
        by_name.setdefault(group.population, []).append(group)
    return tuple(one for name, several in by_name.items() for one in _regrouped(name, several))


def _regrouped(population: str, groups: Sequence[SilentNeurons]) -> Iterator[SilentNeurons]:
    """Neurons that are in the same groups have the same windows."""
    ids = np.unique(np.concatenate([group.ids for group in groups]))
    if not len(ids):
        return
    patterns, which = np.unique(
        np.stack([np.isin(ids, group.ids) for group in groups]), axis=1, return_inverse=True
    )
    for k, pattern in enumerate(patterns.T):
        windows = np.concatenate([g.windows for g, is_in in zip(groups, pattern, strict=True) if is_in])
        if len(windows):
            yield SilentNeurons(population, ids[which.ravel() == k], _united(windows))


def _united(windows: Ids) -> Ids:
    """Windows that overlap or touch become one."""
    windows = windows[np.argsort(windows[:, 0], kind="stable")]
    ends = np.maximum.accumulate(windows[:, 1])
    starts_anew = np.concatenate(([True], windows[1:, 0] > ends[:-1]))[: len(windows)]
    first = np.flatnonzero(starts_anew)
    last = np.concatenate((first[1:], [len(windows)]))[: len(first)] - 1
    return np.stack([windows[first, 0], ends[last]], axis=1)


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
        Spikes that are not transmitted anyway do not count.

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
