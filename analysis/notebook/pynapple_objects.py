"""Recordings as objects of pynapple, whose times are in seconds."""

from typing import TYPE_CHECKING

from eiassembly.analysis.notebook.trains import chosen_population, first_assembly, spike_times
from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.optional import needed

if TYPE_CHECKING:
    import pynapple as nap


def as_pynapple(recording: Recording, population: str | None = None) -> "tuple[nap.TsGroup, nap.IntervalSet]":
    """Return what `Conversions.to_pynapple` says."""
    nap = needed("pynapple")
    name = chosen_population(recording, population)
    support = nap.IntervalSet(0, recording.duration / 1000)
    trains = spike_times(recording, name)
    group = nap.TsGroup(
        {cell: nap.Ts(times / 1000, time_support=support) for cell, times in enumerate(trains)},
        time_support=support,
        bypass_check=True,  # every train has this support already
        metadata={"assembly": first_assembly(recording, name)},
    )
    shown = recording.presentations
    intervals = nap.IntervalSet(
        [p.onset / 1000 for p in shown],
        [p.offset / 1000 for p in shown],
        metadata={"odor": [p.odor for p in shown], "kind": [p.kind for p in shown]},
    )
    return group, intervals
