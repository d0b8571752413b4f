"""What a run will take, from the measured formulas of docs/scaling.md (`make bench-pages`)."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eiassembly.config.config import Config
from eiassembly.connectivity.build import n_contacts, populations_of
from eiassembly.odors.schedules import recipe

_MIB = 2.0**20
_SAFETY_OF_TIME = 3.0
"""Other machines and file systems are slower, learned odors evoke more activity than novel ones."""
_SAFETY_OF_MEMORY = 1.5
_LEAST_MINUTES = 10
_LEAST_MEMORY = 500


@dataclass(frozen=True)
class Estimate:
    """What a run takes.

    Parameters
    ----------
    seconds : float
        Wall clock of all phases, s.
    memory : float
        Peak of a process, MiB.
    """

    seconds: float
    memory: float

    @property
    def minutes_to_ask_for(self) -> int:
        """Time limit for a batch system, min."""
        return max(_LEAST_MINUTES, math.ceil(_SAFETY_OF_TIME * self.seconds / 60))

    @property
    def memory_to_ask_for(self) -> int:
        """Memory of a process for a batch system, MiB."""
        return max(_LEAST_MEMORY, math.ceil(_SAFETY_OF_MEMORY * self.memory))


@cache
def _table() -> Mapping[str, Any]:
    content: dict[str, Any] = json.loads(
        files("eiassembly.campaign").joinpath("costs.json").read_text("utf-8")
    )
    return content


def _formula(name: str, **terms: float) -> float:
    """Evaluate one of the fitted sums; terms that are left out are 0."""
    coefficients = _table()["formulas"][name]
    return float(sum(coefficients[term] * value for term, value in terms.items()))


def estimate(config: Config, ranks: int, threads: int) -> Estimate:
    """Evaluate the formulas for a configuration.

    Parameters
    ----------
    config : Config
        What is to be built and simulated.
    ranks, threads : int
        Processes, and threads of each.
    """
    network = config.network
    neurons = float(sum(p.size for p in populations_of(network) if p.neuron is not None))
    synapses, cores = float(n_contacts(network)), ranks * threads
    start = (
        _formula("wiring", synapses=synapses / ranks)
        + _formula("load", synapses=synapses, own_synapses=synapses / ranks, constant=1.0)
        + _formula("connect", synapses=synapses / cores, constant=1.0)
        + _formula("prepare", synapses=synapses / cores, constant=1.0)
    )
    simulated = _formula("memory", synapses=synapses / ranks, neurons=neurons, constant=1.0)
    built = _formula("wiring_memory", synapses=synapses / ranks, constant=1.0)
    return Estimate(start + _simulation(config, neurons, synapses, cores), max(simulated, built) / _MIB)


def _simulation(config: Config, neurons: float, synapses: float, cores: int) -> float:
    """Wall clock of the simulation, s: the baseline and the odors have their own activity."""
    shown = recipe(config)
    odor = sum(p.offset - p.onset for p in shown.presentations) / 1000
    seconds = {"odor": odor, "baseline": shown.duration / 1000 - odor}
    return sum(length * _cost(name, neurons, synapses, cores) for name, length in seconds.items())


def _cost(activity: str, neurons: float, synapses: float, cores: int) -> float:
    """Wall clock per biological second."""
    per = _table()["activity"][activity]
    return _formula(
        "simulate",
        neurons=neurons / cores,
        events=per["events_per_synapse"] * synapses / cores,
        spikes=per["spikes_per_neuron"] * neurons,
        constant=1.0,
    )
