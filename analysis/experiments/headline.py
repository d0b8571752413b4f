"""From chaos to stability in one table: what differs between the structures, and what does not."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from eiassembly.analysis.experiments import lyapunov as experiment_lyapunov
from eiassembly.analysis.experiments import morph as experiment_morph
from eiassembly.analysis.experiments import sequence
from eiassembly.analysis.experiments import shuffled as experiment_shuffled
from eiassembly.analysis.experiments import trials as experiment_trials
from eiassembly.analysis.experiments import twins as experiment_twins
from eiassembly.analysis.experiments.all import all_measures
from eiassembly.analysis.experiments.experiment import MeasuredResults, Measures
from eiassembly.analysis.experiments.lyapunov import Lyapunov, read_lyapunov
from eiassembly.analysis.measures.dynamics.summary import KindDynamics, dynamics
from eiassembly.analysis.measures.measure import Measure, Sample, value_of
from eiassembly.analysis.runs.identity import network_name
from eiassembly.analysis.runs.labels import STRUCTURES
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import OdorWindows
from eiassembly.config.structures import COMPARED
from eiassembly.odors.odors import Presentation

NOT_MEASURABLE = "not measurable"
NOTE = "Not measurable: baseline below 0.1 Hz, too few spikes for intervals or variances."


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Parameters
    ----------
    title : str
        What is measured, in the words of this table.
    experiment, measure, condition : str
        Samples that it is made of.
    decimals : int
        Of mean and SD.
    missing : str
        What is said where no network has a value.
    """

    title: str
    experiment: str
    measure: str
    condition: str
    decimals: int = 2
    missing: str = "–"

    @property
    def record(self) -> Measure:
        """What is measured."""
        return _measures()[self.experiment][self.measure]


def _measures() -> Measures:
    return {**all_measures(), experiment_lyapunov.NAME: experiment_lyapunov.MEASURES}


ROWS = (
    Row("growth rate, 10⁻⁶ mV, baseline", "lyapunov", "exponent", "baseline, 1e-06 mV", 0),
    Row("growth rate, 10⁻⁶ mV, odor", "lyapunov", "exponent", "learned odor, 1e-06 mV", 0),
    Row("growth rate, 0.1 mV, baseline", "lyapunov", "exponent", "baseline, 0.1 mV", 0),
    Row("growth rate, 0.1 mV, odor", "lyapunov", "exponent", "learned odor, 0.1 mV", 0),
    Row("growth rate, 1 mV, odor", "lyapunov", "exponent", "learned odor, 1 mV", 0),
    Row("an added spike: 0.4 to 0.8 mV, odor", "lyapunov", "passage_exponent",
        "learned odor, 0.4 mV", 0),
    Row("E spikes that differ after 50 ms", "twins", "differing_50", "learned odor", 0),
    Row("saturated distance of spikes", "twins", "saturation", "learned odor"),
    Row("correlation of twins, frozen input", "twins", "frozen_correlation", "learned odor"),
    Row("correlation of trials, new input, 100 ms", "trials", "resampled_correlation", "learned odor"),
    Row("correlation of trials, new input, 1.5 s", "trials", "resampled_response", "learned odor"),
    Row("share of variability made by the network", "trials", "chaos_share", "learned odor"),
    Row("odors after which twins resynchronise", "twins", "reset_share", "learned odor"),
    Row("time until they are", "twins", "reset_time", "learned odor", 0, "never"),
    Row("CV of intervals, members", "sequence", "cv_members", "learned"),
    Row("CV of intervals, others", "sequence", "cv_others", "learned"),
    Row("CV of intervals, before the odor", "sequence", "cv_before", "learned", missing=NOT_MEASURABLE),
    Row("Fano factor over trials, members", "trials", "fano_members", "learned odor"),
    Row("Fano factor over trials, others", "trials", "fano_others", "learned odor"),
    Row("Fano factor over trials, before the odor", "trials", "fano_before", "learned odor",
        missing=NOT_MEASURABLE),
    Row("assembly rate 0.5–1 s after offset / before", "sequence", "persistence", "learned"),
    Row("decay time after offset", "sequence", "decay_time", "learned", 0),
    Row("hysteresis along a morph", "morph", "hysteresis", ""),
    Row("runaway with shuffled inhibition (ids)", "shuffled", "runaway", "ids"),
    Row("silence with shuffled inhibition (ids)", "shuffled", "silent", "ids"),
)  # fmt: skip
"""The table, from single spikes to patterns."""


