"""What runs and other people's recordings can be turned into in a notebook."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eiassembly.analysis import frames
from eiassembly.analysis.neo_objects import as_neo
from eiassembly.analysis.pynapple_objects import as_pynapple
from eiassembly.analysis.recordings import Recording
from eiassembly.analysis.windows import BEFORE, RESPONSE

if TYPE_CHECKING:
    import neo
    import pandas as pd
    import pynapple as nap
    import xarray as xr


class Conversions:
    """Methods of every `Recording`; times are in ms, windows in ms from the onset of an odour.

    They need the packages of the extra ``notebook`` and say in one line (an EnvironmentProblemError) which
    one is missing; a population that there is not is a ConfigError.
    """

    def rates(
        self: Recording, population: str | None = None, start: float = 0.0, stop: float = RESPONSE
    ) -> "xr.DataArray":
        """Rate [Hz] of every cell in every presentation, labelled: see `frames.rates_array`."""
        return frames.rates_array(self, population, start, stop)

    def spikes_frame(
        self: Recording, population: str | None = None, start: float = 0.0, stop: float | None = None
    ) -> "pd.DataFrame":
        """Spikes at start < t <= stop [ms] with their presentations: see `frames.spikes_frame`."""
        return frames.spikes_frame(self, population, start, stop)

    def presentations_frame(self: Recording) -> "pd.DataFrame":
        """When which odour was presented, ms: see `frames.presentations_frame`."""
        return frames.presentations_frame(self)

    def psth(
        self: Recording,
        population: str | None = None,
        start: float = -BEFORE,
        stop: float = 2500.0,
        width: float = 50.0,
        cells: frames.Cells = "all",
    ) -> "pd.DataFrame":
        """Mean rate per cell [Hz] in bins around every onset: see `frames.psth_frame`."""
        return frames.psth_frame(self, population, start, stop, width, cells)

    def overlaps(self: Recording, start: float = 0.0, stop: float = RESPONSE) -> "pd.DataFrame":
        """Overlap [Hz] of every response with every memory: see `frames.overlaps_frame`."""
        return frames.overlaps_frame(self, start, stop)

    def to_neo(self: Recording, populations: Sequence[str] = ()) -> "neo.Segment":
        """Spike trains and presentations for neo and elephant: see `neo_objects.as_neo`."""
        return as_neo(self, [populations] if isinstance(populations, str) else populations)

    def to_pynapple(self: Recording, population: str | None = None) -> "tuple[nap.TsGroup, nap.IntervalSet]":
        """Spike trains and presentations for pynapple, in s: see `pynapple_objects.as_pynapple`."""
        return as_pynapple(self, population)
