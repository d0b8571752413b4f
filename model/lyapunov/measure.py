"""Measures how small differences grow in a network that is simulated in this process."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import nest
import numpy as np

from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.errors import ConfigError, EnvironmentProblemError
from eiassembly.core.grid import in_steps
from eiassembly.model.lyapunov.file import Epoch, GrowthFile
from eiassembly.model.lyapunov.growth import Advance, Sampling, are_identical, growth
from eiassembly.model.lyapunov.runner import Runner
from eiassembly.model.state.snapshot import Snapshot
from eiassembly.odors.odors import OdorSet, Presentation
from eiassembly.odors.spike_trains import with_spikes

APART, FOLLOWED = 2.0, 100.0
"""Time between two distances to a copy with an added spike, and for how long it is followed, ms."""
BEFORE, SETTLED = 500.0, 500.0
"""Time before and after onset from which growth is measured by default, ms."""


@dataclass(frozen=True)
class Settings:
    """What is measured, and how it is simulated.

    Parameters
    ----------
    sizes : tuple of float
        Sizes of the differences, mV.
    starts : tuple of float
        From when on, ms; empty: 0.5 s before and after the onset of the first odor of every kind.
    window, interval : float
        For how long, and after which time differences are set back, ms.
    discarded : float
        Time before ``window`` in which differences turn to what grows, ms.
    spikes : int
        Neurons of which an added spike is followed.
    seed : int
        Of the differences.
    delay : float
        Transmission delay, ms.
    threads : int
        Do not change the result.
    """

    sizes: tuple[float, ...]
    starts: tuple[float, ...] = ()
    window: float = 500.0
    interval: float = 5.0
    discarded: float = 100.0
    spikes: int = 5
    seed: int = 1
    delay: float = 0.1
    threads: int = 1


def default_starts(presentations: Sequence[Presentation]) -> tuple[float, ...]:
    """0.5 s before and after the onset of the first odor of every kind, increasing, ms."""
    first = {p.kind: p for p in reversed(presentations)}.values()
    moments = {p.onset + after for p in first for after in (-BEFORE, SETTLED)}
    return tuple(sorted(moment for moment in moments if moment >= 0))


def measure_growth(wiring: Wiring, odors: OdorSet, settings: Settings, module: Path) -> GrowthFile:
    """Simulate up to every moment, and measure from there on.

    Parameters
    ----------
    wiring : Wiring
        The network.
    odors : OdorSet
        With the spike trains of the mitral cells, or a recipe for them.
    settings : Settings
        What is measured.
    module : Path
        The compiled extension.

    Raises
    ------
    ConfigError
        Times off the grid or after the end of the odors, or what NEST refuses.
    EnvironmentProblemError
        Two copies without a difference part.
    """
    starts = settings.starts or default_starts(odors.presentations)
    steps = [_in_steps("from", start, odors.dt) for start in sorted(starts)]
    sampling = _sampling(settings, odors.dt)
    benettin = sampling.interval * (sampling.n_discarded + sampling.n_intervals)
    length = max(benettin, sampling.apart * sampling.n_followed)
    if not steps or steps[0] < 0 or steps[-1] + length > odors.n_steps:
        latest = (odors.n_steps - length) * odors.dt
        raise ConfigError(f"--from: expected times from 0 to {latest:g} ms, found {list(starts)}")
    try:
        runner = Runner(wiring, module, settings.delay, odors.dt, settings.threads)
    except nest.NESTError as error:
        raise ConfigError(f"network: NEST refuses it: {' '.join(str(error).split())}") from error

    trains = with_spikes(odors)

    def advance(start: Snapshot, n_steps: int) -> Snapshot:
        return runner.advance(start, trains.steps, trains.ids, n_steps).end

    return GrowthFile(
        network_hash=wiring.content_hash(),
        odors_hash=odors.content_hash(),
        dt=odors.dt,
        delay=settings.delay,
        seed=settings.seed,
        sizes=np.array(settings.sizes),
        epochs=tuple(_epochs(advance, runner.at_rest(), wiring, odors, steps, sampling)),
        description=wiring.description,
    )


def _sampling(settings: Settings, dt: float) -> Sampling:
    interval = _in_steps("interval", settings.interval, dt)
    n_intervals, n_discarded = (
        round(time / settings.interval) for time in (settings.window, settings.discarded)
    )
    n_followed, apart = round(FOLLOWED / APART), _in_steps("dt", APART, dt)
    return Sampling(
        settings.sizes, interval, n_intervals, n_discarded, settings.spikes, n_followed, apart, settings.seed
    )


def _in_steps(option: str, time: float, dt: float) -> int:
    try:
        return in_steps(time, dt)
    except ValueError as error:
        raise ConfigError(f"--{option}: {error}") from error


def _epochs(
    advance: Advance,
    now: Snapshot,
    wiring: Wiring,
    odors: OdorSet,
    steps: Sequence[int],
    sampling: Sampling,
) -> Iterator[Epoch]:
    neurons = [p for p in wiring.populations if p.neuron is not None]
    g_rest = {p.name: p.neuron.g_rest for p in neurons if p.neuron is not None}
    excitatory = next(p.name for p in neurons if p.sign == "excitatory")
    for start in steps:
        # Where times overlap the network goes back: what follows depends on the snapshot alone.
        now = _at(advance, now, start)
        _check_identity(advance, now, sampling.interval)
        seeded = replace(sampling, seed=sampling.seed + start)
        found = growth(advance, now, excitatory, g_rest, seeded)
        seconds = sampling.interval * odors.dt / 1000
        shown = _shown(odors.presentations, start * odors.dt)
        yield Epoch(
            epoch="baseline" if shown is None else shown.kind,
            odor=-1 if shown is None else shown.odor,
            start=start * odors.dt,
            interval=sampling.interval * odors.dt,
            apart=sampling.apart * odors.dt,
            rates=found.rates / seconds,
            distances=found.distances,
        )


def _at(advance: Advance, now: Snapshot, step: int) -> Snapshot:
    return now if now.step == step else advance(now, step - now.step)


def _check_identity(advance: Advance, start: Snapshot, n_steps: int) -> None:
    """Without a difference there must be none: else every number would be wrong."""
    if not are_identical(advance(start, n_steps), advance(start, n_steps)):
        raise EnvironmentProblemError(
            "two copies of the network part without having been displaced: expected NEST to simulate the "
            "same spikes twice; please report it with what 'eiassembly doctor' prints"
        )


def _shown(presentations: Sequence[Presentation], time: float) -> Presentation | None:
    return next((p for p in presentations if p.onset <= time < p.offset), None)
