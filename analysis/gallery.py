"""The figures of a report, in their order."""

from collections.abc import Sequence

from eiassembly.analysis.panels import Plate
from eiassembly.analysis.plates_activity import currents, distributions, rasters, rates_over_time
from eiassembly.analysis.plates_coding import balance, correlations, observed
from eiassembly.analysis.plates_dynamics import patterns_over_time, persistence, variability
from eiassembly.analysis.plates_memory import memory, shared_members
from eiassembly.analysis.tables import RunResult


def all_plates(results: Sequence[RunResult]) -> tuple[Plate, ...]:
    """Every figure that these runs have data for."""
    activity = (rasters, rates_over_time, currents, distributions)
    dynamics = (patterns_over_time, variability, persistence)
    coding = (correlations, balance, memory, shared_members, observed)
    drawn = (plate(results) for plate in (*activity, *dynamics, *coding))
    return tuple(plate for plate in drawn if plate.panels)
