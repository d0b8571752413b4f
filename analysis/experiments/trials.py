"""The same odors again with new input spikes: how reliable patterns are, and how variable cells."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.experiments.twins import measure as measure_twins
from eiassembly.analysis.measures.correlations import mean_of_defined, pattern_correlations
from eiassembly.analysis.measures.dynamics.reliability import Patterns, chaos_share, patterns
from eiassembly.analysis.measures.dynamics.twin_courses import SETTLED
from eiassembly.analysis.measures.dynamics.twins import perturbations
from eiassembly.analysis.measures.dynamics.variability import Groups, variability
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.runs.identity import network_name, odors_config
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import RESPONSE, OdorWindows, is_free_before
from eiassembly.core.arrays import Floats
from eiassembly.odors.odors import Presentation

NAME = "trials"
MEASURES = by_name(
    Measure(
        "resampled_correlation",
        "Correlation of trials with new input spikes, 100 ms patterns, 0.5–1.5 s",
        "1",
        "Fig. 2E",
    ),
    Measure("resampled_response", "The same, patterns of the first 1.5 s", "1", "Fig. 2 suppl. 2D"),
    Measure("fano_members", "Fano factor over trials, members", "1", "ours"),
    Measure("fano_others", "Fano factor over trials, others", "1", "ours"),
    Measure("fano_before", "Fano factor over trials, before the odor", "1", "ours"),
    Measure("chaos_share", "Share of the variability that the network makes itself", "1", "ours"),
)


@dataclass(frozen=True, eq=False)
class Trials:
    """Trials of one network with one kind of odor.

    Parameters
    ----------
    network, structure, condition : str
        Which network, and ``learned odor`` or ``novel odor``.
    patterns : Patterns
        Correlations of patterns over time, within and between trials.
    response : float
        Correlation between trials of the patterns of the first 1.5 s, mean over pairs and odors.
    fano : Groups
        Fano factors over trials in windows of 500 ms.
    frozen : float
        Correlation of twins with the same input spikes, 0.5 to 1.5 s after onset; NaN without twins.
    """

    network: str
    structure: str
    condition: str
    patterns: Patterns
    response: float
    fano: Groups
    frozen: float

    @property
    def course(self) -> Floats:
        """Correlation between trials at the same time, shape of ``patterns.times``."""
        return np.asarray(np.diagonal(self.patterns.between))

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield the numbers; the condition is the kind of odor."""
        for name, value in self.values().items():
            yield name, self.condition, value

    def values(self) -> dict[str, float]:
        """Return the numbers by the name of the measure."""
        times = self.patterns.times
        resampled = mean_of_defined(self.course[(times > SETTLED) & (times < RESPONSE)])
        return {
            "resampled_correlation": resampled,
            "resampled_response": self.response,
            "fano_members": mean_of_defined(self.fano.members),
            "fano_others": mean_of_defined(self.fano.others),
            "fano_before": mean_of_defined(self.fano.before),
            "chaos_share": float(chaos_share(np.array([self.frozen]), np.array([resampled]))[0]),
        }


def recognises(run: Run) -> bool:
    """Whether odors were presented in trials, with nothing done to single spikes."""
    return odors_config(run).get("kind") == "trials" and not perturbations(run)


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[Trials]:
    """Correlate trials, and compare them with twins of the same network if there are any.

    Parameters
    ----------
    runs : sequence of Run
        Runs with trials; one per network.
    others : sequence of Run
        Among which twins, whose input is frozen, are looked for.
    """
    changed = [run for run in others if perturbations(run)]
    plain = [run for run in (*others, *runs) if not perturbations(run)]
    twins = measure_twins(changed, plain).results
    frozen = {(t.network, t.structure, t.condition): t.courses.late_correlation for t in twins}
    return MeasuredResults(
        NAME, tuple(_trials(run, kind, frozen) for run in runs for kind in dict.fromkeys(_kinds(run)))
    )


def _kinds(run: Run) -> list[str]:
    return [p.kind for p in _whole(run)]


def _whole(run: Run) -> list[Presentation]:
    """Presentations whose windows lie within the run."""
    return [p for p in run.presentations if OdorWindows.around(p, run.dt).lie_within(run.n_steps)]


def _trials(run: Run, kind: str, frozen: Mapping[tuple[str, str, str], float]) -> Trials:
    shown = [p for p in _whole(run) if p.kind == kind]
    excitatory = PopulationNames.of(run.wiring).excitatory
    spikes = run.source(excitatory)
    members = {assembly.odor: assembly.of(excitatory) for assembly in run.wiring.assemblies}
    key = network_name(run), run.structure, f"{kind} odor"
    free = {p for p in shown if is_free_before(p, run.presentations)}
    return Trials(
        *key,
        patterns=patterns(spikes, run.dt, run.n_steps, shown),
        response=_response(run, shown),
        fano=variability(spikes, run.dt, shown, members, free).fano_trials,
        frozen=frozen.get(key, math.nan),
    )


def _response(run: Run, shown: Sequence[Presentation]) -> float:
    """Correlation of rate patterns between presentations of the same odor."""
    windows = [OdorWindows.around(p, run.dt).response_spikes for p in shown]
    matrix = pattern_correlations(rates(run.source(PopulationNames.of(run.wiring).excitatory), windows))
    odors = np.array([p.odor for p in shown])
    first, second = np.triu_indices(len(shown), 1)
    return mean_of_defined(matrix[first, second][odors[first] == odors[second]])


EXPERIMENT = Experiment(NAME, "Trials with new input spikes", MEASURES, recognises, measure)
