"""Recorded spikes that a population transmits in place of those it fires, as they were or shuffled."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from eiassembly.config.interventions.replay import Replay
from eiassembly.core import schema
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError, FileFormatError
from eiassembly.core.files import opened
from eiassembly.core.grid import in_steps
from eiassembly.core.toml import located
from eiassembly.model.protocol.abilities import BLOCK, SEND
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import Interventions, SilentNeurons, merged
from eiassembly.model.protocol.selection import check_apart, size_of, windows_of
from eiassembly.model.state.snapshot import Train
from eiassembly.odors.odors import Presentation

NEEDS = (SEND, BLOCK)


def effects(requested: Sequence[Replay], context: Context) -> Interventions:
    """Return the spikes that are transmitted; meanwhile those that the neurons fire are not.

    Raises
    ------
    ConfigError
        Names what does not fit, and tables that replay spikes of a population at one time.
    """
    found = list(context.each("replay", requested, lambda one: [_windows_and_train(one, context)]))
    _check_apart(requested, [windows for windows, _ in found], context)
    trains: dict[str, list[Train]] = {}
    silent = []
    for one, (windows, train) in zip(requested, found, strict=True):
        everybody = np.arange(size_of(one.population, context.wiring))
        silent.append(SilentNeurons(one.population, everybody, windows))
        trains.setdefault(one.population, []).append(train)
    return Interventions(
        silent=tuple(silent),
        transmitted={name: merged(*parts) for name, parts in trains.items()},
        replayed_hash=_hash([train for _, train in found]),
    )


def _windows_and_train(requested: Replay, context: Context) -> tuple[Ids, Train]:
    size = size_of(requested.population, context.wiring)
    windows = replay_windows(requested, context.presentations, context.n_simulated, context.dt)
    return windows, replayed(requested, size, windows, context.dt, context.folder)


def _check_apart(requested: Sequence[Replay], found: Sequence[Ids], context: Context) -> None:
    for index, one in enumerate(requested):
        same = [k for k in range(index + 1) if requested[k].population == one.population]
        try:
            windows = np.concatenate([found[k] for k in same])
            check_apart(windows, context.dt, "windows" if one.around is None else "around")
        except ValueError as error:
            raise ConfigError(located(context.origin, f"replay.{index}.{error}")) from error


def _hash(trains: Sequence[Train]) -> str:
    if not trains:
        return ""
    digest = hashlib.sha256()
    for steps, ids in trains:
        digest.update(steps.astype("<i8").tobytes())
        digest.update(ids.astype("<i8").tobytes())
    return digest.hexdigest()


def replay_windows(replay: Replay, presentations: Sequence[Presentation], n_steps: int, dt: float) -> Ids:
    """Return windows in steps, in order, shape (n_windows, 2); those around odors end with the run.

    Parameters
    ----------
    replay : Replay
        What is asked for; by default the whole run is one window.
    presentations : sequence of Presentation
        When which odor is presented.
    n_steps : int
        Length of the run.
    dt : float
        Time step, ms.

    Raises
    ------
    ValueError
        They overlap or are off the grid, or an odor is not presented; begins with the key.
    """
    if replay.windows is None and replay.around is None:
        return np.array([[0, n_steps]], np.int64)
    windows = windows_of(replay, presentations, dt)
    check_apart(windows, dt, "windows" if replay.around is None else "around")
    if replay.around is not None:
        windows = np.minimum(windows, n_steps)
        windows = windows[windows[:, 0] < windows[:, 1]]
    return windows[np.argsort(windows[:, 0])]


def replayed(replay: Replay, size: int, windows: Ids, dt: float, folder: Path = Path()) -> Train:
    """Return the spikes that are transmitted, sorted by step.

    All spikes that were recorded count, also those that were not transmitted in that run.

    Parameters
    ----------
    replay : Replay
        What is asked for.
    size : int
        Neurons of the population.
    windows : ndarray of int64, shape (n_windows, 2)
        In steps, in order.
    dt : float
        Time step, ms.
    folder : Path, optional
        Where the run is looked for if it is not found from where the command is run.

    Raises
    ------
    ValueError
        The run does not fit, begins with the key.
    FileFormatError
        It cannot be read.
    """
    train = _recorded(
        recorded_file(replay, folder), replay.population, size, int(windows[:, 1].max(initial=0)), dt
    )
    random = np.random.default_rng([replay.seed, *replay.population.encode()])
    parts = []
    for first, last in windows.tolist():
        inside = slice(*np.searchsorted(train[0], [first + 1, last + 1]))
        parts.append(_shuffled(replay, (train[0][inside], train[1][inside]), (first, last, size, dt), random))
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    steps, ids = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((ids, steps))
    return steps[order], ids[order]


def recorded_file(replay: Replay, folder: Path) -> Path:
    """Return the RUN.h5 of a replay: from where the command is run or, if it is not there, from a folder."""
    here, there = Path(replay.run), folder / replay.run
    return there if there.is_file() and not here.is_file() else here


def _recorded(path: Path, population: str, size: int, n_steps: int, dt: float) -> Train:
    """Spikes of a population in a run that is long enough."""
    try:
        with opened(path, schema.RUN_FORMAT, schema.VERSION) as h5:
            _check_fits(h5, population, size, n_steps, dt)
            group = h5[f"spikes/{population}"]
            return np.rint(group["timestamps"][:] / dt).astype(np.int64), group["node_ids"][:].astype(
                np.int64
            )
    except FileFormatError as error:
        raise ValueError(f"run: {error}") from error


def _check_fits(h5: h5py.File, population: str, size: int, n_steps: int, dt: float) -> None:
    root, populations = h5[schema.ROOT].attrs, h5[f"{schema.NETWORK}/populations"]
    found = int(populations[population].attrs["size"]) if population in populations else 0
    if found != size:
        raise FileFormatError(f"{h5.filename}: expected {size} neurons {population}, found {found}")
    if abs(float(root["dt"]) - dt) > 1e-9:
        raise FileFormatError(f"{h5.filename}: expected dt = {dt} ms, found {root['dt']} ms")
    if in_steps(float(root["simulated"]), dt) < n_steps:
        raise FileFormatError(
            f"{h5.filename}: expected at least {n_steps * dt:g} ms, found {float(root['simulated']):g} ms"
        )


def _shuffled(
    replay: Replay, train: Train, window: tuple[int, int, int, float], random: np.random.Generator
) -> Train:
    """Shuffle the spikes of one window, which stay in it: steps first < s <= last, neurons, dt."""
    (steps, ids), (first, last, size, dt) = train, window
    if replay.shuffle == "times":
        return random.integers(first + 1, last + 1, len(steps)), ids
    if replay.shuffle == "ids":
        return steps, random.permutation(ids)
    if replay.shuffle == "trains":
        return steps, random.permutation(size)[ids]
    if replay.shuffle == "jitter":
        most = max(1, round((replay.jitter or 0.0) / dt))
        shifted = steps + random.integers(-most, most + 1, len(steps))
        return np.clip(shifted, first + 1, last), ids
    return train
