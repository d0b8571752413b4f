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
from eiassembly.analysis.figures.added import added_plates
from eiassembly.analysis.figures.balance import balance
from eiassembly.analysis.figures.calibration import critical_plates
from eiassembly.analysis.figures.capacity import capacity_plates
from eiassembly.analysis.figures.correlations import correlations
from eiassembly.analysis.figures.currents import currents
from eiassembly.analysis.figures.figure import Plate
from eiassembly.analysis.figures.memories import memory, shared_members
from eiassembly.analysis.figures.morph import morph_plates
from eiassembly.analysis.figures.observables import observed
from eiassembly.analysis.figures.partial import partial_plates
from eiassembly.analysis.figures.patterns_over_time import patterns_over_time
from eiassembly.analysis.figures.persistence import persistence
from eiassembly.analysis.figures.raster import rasters
from eiassembly.analysis.figures.rate_distribution import distributions
from eiassembly.analysis.figures.rates_over_time import rates_over_time
from eiassembly.analysis.figures.shuffled import shuffled_plate
from eiassembly.analysis.figures.subspace import subspace_plates
from eiassembly.analysis.figures.trials import trial_plate
from eiassembly.analysis.figures.twins import twin_plate
from eiassembly.analysis.figures.variability import variability

FIGURES: tuple[Callable[[Sequence[RunResult]], Plate], ...] = (
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
OF_EXPERIMENTS: Mapping[str, Callable[[Any], Sequence[Plate]]] = MappingProxyType(
    {
        critical.NAME: critical_plates,
        shuffled.NAME: lambda found: [shuffled_plate(found.results)],
        twins.NAME: lambda found: [twin_plate(found.results)],
        trials.NAME: lambda found: [trial_plate(found.results)],
        morph.NAME: lambda found: morph_plates(found.results),
        partial.NAME: lambda found: partial_plates(found.results),
        subspace.NAME: lambda found: subspace_plates(found.results),
        added.NAME: lambda found: added_plates(found.results),
        capacity.NAME: lambda found: capacity_plates(found.results),
    }
)
"""Of what an experiment has found, by its name."""


def all_plates(results: Sequence[RunResult]) -> tuple[Plate, ...]:
    """Every figure that these runs have data for."""
    drawn = (draw(results) for draw in FIGURES)
    return tuple(plate for plate in drawn if plate.panels)


def experiment_plates(experiment: Experiment, measured: Measured) -> tuple[Plate, ...]:
    """Every figure of what an experiment has found; none if there are no figures of it."""
    draw = OF_EXPERIMENTS.get(experiment.name)
    return () if draw is None else tuple(draw(measured))
