"""All that there is in some runs: the experiments that they belong to, and every sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from eiassembly.analysis import (
    experiment_added,
    experiment_capacity,
    experiment_critical,
    experiment_morph,
    experiment_partial,
    experiment_sequence,
    experiment_shuffled,
    experiment_subspace,
    experiment_trials,
    experiment_twins,
)
from eiassembly.analysis.claims import Judged, Quantities, SampleTable, judge
from eiassembly.analysis.claims_list import CLAIMS
from eiassembly.analysis.experiments import Experiment, Measured, Sample
from eiassembly.analysis.results import Run
from eiassembly.analysis.tables import RunResult, analyse_run

EXPERIMENTS: tuple[Experiment, ...] = (
    experiment_critical.EXPERIMENT,
    experiment_shuffled.EXPERIMENT,
    experiment_twins.EXPERIMENT,
    experiment_trials.EXPERIMENT,
    experiment_morph.EXPERIMENT,
    experiment_partial.EXPERIMENT,
    experiment_subspace.EXPERIMENT,
    experiment_added.EXPERIMENT,
    experiment_capacity.EXPERIMENT,
)
"""In the order of tables and figures; the sequence of odours, which all other runs are, comes before them."""
ALL_QUANTITIES: Quantities = MappingProxyType(
    {experiment_sequence.NAME: experiment_sequence.QUANTITIES}
    | {experiment.name: experiment.quantities for experiment in EXPERIMENTS}
)
"""What is measured, by experiment and name."""


@dataclass(frozen=True)
class Survey:
    """What was measured in some runs.

    Parameters
    ----------
    runs : tuple of Run
        All of them.
    results : tuple of RunResult
        Runs that were measured odour by odour.
    experiments : tuple of (Experiment, Measured)
        Those that there are runs of.
    """

    runs: tuple[Run, ...]
    results: tuple[RunResult, ...]
    experiments: tuple[tuple[Experiment, Measured], ...]

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples; of runs odour by odour only of networks and protocols as published."""
        ordinary = (r for r in self.results if experiment_sequence.is_sequence(r.run))
        found = [sample for result in ordinary for sample in experiment_sequence.samples(result)]
        return (*found, *(sample for _, measured in self.experiments for sample in measured.samples()))

    @property
    def findings(self) -> tuple[Judged, ...]:
        """What the paper says about what was run, and whether it holds."""
        table = SampleTable(self.samples)
        judged = (one for claim in CLAIMS for one in judge(claim, table, ALL_QUANTITIES))
        return tuple(one for one in judged if one.holds is not None)


def is_ordinary(run: Run) -> bool:
    """Whether a run is measured odour by odour: not if an experiment takes the place of that."""
    return not any(experiment.instead and experiment.recognises(run) for experiment in EXPERIMENTS)


def survey(
    runs: Sequence[Run],
    ordinary: Callable[[Run], bool] = is_ordinary,
    told: Callable[[str], None] = lambda text: None,
) -> Survey:
    """Measure runs, each as what it is.

    Parameters
    ----------
    runs : sequence of Run
        Of any protocols.
    ordinary : callable
        Which runs are measured odour by odour, whatever else they are.
    told : callable
        Is given a line of text before every measurement.

    Raises
    ------
    EiassemblyError
        A run has nothing that can be measured.
    """
    results = []
    for run in (run for run in runs if ordinary(run)):
        told(f"{run.path}: {experiment_sequence.NAME}")
        results.append(analyse_run(run))
    experiments = []
    for experiment in EXPERIMENTS:
        mine = [run for run in runs if experiment.recognises(run)]
        if mine:
            told(f"{experiment.title}: {len(mine)} runs")
            others = [run for run in runs if run not in mine]
            experiments.append((experiment, experiment.measure(mine, others)))
    return Survey(tuple(runs), tuple(results), tuple(experiments))
