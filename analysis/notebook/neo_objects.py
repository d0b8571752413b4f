"""Recordings as objects of neo, which elephant and others compute with."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from eiassembly.analysis.notebook.trains import assemblies_by_cell, chosen_population, spike_times
from eiassembly.analysis.runs.recording import Recording
from eiassembly.core.optional import needed

if TYPE_CHECKING:
    import neo


def as_neo(recording: Recording, populations: Sequence[str] = ()) -> "neo.Segment":
    """Return what `Conversions.to_neo` says."""
    population_names = recording.population_names
    names = [chosen_population(recording, name) for name in populations]
    segment = needed("neo").Segment(name=recording.label)
    chosen = names or (population_names.excitatory, *population_names.inhibitory)
    segment.spiketrains = [train for name in chosen for train in _trains(recording, name)]
    segment.epochs.append(_epoch(recording))
    return segment


def _trains(recording: Recording, population: str) -> "Iterator[neo.SpikeTrain]":
    neo = needed("neo")
    assemblies = assemblies_by_cell(recording, population)
    for cell, times in enumerate(spike_times(recording, population)):
        about = {"population": population, "cell": cell, "assemblies": list(assemblies[cell])}
        yield neo.SpikeTrain(times, units="ms", t_stop=recording.duration, **about)


def _epoch(recording: Recording) -> "neo.Epoch":
    neo, shown = needed("neo"), recording.presentations
    return neo.Epoch(
        times=[p.onset for p in shown],
        durations=[p.offset - p.onset for p in shown],
        labels=[f"{p.kind} {p.odor}" for p in shown],
        units="ms",
        name="presentations",
        array_annotations={"odor": [p.odor for p in shown], "kind": [p.kind for p in shown]},
    )
