"""Odors while inhibition is replayed shuffled, and whether activity runs away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.dynamics.runaway import Outcome, outcome
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.runs.identity import network_name
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import OdorWindows
from eiassembly.config.interventions.replay import Replay
from eiassembly.core.arrays import Floats
from eiassembly.model.protocol.replay import replay_windows

NAME = "shuffled"
MEASURES = by_name(
    Measure("runaway", "Odors with runaway activity: E above 10 Hz in the first 1.5 s", "1", "Methods"),
    Measure("silent", "Odors without response: E below 0.3 Hz", "1", "ours"),
    Measure("rate", "Odor rate, E, median over odors", "Hz", "ours"),
)


@dataclass(frozen=True, eq=False)
class Shuffled:
    """Odors of one network with one kind of shuffle.

    Parameters
    ----------
    network, structure : str
        Which network.
    shuffle : str
        ``times``, ``ids``, ``trains``, or ``jitter 5 ms``.
    rates : ndarray of float64, shape (n_odors,)
        Mean rate of E in the first 1.5 s of every odor, Hz.
    """

    network: str
    structure: str
    shuffle: str
    rates: Floats

    @property
    def outcome(self) -> Outcome:
        """Probability of runaway activity and of silence."""
        return outcome(self.rates)

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield the probabilities; the condition is the kind of shuffle."""
        yield "runaway", self.shuffle, self.outcome.runaway
        yield "silent", self.shuffle, self.outcome.silent
        yield "rate", self.shuffle, float(np.median(self.rates))


def _shuffles(run: Run) -> list[Replay]:
    """Replays of inhibitory neurons that are not as they were recorded."""
    inhibitory = PopulationNames.of(run.wiring).inhibitory
    requested: Sequence[Mapping[str, Any]] = run.config.get("simulation", {}).get("replay", ())
    replays = [Replay.model_validate(table) for table in requested]
    return [one for one in replays if one.shuffle != "none" and one.population in inhibitory]


def _described(replay: Replay) -> str:
    return replay.shuffle if replay.jitter is None else f"{replay.shuffle} {replay.jitter:g} ms"


def recognises(run: Run) -> bool:
    """Whether shuffled spikes of inhibitory neurons were transmitted."""
    return bool(_shuffles(run))


def shuffled_rates(run: Run, replay: Replay) -> Floats:
    """Mean rate of E in the first 1.5 s of all odors for which inhibition was shuffled all that time.

    Parameters
    ----------
    run : Run
        The run.
    replay : Replay
        One of its replays.

    Returns
    -------
    ndarray of float64, shape (n_odors,)
        Hz.
    """
    windows = replay_windows(replay, run.presentations, run.n_steps, run.dt)
    responses = [OdorWindows.around(p, run.dt) for p in run.presentations]
    covered = [
        one.response_spikes
        for one in responses
        if ((windows[:, 0] <= one.response.first) & (one.response.last <= windows[:, 1])).any()
    ]
    return np.asarray(rates(run.source(PopulationNames.of(run.wiring).excitatory), covered).mean(axis=1))


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[Shuffled]:
    """Rates of E in odors with shuffled inhibition; runs of one network and shuffle are put together.

    Parameters
    ----------
    runs : sequence of Run
        Those that the experiment recognises.
    others : sequence of Run
        Not looked at.
    """
    found: dict[tuple[str, str, str], list[Floats]] = {}
    for run in runs:
        # With several inhibitory populations there are as many replays: the odors count once.
        for shuffle, replay in {_described(one): one for one in _shuffles(run)}.items():
            key = network_name(run), run.structure, shuffle
            found.setdefault(key, []).append(shuffled_rates(run, replay))
    measured = [Shuffled(*key, np.concatenate(parts)) for key, parts in found.items()]
    return MeasuredResults(NAME, tuple(one for one in measured if one.rates.size))


EXPERIMENT = Experiment(NAME, "Shuffled inhibition", MEASURES, recognises, measure)
