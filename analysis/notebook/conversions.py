"""What runs and other people's recordings can be turned into in a notebook."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eiassembly.analysis.notebook import frames
from eiassembly.analysis.notebook.neo_objects import as_neo
from eiassembly.analysis.notebook.pynapple_objects import as_pynapple
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.windows import BEFORE, RESPONSE

if TYPE_CHECKING:
    import neo
    import pandas as pd
    import pynapple as nap
    import xarray as xr


class Conversions:
    """Methods of every `Recording`; times are in ms, windows in ms from the onset of an odor.

    They need packages of the extra ``notebook``; which one is missing is said in one line, an
    `EnvironmentProblemError`. A population that there is not, or an impossible window, is a `ConfigError`.
    """

    def rates(
        self: Recording, population: str | None = None, start: float = 0.0, stop: float = RESPONSE
    ) -> "xr.DataArray":
        """Rate of every cell in every presentation.

        Parameters
        ----------
        population : str, optional
            Name; the excitatory one (E) by default.
        start, stop : float
            Spikes at start < t <= stop count, ms from onset.

        Returns
        -------
        DataArray, dimensions presentation and cell
            Hz; NaN where the window leaves the recording. Coordinates: odor, kind and onset (ms) of the
            presentation; assembly (odor of the first one that the cell is a member of, −1 for none) and
            n_assemblies of the cell; member, of both: does the cell belong to the odor's assembly.
        """
        return frames.rates_array(self, population, start, stop)

    def spikes_frame(
        self: Recording, population: str | None = None, start: float = 0.0, stop: float | None = None
    ) -> "pd.DataFrame":
        """Spikes in the order of time, and the presentation that each of them belongs to.

        Parameters
        ----------
        population : str, optional
            Name; the excitatory one (E) by default.
        start, stop : float
            Spikes at start < t <= stop, ms from the begin of the recording; all by default.

        Returns
        -------
        DataFrame
            Columns time (ms), cell, presentation (missing between odors), since_onset (ms).
        """
        return frames.spikes_frame(self, population, start, stop)

    def presentations_frame(self: Recording) -> "pd.DataFrame":
        """When which odor was presented.

        Returns
        -------
        DataFrame
            Columns onset and offset (ms), odor, kind, x and y (coordinates of a mixture, NaN of others).
        """
        return frames.presentations_frame(self)

    def psth(
        self: Recording,
        population: str | None = None,
        start: float = -BEFORE,
        stop: float = 2500.0,
        width: float = 50.0,
        cells: frames.Cells = "all",
    ) -> "pd.DataFrame":
        """Mean rate per cell in bins around every onset.

        Parameters
        ----------
        population : str, optional
            Name; the excitatory one (E) by default.
        start, stop, width : float
            Bins are start < t <= start + width and so on, ms from onset.
        cells : {'all', 'inside', 'outside'}
            All cells, or those inside or outside the assembly of the presented odor.

        Returns
        -------
        DataFrame
            Columns presentation, odor, kind, time (middle of the bin, ms from onset), rate (Hz; NaN in bins
            that leave the recording). Inside and outside assemblies, odors that have none are left out.
        """
        return frames.psth_frame(self, population, start, stop, width, cells)

    def overlaps(self: Recording, start: float = 0.0, stop: float = RESPONSE) -> "pd.DataFrame":
        """Overlap of the response to every presentation with every memory (see `measures.memory.overlap`).

        Parameters
        ----------
        start, stop : float
            Spikes at start < t <= stop count, ms from onset.

        Returns
        -------
        DataFrame
            Columns presentation, odor, kind, memory (odor that it was built from), own (is that the
            presented odor), overlap (Hz: mean rate of the members minus that of all others).
        """
        return frames.overlaps_frame(self, start, stop)

    def to_neo(self: Recording, populations: str | Sequence[str] = ()) -> "neo.Segment":
        """Spike trains of all cells and the presentations of odors, for elephant and others.

        Parameters
        ----------
        populations : str or sequence of str
            Names; by default the excitatory one (E) and all inhibitory ones.

        Returns
        -------
        neo.Segment
            ``spiketrains`` population by population and cell by cell, in ms, annotated with population, cell,
            and the odors of its assemblies; one epoch with the presentations, labelled ``learned 3``, with
            the array annotations odor and kind.
        """
        return as_neo(self, [populations] if isinstance(populations, str) else populations)

    def to_pynapple(self: Recording, population: str | None = None) -> "tuple[nap.TsGroup, nap.IntervalSet]":
        """Spike trains of a population, and the presentations of odors.

        Parameters
        ----------
        population : str, optional
            Name; the excitatory one (E) by default.

        Returns
        -------
        trains : TsGroup
            One train per cell, silent ones too, in s, with the metadata assembly: odor of the first one that
            the cell is a member of, −1 for none.
        presentations : IntervalSet
            In s, with the metadata odor and kind.
        """
        return as_pynapple(self, population)
