"""The responses of a run to an odor subspace, read from RUN.h5."""

from collections.abc import Iterator, Sequence

import numpy as np

from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.measures.subspace.classes import by_input, concentrations, mitral_rates
from eiassembly.analysis.measures.subspace.geometry import Subspace
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.spikes import Spikes, SpikeSource
from eiassembly.core.arrays import Floats
from eiassembly.core.errors import EiassemblyError
from eiassembly.core.grid import Window
from eiassembly.odors.odors import Odor, Presentation

SECOND = 1000.0
"""Part of a presentation, from its onset, over which patterns are averaged, ms (Methods)."""
CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
"""Places of the pure odors, clockwise from the top left."""
_STRETCH = 64
"""Presentations whose spikes are read at a time."""


def half_second_patterns(spikes: SpikeSource, dt: float, presentations: Sequence[Presentation]) -> Floats:
    """Rates in the two halves of the first second of every presentation.

    Parameters
    ----------
    spikes : SpikeSource
        Of the population.
    dt : float
        Time step, ms.
    presentations : sequence of Presentation
        Odors; of shorter ones, the two halves of the whole.

    Returns
    -------
    ndarray of float64, shape (n_presentations, 2, n_cells)
        Hz.
    """
    parts = [np.empty((0, spikes.n_cells))]
    for first in range(0, len(presentations), _STRETCH):
        windows = [w for p in presentations[first : first + _STRETCH] for w in _halves(p, dt)]
        parts.append(rates(_stretch(spikes, windows), windows))
    return np.concatenate(parts).reshape(len(presentations), 2, spikes.n_cells)


def _stretch(spikes: SpikeSource, windows: Sequence[Window]) -> Spikes:
    """Spikes of all windows at once: a file is asked once for many of them."""
    steps, ids = spikes.between(min(w.first for w in windows), max(w.last for w in windows))
    return Spikes(spikes.n_cells, steps, ids)


def _halves(presentation: Presentation, dt: float) -> tuple[Window, Window]:
    half = min(SECOND, presentation.offset - presentation.onset) / 2
    first, middle, last = (round((presentation.onset + k * half) / dt) for k in range(3))
    return Window(first, middle, half), Window(middle, last, half)


def read_subspace(run: Run) -> Subspace:
    """Read the responses to a subspace: places and pure odors are those of the presentations.

    A pure odor counts as learned if the network stores it, or if it was presented as learned.

    Parameters
    ----------
    run : Run
        A run with presentations at places of a square, among them its four corners; those that the run does
        not contain entirely are left out.

    Raises
    ------
    EiassemblyError
        A presentation has no place, or a corner was not presented.
    """
    shown = [p for p in run.presentations if round(p.offset / run.dt) <= run.n_steps]
    odors = {odor.number: odor for odor in run.odors.odors}
    at_corners = tuple(corner_presentations(run, shown))
    presented = [odors[p.odor] for p in shown]
    pure = [odors[p.odor] for p in at_corners]
    inputs = _inputs(run, [*presented, *pure])
    assigned = by_input(inputs[: len(shown)], inputs[len(shown) :])
    stored = {assembly.odor for assembly in run.wiring.assemblies}
    return Subspace(
        halves=half_second_patterns(run.source(PopulationNames.of(run.wiring).excitatory), run.dt, shown),
        places=np.array([p.place for p in shown], np.float64),
        pure=np.array(CORNERS),
        odors=tuple(p.odor for p in at_corners),
        is_learned=np.array([p.odor in stored or p.kind == "learned" for p in at_corners]),
        labels=assigned.labels,
        is_training=assigned.is_training,
        concentrations=concentrations(presented, pure),
    )


def corner_presentations(run: Run, presentations: Sequence[Presentation]) -> Iterator[Presentation]:
    """Yield the first presentation at every corner of a subspace, clockwise from the top left.

    Raises
    ------
    EiassemblyError
        A presentation has no place, or a corner was not presented.
    """
    where = {p.place: p for p in reversed(presentations)}
    if None in where:
        raise EiassemblyError(
            f"{run.path}: subspace: expected mixture coordinates of all presentations, found none of "
            f"that at {where[None].onset:g} ms"
        )
    for corner in CORNERS:
        if corner not in where:
            raise EiassemblyError(f"{run.path}: subspace: expected a presentation at the corner {corner}")
        yield where[corner]


def _inputs(run: Run, odors: Sequence[Odor]) -> Floats:
    (name,) = PopulationNames.of(run.wiring).input
    return mitral_rates(odors, run.wiring.population(name).size)
