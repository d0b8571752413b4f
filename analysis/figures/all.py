"""All figures of a report, in their order: of odors one after the other, then of experiments."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from eiassembly.analysis.experiments import (
    added,
    capacity,
    critical,
    morph,
    partial,
    shuffled,
    subspace,
    trials,
    twins,
)
from eiassembly.analysis.experiments.experiment import Experiment, Measured
from eiassembly.analysis.experiments.result import RunResult
from eiassembly.analysis.figures.added import added_figures
from eiassembly.analysis.figures.balance import balance
from eiassembly.analysis.figures.calibration import critical_figures
from eiassembly.analysis.figures.capacity import capacity_figures
from eiassembly.analysis.figures.correlations import correlations
from eiassembly.analysis.figures.currents import currents
from eiassembly.analysis.figures.figure import ReportFigure
from eiassembly.analysis.figures.memories import memory, shared_members
from eiassembly.analysis.figures.morph import morph_figures
from eiassembly.analysis.figures.observables import observed
from eiassembly.analysis.figures.partial import partial_figures
from eiassembly.analysis.figures.patterns_over_time import patterns_over_time
from eiassembly.analysis.figures.persistence import persistence
from eiassembly.analysis.figures.raster import rasters
from eiassembly.analysis.figures.rate_distribution import distributions
from eiassembly.analysis.figures.rates_over_time import rates_over_time
from eiassembly.analysis.figures.shuffled import shuffled_figure
from eiassembly.analysis.figures.subspace import subspace_figures
from eiassembly.analysis.figures.trials import trial_figure
from eiassembly.analysis.figures.twins import twin_figure
from eiassembly.analysis.figures.variability import variability

FIGURES: tuple[Callable[[Sequence[RunResult]], ReportFigure], ...] = (
    rasters,
    rates_over_time,
    currents,
    distributions,
    patterns_over_time,
    variability,
    persistence,
    correlations,
    balance,
    memory,
    shared_members,
    observed,
)
"""Of odors one after the other: activity, dynamics, coding."""
OF_EXPERIMENTS: Mapping[str, Callable[[Any], Sequence[ReportFigure]]] = MappingProxyType(
    {
        critical.NAME: critical_figures,
        shuffled.NAME: lambda found: [shuffled_figure(found.results)],
        twins.NAME: lambda found: [twin_figure(found.results)],
        trials.NAME: lambda found: [trial_figure(found.results)],
        morph.NAME: lambda found: morph_figures(found.results),
        partial.NAME: lambda found: partial_figures(found.results),
        subspace.NAME: lambda found: subspace_figures(found.results),
        added.NAME: lambda found: added_figures(found.results),
        capacity.NAME: lambda found: capacity_figures(found.results),
    }
)
"""Of what an experiment has found, by its name."""


def all_figures(results: Sequence[RunResult]) -> tuple[ReportFigure, ...]:
    """Every figure that these runs have data for."""
    drawn = (draw(results) for draw in FIGURES)
    return tuple(figure for figure in drawn if figure.panels)


def experiment_figures(experiment: Experiment, measured: Measured) -> tuple[ReportFigure, ...]:
    """Every figure of what an experiment has found; none if there are no figures of it."""
    draw = OF_EXPERIMENTS.get(experiment.name)
    return () if draw is None else tuple(draw(measured))
