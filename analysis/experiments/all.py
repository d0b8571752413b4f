"""All experiments, in the order of tables and figures, and what they measure."""

from eiassembly.analysis.experiments import (
    added,
    capacity,
    critical,
    morph,
    partial,
    sequence,
    shuffled,
    subspace,
    trials,
    twins,
)
from eiassembly.analysis.experiments.experiment import Experiment, Measures
from eiassembly.analysis.runs.run import Run

EXPERIMENTS: tuple[Experiment, ...] = (
    critical.EXPERIMENT,
    shuffled.EXPERIMENT,
    twins.EXPERIMENT,
    trials.EXPERIMENT,
    morph.EXPERIMENT,
    partial.EXPERIMENT,
    subspace.EXPERIMENT,
    added.EXPERIMENT,
    capacity.EXPERIMENT,
)
"""In the order of tables and figures; the sequence of odors, which all other runs are, comes before them."""


def all_measures() -> Measures:
    """Return everything that is measured, by experiment and name."""
    found = {sequence.NAME: sequence.measures()}
    return found | {experiment.name: experiment.measures for experiment in EXPERIMENTS}


def is_ordinary(run: Run) -> bool:
    """Whether a run is measured odor by odor: not if an experiment takes the place of that."""
    return not any(experiment.instead and experiment.recognises(run) for experiment in EXPERIMENTS)
