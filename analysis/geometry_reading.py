"""The responses of a run to an odour subspace, read from RUN.h5."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.classification_classes import by_input, concentrations, mitral_rates
from eiassembly.analysis.geometry_subspace import Subspace
from eiassembly.analysis.rates import rates
from eiassembly.analysis.responses import Roles
from eiassembly.analysis.results import Run
from eiassembly.analysis.stored_spikes import SpikeSource
from eiassembly.analysis.windows import Window
from eiassembly.model.errors import EiassemblyError
from eiassembly.model.odors import Odor, Presentation

Floats = NDArray[np.float64]

SECOND = 1000.0
"""Part of a presentation, from its onset, over which patterns are averaged, ms (Methods)."""


def half_second_patterns(spikes: SpikeSource, dt: float, presentations: Sequence[Presentation]) -> Floats:
    """Rates in the two halves of the first second of every presentation.

    Parameters
    ----------
    spikes : SpikeSource
        Of the population.
    dt : float
        Time step, ms.
    presentations : sequence of Presentation
        Odours; of shorter ones, the two halves of the whole.

    Returns
    -------
    ndarray of float64, shape (n_presentations, 2, n_cells)
        Hz.
    """
    windows = [window for p in presentations for window in _halves(p, dt)]
    return rates(spikes, windows).reshape(len(presentations), 2, spikes.n_cells)


def _halves(presentation: Presentation, dt: float) -> tuple[Window, Window]:
    half = min(SECOND, presentation.offset - presentation.onset) / 2
    first, middle, last = (round((presentation.onset + k * half) / dt) for k in range(3))
    return Window(first, middle, half), Window(middle, last, half)


def read_subspace(run: Run, places: Floats, pure_odors: Sequence[int]) -> Subspace:
    """Read the responses to a subspace.

    Parameters
    ----------
    run : Run
        A run with all its presentations at places of the subspace.
    places : ndarray of float64, shape (n_presentations, 2)
        Mixture coordinates of the presentations.
    pure_odors : sequence of int
        Numbers of the pure odours.

    Raises
    ------
    EiassemblyError
        A pure odour was not presented, or coordinates and presentations differ in number.
    """
    shown = run.presentations
    if len(places) != len(shown):
        raise EiassemblyError(
            f"{run.path}: subspace: expected coordinates of {len(shown)} presentations, found {len(places)}"
        )
    first = [_first_row(run, number) for number in pure_odors]
    odors = {odor.number: odor for odor in run.odors.odors}
    presented = [odors[p.odor] for p in shown]
    pure = [odors[number] for number in pure_odors]
    inputs = _inputs(run, [*presented, *pure])
    assigned = by_input(inputs[: len(shown)], inputs[len(shown) :])
    return Subspace(
        halves=half_second_patterns(run.source(Roles.of(run.wiring).principal), run.dt, shown),
        places=places,
        pure=places[first],
        is_learned=np.array([shown[row].kind == "learned" for row in first]),
        labels=assigned.labels,
        is_training=assigned.is_training,
        concentrations=concentrations(presented, pure),
    )


def _first_row(run: Run, number: int) -> int:
    for row, presentation in enumerate(run.presentations):
        if presentation.odor == number:
            return row
    raise EiassemblyError(f"{run.path}: subspace: expected pure odor {number} among the presentations")


def _inputs(run: Run, odors: Sequence[Odor]) -> Floats:
    (name,) = Roles.of(run.wiring).feedforward
    return mitral_rates(odors, run.wiring.population(name).size)
