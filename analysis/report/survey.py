"""All that there is in some runs: the experiments that they belong to, and every sample."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol, TypeVar

from eiassembly.analysis.claims.claim import Judged, SampleTable, judge
from eiassembly.analysis.claims.paper import CLAIMS
from eiassembly.analysis.experiments import sequence
from eiassembly.analysis.experiments.all import EXPERIMENTS, all_measures, is_ordinary
from eiassembly.analysis.experiments.experiment import Experiment, Measured
from eiassembly.analysis.experiments.result import RecordingResult, RunResult, analyse_run, compared
from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.runs.run import Run
from eiassembly.core.errors import EiassemblyError

Failed = Callable[[str, EiassemblyError], None]
"""Is given the label of a run, or the title of an experiment, that cannot be measured, and why."""
Found = TypeVar("Found")


@dataclass(frozen=True)
class Survey:
    """What was measured in some runs.

    Parameters
    ----------
    runs : tuple of Run
        All of them.
    results : tuple of RunResult
        Runs that were measured odor by odor.
    experiments : tuple of (Experiment, Measured)
        Those that there are runs of.
    """

    runs: tuple[Run, ...]
    results: tuple[RunResult, ...]
    experiments: tuple[tuple[Experiment, Measured], ...]

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """All samples, made once: run by run, then experiment by experiment."""
        found = (sample for result in self.results for sample in result.samples)
        return (
            *found,
            *(sample for experiment, _ in self.experiments for sample in self.samples_of(experiment)),
        )

    def samples_of(self, experiment: Experiment) -> tuple[Sample, ...]:
        """Return the samples of one of the experiments."""
        return self._by_experiment[experiment.name]

    @cached_property
    def _by_experiment(self) -> Mapping[str, tuple[Sample, ...]]:
        return {
            experiment.name: tuple(
                replace(sample, unit=experiment.measures[sample.measure].unit)
                for sample in measured.samples()
            )
            for experiment, measured in self.experiments
        }

    @cached_property
    def findings(self) -> tuple[Judged, ...]:
        """What the paper says about what was run, and whether it holds."""
        table, measures = SampleTable(self.samples), all_measures()
        judged = (one for claim in CLAIMS for one in judge(claim, table, measures))
        return tuple(one for one in judged if one.holds is not None)


def survey(
    runs: Sequence[Run],
    ordinary: Callable[[Run], bool] = is_ordinary,
    log: Callable[[str], None] = lambda text: None,
    failed: Failed | None = None,
) -> Survey:
    """Measure runs, each as what it is.

    Parameters
    ----------
    runs : sequence of Run
        Of any protocols.
    ordinary : callable
        Which runs are measured odor by odor, whatever else they are.
    log : callable
        Is given a line of text before every measurement.
    failed : callable, optional
        Is given what cannot be measured and is left out, see `Failed`.

    Raises
    ------
    EiassemblyError
        A run has nothing that can be measured, and nobody is given that.
    """
    results, left = [], list(runs)
    for run in (run for run in runs if ordinary(run)):
        log(f"{run.path}: {sequence.NAME}")
        result = _unless_failed(partial(analyse_run, run), failed, run.label)
        if result is None:
            left.remove(run)
        else:
            results.append(result)
    experiments = [(one, _measured(one, left, log, failed)) for one in EXPERIMENTS]
    found = tuple((one, measured) for one, measured in experiments if measured is not None)
    return Survey(tuple(left), compared(results), found)


def _measured(
    experiment: Experiment, runs: Sequence[Run], log: Callable[[str], None], failed: Failed | None
) -> Measured | None:
    """Measure the runs of an experiment; None without any."""
    mine = [run for run in runs if experiment.recognises(run)]
    if not mine:
        return None
    log(f"{experiment.title}: {len(mine)} runs")
    others = [run for run in runs if run not in mine]
    return _unless_failed(partial(experiment.measure, mine, others), failed, experiment.title)


def _unless_failed(measure: Callable[[], Found], failed: Failed | None, name: str) -> Found | None:
    """Measure; where that cannot be done, give the error to somebody if there is somebody."""
    try:
        return measure()
    except EiassemblyError as error:
        if failed is None:
            raise
        failed(name, error)
        return None


class Summary(Protocol):
    """A `Survey` of runs, or an `ExternalSurvey`."""

    @property
    def results(self) -> Sequence[RecordingResult]:
        """What was measured odor by odor."""

    @property
    def experiments(self) -> Sequence[tuple[Experiment, Measured]]:
        """Experiments that there are runs of."""

    @property
    def samples(self) -> Sequence[Sample]:
        """Every number, from which tables and files are made."""

    def samples_of(self, experiment: Experiment) -> Sequence[Sample]:
        """Return the samples of one of the experiments."""

    @property
    def findings(self) -> Sequence[Judged]:
        """What the paper says about what was run, and whether it holds."""


@dataclass(frozen=True)
class ExternalSurvey:
    """What was measured in recordings of which the paper says nothing, and that belong to no experiment."""

    results: Sequence[RecordingResult]
    experiments: Sequence[tuple[Experiment, Measured]] = ()
    findings: Sequence[Judged] = ()

    @property
    def samples(self) -> Sequence[Sample]:
        """Every number."""
        return [sample for result in self.results for sample in result.samples]

    def samples_of(self, experiment: Experiment) -> Sequence[Sample]:
        """Return no samples."""
        return ()
