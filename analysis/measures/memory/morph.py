"""The responses of a run to a morph from one odor to another, up and down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.measures.conductances import mean_conductances, neuron_of
from eiassembly.analysis.measures.currents import clamp_current, holding_potential
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.measures.subsampling import members_of_odors
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import SAMPLING, OdorWindows
from eiassembly.core.arrays import Flags, Floats
from eiassembly.core.errors import EiassemblyError
from eiassembly.odors.odors import Presentation


@dataclass(frozen=True, eq=False)
class Morph:
    """What E cells do along a morph.

    Parameters
    ----------
    first, last : int
        Odors at its ends, in the order in which positions are counted.
    positions : ndarray of float64, shape (n_presentations,)
        From the first odor to the last, 0 … 1.
    is_up : ndarray of bool, shape (n_presentations,)
        Whether the position before was nearer to the first odor; the others are on the sweep back.
    is_to_learned : bool
        Whether the reference, the learned end, is the last odor.
    inputs : ndarray of float64, shape (n_presentations, n_mitral)
        Rates of OB, Hz.
    outputs : ndarray of float64, shape (n_presentations, n_E)
        Rates of E, Hz.
    members : ndarray of int64
        E members of the (pseudo-)assembly of the reference.
    currents : mapping of str to ndarray of float64, shape (n_presentations,)
        Recurrent current by sign into the mean member, pA, positive if it depolarises.
    """

    first: int
    last: int
    positions: Floats
    is_up: Flags
    is_to_learned: bool
    inputs: Floats
    outputs: Floats
    members: NDArray[np.int64]
    currents: Mapping[str, Floats]

    @property
    def name(self) -> str:
        """E.g. ``15 to 0``."""
        return f"{self.first} to {self.last}"

    @property
    def nearness(self) -> Floats:
        """Position of every presentation, 1 at the learned end."""
        return self.positions if self.is_to_learned else 1 - self.positions

    @property
    def net_current(self) -> Floats:
        """Sum of the recurrent currents, pA, shape (n_presentations,)."""
        return np.asarray(np.sum(list(self.currents.values()), axis=0))

    @property
    def assembly_rates(self) -> Floats:
        """Mean rate of the members, Hz, shape (n_presentations,)."""
        return np.asarray(self.outputs[:, self.members].mean(axis=1))


def read_morph(run: Run) -> Morph:
    """Read a morph; presentations that the run does not contain entirely are left out.

    Raises
    ------
    EiassemblyError
        One of its ends was not presented.
    """
    shown = [p for p in run.presentations if round(p.offset / run.dt) <= run.n_steps]
    positions = np.array([p.place[0] if p.place else np.nan for p in shown])
    first, last = (_end(run, shown, position) for position in (0.0, 1.0))
    is_to_learned = last.kind == "learned" or first.kind != "learned"
    population_names = PopulationNames.of(run.wiring)
    windows = [OdorWindows.around(p, run.dt) for p in shown]
    counted = [w.response_spikes for w in windows]
    (members,) = members_of_odors(run, [last.odor if is_to_learned else first.odor])
    return Morph(
        first=first.odor,
        last=last.odor,
        positions=positions,
        is_up=directions(positions),
        is_to_learned=is_to_learned,
        inputs=np.concatenate([rates(run.source(name), counted) for name in population_names.input], axis=1),
        outputs=rates(run.source(population_names.excitatory), counted),
        members=members,
        currents=_currents(run, population_names, windows, members),
    )


def _end(run: Run, shown: Sequence[Presentation], position: float) -> Presentation:
    for presentation in shown:
        if presentation.place == (position, 0.0):
            return presentation
    raise EiassemblyError(f"{run.path}: morph: expected a presentation of the odor at x = {position:g}")


def directions(positions: Floats) -> Flags:
    """Tell which presentations are on the sweep to the last odor; the turn belongs to the sweep to it.

    Parameters
    ----------
    positions : ndarray of float64, shape (n_presentations,)
        In the order of presentation. A step that is larger than others begins a new pass.
    """
    changes = np.diff(positions)
    sizes = np.abs(changes[changes != 0])
    step = 1.5 * float(sizes.min(initial=1.0))
    is_up = np.ones(len(positions), bool)
    for k in range(len(positions)):
        if k and 0 < abs(changes[k - 1]) < step:
            is_up[k] = changes[k - 1] > 0
        elif k < len(changes):
            is_up[k] = changes[k] > 0
    return is_up


def _currents(
    run: Run, population_names: PopulationNames, windows: Sequence[OdorWindows], members: NDArray[np.int64]
) -> dict[str, Floats]:
    """Recurrent currents at the holding potential, mean over the members (Fig. 3E)."""
    neuron = neuron_of(run.wiring, population_names.excitatory)
    every = max(1, round(SAMPLING / run.dt))
    means = mean_conductances(run, population_names.excitatory, [w.response for w in windows], every)
    holding = holding_potential(neuron)
    sources = {"excitatory": (population_names.excitatory,), "inhibitory": population_names.inhibitory}
    return {
        sign: clamp_current(
            np.sum([means[name][:, members].mean(axis=1) for name in names if name in means], axis=0),
            neuron.reversal("excitatory" if sign == "excitatory" else "inhibitory"),
            holding,
        )
        for sign, names in sources.items()
    }
