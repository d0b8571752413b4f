"""From the tables of a protocol to what they mean for a network, with everything that does not fit named."""

import hashlib
from collections.abc import Sequence

import numpy as np

from eiassembly.config.interventions import Current, Displace, Perturb, Replay, Silence
from eiassembly.config.simulation import Dynamics
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError
from eiassembly.core.toml import located
from eiassembly.model.protocol.context import Setting
from eiassembly.model.protocol.displacement import Displacement, Edit
from eiassembly.model.protocol.excitability import resting_conductances
from eiassembly.model.protocol.interventions import ChangedSpike, InjectedCurrent, Interventions, merged
from eiassembly.model.protocol.replay import replay_windows, replayed
from eiassembly.model.protocol.selection import check_apart, chosen_ids, size_of
from eiassembly.model.protocol.silence import SilentNeurons, silent_neurons
from eiassembly.model.state.snapshot import Train


def interventions(dynamics: Dynamics, setting: Setting) -> Interventions:
    """Find out what a protocol does to a network.

    Parameters
    ----------
    dynamics : Dynamics
        With the tables of the protocol.
    setting : Setting
        The network and the odors.

    Raises
    ------
    ConfigError
        Names the table and key that does not fit, and the line if ``setting.origin`` has lines.
    """
    replays = list(setting.each("replay", dynamics.replay, lambda one: [_replayed(one, setting)]))
    _check_replays_apart(dynamics.replay, replays, setting)
    trains = [train for _, train in replays]
    changed = tuple(setting.each("perturb", dynamics.perturb, lambda one: [_changed(one, setting)]))
    given = tuple(one for one in changed if setting.wiring.population(one.population).neuron is None)
    of_neurons = [one for one in changed if one not in given]
    return Interventions(
        silent=_silent(dynamics, [windows for windows, _ in replays], setting),
        currents=tuple(setting.each("current", dynamics.current, lambda one: [_current(one, setting)])),
        dropped=tuple(one for one in of_neurons if not one.is_added),
        given=given,
        sent=_sent([one for one in of_neurons if one.is_added], dynamics.replay, trains),
        edits=_edits(dynamics, setting),
        replayed_hash=_hash(trains),
    )


def _silent(dynamics: Dynamics, replays: Sequence[Ids], setting: Setting) -> tuple[SilentNeurons, ...]:
    """While spikes are replayed, those that the neurons fire are not sent."""
    silences = list(dynamics.silence)
    for replay, windows in zip(dynamics.replay, replays, strict=True):
        times = tuple((first * setting.dt, last * setting.dt) for first, last in windows.tolist())
        silences.append(Silence(population=replay.population, fraction=1.0, windows=times))
    return silent_neurons(silences, setting.wiring, setting.presentations, setting.dt, setting.origin)


def _edits(dynamics: Dynamics, setting: Setting) -> tuple[Edit, ...]:
    edits: list[Edit] = [
        *setting.each("displace", dynamics.displace, lambda one: [_displaced(one, setting)]),
        *resting_conductances(dynamics.excitability, setting),
    ]
    return tuple(sorted(edits, key=lambda edit: edit.step))


def _current(asked: Current, setting: Setting) -> InjectedCurrent:
    ids = chosen_ids(asked, setting.wiring, "current")
    return InjectedCurrent(asked.population, ids, setting.windows(asked), asked.pA)


def _changed(asked: Perturb, setting: Setting) -> ChangedSpike:
    sizes = {p.name: p.size for p in setting.wiring.populations}
    if asked.population not in sizes:
        raise ValueError(f"population: expected one of {', '.join(sizes)}, found {asked.population}")
    if asked.id >= sizes[asked.population]:
        raise ValueError(
            f"id: expected at most {sizes[asked.population] - 1} in {asked.population}, found {asked.id}"
        )
    return ChangedSpike(asked.population, asked.id, setting.step(asked.at), asked.change == "add")


def _displaced(asked: Displace, setting: Setting) -> Displacement:
    ids = chosen_ids(asked, setting.wiring, "displace")
    return Displacement(setting.step(asked.at), asked.population, ids, asked)


def _replayed(asked: Replay, setting: Setting) -> tuple[Ids, Train]:
    size = size_of(asked.population, setting.wiring)
    windows = replay_windows(asked, setting.presentations, setting.n_simulated, setting.dt)
    return windows, replayed(asked, size, windows, setting.dt, setting.folder)


def _check_replays_apart(
    asked: Sequence[Replay], replays: Sequence[tuple[Ids, Train]], setting: Setting
) -> None:
    for index, one in enumerate(asked):
        same = [k for k in range(index + 1) if asked[k].population == one.population]
        windows = np.concatenate([replays[k][0] for k in same])
        try:
            check_apart(windows, setting.dt, "windows" if one.around is None else "around")
        except ValueError as error:
            raise ConfigError(located(setting.origin, f"replay.{index}.{error}")) from error


def _sent(
    added: Sequence[ChangedSpike], asked: Sequence[Replay], trains: Sequence[Train]
) -> dict[str, Train]:
    """Spikes that are sent without having been fired, by population."""
    by_name: dict[str, list[Train]] = {}
    for replay, train in zip(asked, trains, strict=True):
        by_name.setdefault(replay.population, []).append(train)
    for spike in added:
        one = np.array([spike.step], np.int64), np.array([spike.id], np.int64)
        by_name.setdefault(spike.population, []).append(one)
    return {name: merged(*parts) for name, parts in by_name.items()}


def _hash(trains: Sequence[Train]) -> str:
    if not trains:
        return ""
    digest = hashlib.sha256()
    for steps, ids in trains:
        digest.update(steps.astype("<i8").tobytes())
        digest.update(ids.astype("<i8").tobytes())
    return digest.hexdigest()
