"""When which odor is presented: odor sets of all kinds that a configuration can ask for."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from eiassembly.config.config import Config
from eiassembly.config.odors import MIXTURES, MorphOdors, SequenceOdors, SubspaceOdors, TrialOdors
from eiassembly.odors.draw import N_MITRAL, learned_odors, novel_odors, odor_of, presented_odors
from eiassembly.odors.mixtures import morph
from eiassembly.odors.odors import Odor, OdorSet, Presentation
from eiassembly.odors.spike_trains import BASELINE_RATE, with_spikes
from eiassembly.odors.subspace import SIDE, Place, subspace, trajectories

Shown = tuple[Odor, tuple[float, float] | None]
"""An odor and its mixture coordinates."""

_DECIMALS = 6
"""Times in ms are rounded to these, so that an offset is the next onset."""
MOST_SPIKES = 2_000_000
"""Expected spikes without odors up to which a set is written with its spike trains: 32 MB."""


def draw_odor_set(config: Config) -> OdorSet:
    """Draw the odors, the presentations and all spike trains of a configuration."""
    return with_spikes(recipe(config))


def suitable_odor_set(config: Config, spikes: bool | None = None) -> OdorSet:
    """Draw an odor set with its spike trains, or as a recipe for them.

    Parameters
    ----------
    config : Config
        What to draw.
    spikes : bool, optional
        With the spike trains; by default if there are no more than ``MOST_SPIKES``.
    """
    drawn = recipe(config)
    expected = drawn.n_mitral * BASELINE_RATE * drawn.duration / 1000
    return with_spikes(drawn) if (expected <= MOST_SPIKES if spikes is None else spikes) else drawn


def recipe(config: Config) -> OdorSet:
    """Draw the odors and the presentations of a configuration; spike trains are left for later."""
    groups = _groups(config)
    odors = {odor.number: odor for odor in (*learned_odors(config), *novel_odors(config))}
    odors |= {odor.number: odor for group in groups for odor, _ in group}
    pause, length = config.odors.baseline, config.odors.duration
    duration = sum(pause + len(group) * length for group in groups)
    return OdorSet(
        n_mitral=N_MITRAL * config.network.scale,
        dt=config.simulation.dt,
        n_steps=round(duration / config.simulation.dt),
        odors=tuple(odors.values()),
        presentations=tuple(_in_time(groups, pause, length, _n_stored(config))),
        steps=np.empty(0, np.int64),
        ids=np.empty(0, np.int64),
        description={"config": config.model_dump()},
        spike_seed=config.odors.seed,
    )


def _in_time(
    groups: Sequence[Sequence[Shown]], pause: float, length: float, n_stored: int
) -> Iterator[Presentation]:
    """Yield the presentations: a pause before every group, none inside."""
    n_before = 0
    for index, group in enumerate(groups, 1):
        for odor, place in group:
            onset, offset = (round(index * pause + n * length, _DECIMALS) for n in (n_before, n_before + 1))
            yield Presentation(onset, offset, odor.number, _kind(odor, n_stored), place)
            n_before += 1


def _n_stored(config: Config) -> int:
    return config.network.assemblies + config.network.added


def _kind(odor: Odor, n_stored: int) -> str:
    if odor.number >= MIXTURES:
        return "mixture"
    return "learned" if odor.number < n_stored else "novel"


def _groups(config: Config) -> list[list[Shown]]:
    """Odors in the order in which they are presented, in groups without a pause."""
    pure = [odor_of(config, number) for number in presented_odors(config)]
    odors = config.odors
    if isinstance(odors, SubspaceOdors):
        return _trajectories(subspace(pure, odors.seed), odors.trajectories)
    if isinstance(odors, MorphOdors):
        return [[shown] for _ in range(odors.trials) for shown in _morph(pure[0], pure[1], odors)]
    return [[(odor, None)] for odor in _in_trials(pure, odors)]


def _in_trials(pure: Sequence[Odor], odors: SequenceOdors | TrialOdors) -> list[Odor]:
    if isinstance(odors, SequenceOdors):
        return list(pure)
    if odors.order == "interleaved":
        return list(pure) * odors.trials
    return [odor for odor in pure for _ in range(odors.trials)]


def _morph(first: Odor, last: Odor, odors: MorphOdors) -> list[Shown]:
    """Once through a morph; there and back, the odor at the turn is presented once."""
    mixtures = morph(first, last, odors.steps, odors.seed)
    up: list[Shown] = [(odor, (step / odors.steps, 0.0)) for step, odor in enumerate(mixtures)]
    return {"up": up, "down": up[::-1], "both": up + up[-2::-1]}[odors.direction]


def _trajectories(square: Mapping[Place, Odor], number: int) -> list[list[Shown]]:
    return [
        [(square[row, column], (column / (SIDE - 1), row / (SIDE - 1))) for row, column in path]
        for path in trajectories()[:number]
    ]
