"""Rates with other numbers of memories than the paper's, and where they leave ±15 %.

Runs of a sequence whose network stores another number than its preset, or memories in addition, together with
those that store the published number. Conditions of the samples:

- ``15 memories, independent``, …: their number, and how novel odors are related: ``square 0.5`` if they are
  stored in addition and share half of their cells
- ``independent``, ``square 0.5``: of ``capacity`` and ``crossing``
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.memory.capacity import capacity
from eiassembly.analysis.measures.memory.memories import RAND
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.runs.identity import is_as_published, network_config, network_name, odors_config
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import OdorWindows
from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.config.network import NetworkConfig
from eiassembly.core.arrays import Floats

NAME = "capacity"
MEASURES = by_name(
    Measure("learned_rate", "Rate of E to stored odors", "Hz", "Fig. 2C"),
    Measure("relative_rate", "Rate to stored odors relative to rand, or to fewest", "1", "Fig. 2C"),
    Measure("capacity", "Memories up to which rates stay within 15 %", "memories", "ours"),
    Measure("crossing", "Memories at which the line leaves 15 %", "memories", "ours"),
)


@dataclass(frozen=True, eq=False)
class CapacityResult:
    """Rates of a structure against the number of its memories.

    Parameters
    ----------
    network, structure, overlap : str
        Of all runs.
    look : Look
        How it is named and drawn.
    counts, rates : ndarray of float64, shape (n_points,)
        Memories, increasing, and rates to stored odors, Hz.
    reference : float
        Rate of rand to the same odors, Hz; without rand that with the fewest memories.
    """

    network: str
    structure: str
    overlap: str
    look: Look
    counts: Floats
    rates: Floats
    reference: float

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield rates by number of memories, and the capacity."""
        for n, rate in zip(self.counts.tolist(), self.rates.tolist(), strict=True):
            condition = f"{n:g} memories, {self.overlap}"
            yield "learned_rate", condition, rate
            yield "relative_rate", condition, rate / self.reference
        found = capacity(self.counts, self.rates, self.reference)
        yield "capacity", self.overlap, float(found.holds)
        yield "crossing", self.overlap, found.crossing


def is_capacity(run: Run) -> bool:
    """Whether a sequence is presented to a network that stores another number of memories than published."""
    network = network_config(run)
    has_others = any(run.config["simulation"].get(name) for name in INTERVENTIONS)
    if not network or has_others or odors_config(run).get("kind", "sequence") != "sequence":
        return False
    published = NetworkConfig(preset=network["preset"], structure=network["structure"]).assemblies
    return bool(network.get("added", 0)) or network["assemblies"] != published


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[CapacityResult]:
    """Measure rates against numbers of memories, with the published number from the others."""
    base = [run for run in others if is_as_published(run) and network_config(run) and _is_sequence(run)]
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((network_name(run), run.structure, overlap_of(run)), []).append(run)
    found = [
        _measured(key, [*group, *(r for r in base if (network_name(r), r.structure) == key[:2])])
        for key, group in groups.items()
    ]
    rand = {(r.network, r.overlap): r for r in found if r.structure == RAND}
    compared = (_relative(r, rand.get((r.network, r.overlap))) for r in found)
    # Not "at most 0": without a stored odor among those presented there is no rate.
    return MeasuredResults(NAME, tuple(r for r in compared if r.reference > 0))


def _is_sequence(run: Run) -> bool:
    return bool(odors_config(run).get("kind", "sequence") == "sequence")


def overlap_of(run: Run) -> str:
    """How added memories are related: ``independent``, ``square 0.5``, ….."""
    odors, added = odors_config(run), network_config(run).get("added", 0)
    family = odors.get("family")
    return f"{family} {odors.get('share', 0.5):g}" if family and added else "independent"


def stored_rate(run: Run) -> float:
    """Mean rate of E to the presented odors that the network stores, Hz; NaN without any."""
    stored = {assembly.odor for assembly in run.wiring.assemblies}
    shown = [OdorWindows.around(p, run.dt) for p in run.presentations if p.odor in stored]
    windows = [w.response_spikes for w in shown if w.lie_within(run.n_steps)]
    if not windows:
        return float("nan")
    return float(rates(run.source(PopulationNames.of(run.wiring).excitatory), windows).mean())


def _measured(key: tuple[str, str, str], runs: Sequence[Run]) -> CapacityResult:
    by_number: dict[int, list[float]] = {}
    for run in runs:
        rate = stored_rate(run)
        if rate == rate:
            by_number.setdefault(len(run.wiring.assemblies), []).append(rate)
    numbers = sorted(by_number)
    means = np.array([np.mean(by_number[n]) for n in numbers], np.float64)
    look = structure_look(key[1], key[1])
    first = float(means[0]) if len(means) else float("nan")
    return CapacityResult(*key, look, np.array(numbers, np.float64), means, first)


def _relative(result: CapacityResult, rand: CapacityResult | None) -> CapacityResult:
    """Compare with the mean over all numbers of rand, in which nothing is stored."""
    return result if rand is None or not len(rand.rates) else replace(result, reference=rand.rates.mean())


EXPERIMENT = Experiment(
    name=NAME,
    title="Number of memories",
    measures=MEASURES,
    recognises=is_capacity,
    measure=measure,
)