@dataclass(frozen=True)
class Headline:
    """All that figure and table show.

    Parameters
    ----------
    lyapunov, twins, trials, shuffled
        Results of the experiments.
    sequences : tuple of (structure, KindDynamics)
        Dynamics of learned odors, by run.
    others : tuple of Sample
        Numbers of other experiments: those of the sequences, and the hysteresis of morphs.
    """

    lyapunov: Lyapunov
    twins: MeasuredResults[experiment_twins.Twins]
    trials: MeasuredResults[experiment_trials.Trials]
    shuffled: MeasuredResults[experiment_shuffled.Shuffled]
    sequences: tuple[tuple[str, KindDynamics], ...] = ()
    others: tuple[Sample, ...] = field(default=())

    @cached_property
    def samples(self) -> Sequence[Sample]:
        """All numbers, made once."""
        measured = (self.lyapunov, self.twins, self.trials, self.shuffled)
        return [*(sample for one in measured for sample in one.samples()), *self.others]


def measure_headline(runs: Sequence[Run], growth: Sequence[Path], others: Sequence[Sample] = ()) -> Headline:
    """Measure runs of all structures.

    Parameters
    ----------
    runs : sequence of Run
        Sequences of odors, twins, trials, and runs with shuffled inhibition; what is missing stays empty.
    growth : sequence of Path
        LYAPUNOV.h5 of these networks.
    others : sequence of Sample
        Of other experiments, such as the hysteresis of morphs.
    """
    found = {}
    for module in (experiment_twins, experiment_trials, experiment_shuffled):
        mine = [run for run in runs if module.recognises(run)]
        found[module.NAME] = module.measure(mine, [run for run in runs if run not in mine])
    sequences = [
        (run, dynamics(run, _learned(run))) for run in runs if sequence.is_sequence(run) and _learned(run)
    ]
    samples = [sample for run, one in sequences for sample in _samples_of_dynamics(run, one)]
    return Headline(
        lyapunov=read_lyapunov(growth),
        **found,
        sequences=tuple((run.structure, one) for run, one in sequences),
        others=(*samples, *_hysteresis(runs), *others),
    )


@dataclass(frozen=True)
class _LearnedOnly:
    """As much of a `RunResult` as measures of the dynamics look at: conductances take long."""

    dynamics: Mapping[str, KindDynamics]


def _samples_of_dynamics(run: Run, found: KindDynamics) -> Iterator[Sample]:
    """Yield what the table has of a sequence."""
    result = _LearnedOnly({"learned": found})
    for row in ROWS:
        if row.experiment == sequence.NAME:
            value = value_of(row.record, result, row.condition)
            yield Sample(sequence.NAME, network_name(run), run.structure, row.measure, value, row.condition)


def _hysteresis(runs: Sequence[Run]) -> list[Sample]:
    """Hysteresis of all morphs, whatever odors they lead from and to."""
    morph = experiment_morph.EXPERIMENT
    samples = morph.measure([run for run in runs if morph.recognises(run)], []).samples()
    return [replace(one, condition="") for one in samples if one.measure == "hysteresis"]


def _learned(run: Run) -> list[Presentation]:
    return [
        p
        for p in run.presentations
        if p.kind == "learned" and OdorWindows.around(p, run.dt).lie_within(run.n_steps)
    ]


def values_of(samples: Sequence[Sample], row: Row) -> Mapping[str, list[float]]:
    """Values of a row by structure, one per network; every column is there."""
    found: dict[str, list[float]] = {structure: [] for structure in COMPARED}
    for sample in samples:
        key = sample.experiment, sample.measure, sample.condition
        if key == (row.experiment, row.measure, row.condition) and sample.structure in found:
            found[sample.structure].append(sample.value)
    return found


def table(samples: Sequence[Sample]) -> str:
    """Write the table in Markdown: measures by structure, mean ± SD over networks.

    Rows of which nothing was measured are left out; a cell that is undefined in some of the networks says in
    how many it is defined.
    """
    titles = [STRUCTURES[name].title for name in COMPARED]
    lines = [f"| measure | unit | {' | '.join(titles)} |", "|---" * (len(titles) + 2) + "|"]
    for row in ROWS:
        values = values_of(samples, row)
        if any(values.values()):
            cells = [_cell(values[name], row) for name in COMPARED]
            lines.append(f"| {row.title} | {row.record.unit} | {' | '.join(cells)} |")
    noted = ["", NOTE] if any(NOT_MEASURABLE in line for line in lines) else []
    return "\n".join([*lines, *noted]) + "\n"


def _cell(values: Sequence[float], row: Row) -> str:
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        return row.missing if values else "–"
    mean = f"{np.mean(defined):.{row.decimals}f}"
    text = mean if len(defined) == 1 else f"{mean} ± {np.std(defined, ddof=1):.{row.decimals}f}"
    text = text.replace("-", "−")
    return text if len(defined) == len(values) else f"{text} ({len(defined)} of {len(values)})"
