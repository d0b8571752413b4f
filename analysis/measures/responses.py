"""What every cell does in every presentation of a run: the numbers all observables are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eiassembly.analysis.measures.conductances import mean_conductances, mean_conductances_of_mean_cell
from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.rates import mean_rates, rates
from eiassembly.analysis.runs.recording import PopulationNames as PopulationNames
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.run import Run
from eiassembly.analysis.runs.windows import SAMPLING, OdorWindows, is_free_before
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.errors import EiassemblyError
from eiassembly.odors.odors import Presentation


@dataclass(frozen=True, eq=False)
class Responses:
    """Responses of the excitatory (E) and inhibitory cells of a run to some presentations.

    Parameters
    ----------
    presentations : tuple of Presentation
        Rows of all arrays.
    population_names : PopulationNames
        Names of the populations.
    rates : ndarray of float64, shape (n_presentations, n_E)
        Rates during the odor, Hz.
    baseline : ndarray of float64, shape (n_presentations,)
        Mean rate of E before the odor, Hz; NaN where another odor was there (see `is_free_before`).
    inhibitory : mapping of str to ndarray of float64, shape (n_presentations, n_cells)
        Rates during the odor by inhibitory population, Hz.
    conductances : mapping of str to ndarray of float64, shape (n_presentations, n_E)
        Mean conductance by source population during the odor, nS; empty without wiring.
    before : mapping of str to ndarray of float64, shape (n_presentations,)
        Mean conductance of all E cells by source population before the odor, nS; NaN as ``baseline``.
    """

    presentations: tuple[Presentation, ...]
    population_names: PopulationNames
    rates: Floats
    baseline: Floats
    inhibitory: Mapping[str, Floats]
    conductances: Mapping[str, Floats]
    before: Mapping[str, Floats]

    @property
    def odors(self) -> Ids:
        """Odor of every presentation, shape (n_presentations,)."""
        return np.array([p.odor for p in self.presentations], np.int64)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of odors, in the order of their first presentation."""
        return tuple(dict.fromkeys(p.kind for p in self.presentations))

    @property
    def inhibitory_rates(self) -> Floats:
        """Rates of all inhibitory cells during the odor, Hz, shape (n_presentations, n_I)."""
        nobody = np.empty((len(self.presentations), 0))
        return np.concatenate([nobody, *self.inhibitory.values()], axis=1)

    @property
    def mean_rates(self) -> dict[str, float]:
        """Mean rate during the odor by population of neurons, Hz."""
        by_population = {self.population_names.excitatory: self.rates, **self.inhibitory}
        return {name: float(its_rates.mean()) for name, its_rates in by_population.items()}

    @property
    def excitation(self) -> Floats:
        """Sum of the conductances from the input and from E, nS, shape (n_presentations, n_E)."""
        return self._total((*self.population_names.input, self.population_names.excitatory))

    @property
    def inhibition(self) -> Floats:
        """Sum of the conductances from inhibitory populations, nS, shape (n_presentations, n_E)."""
        return self._total(self.population_names.inhibitory)

    def evoked(self, sources: Sequence[str]) -> float:
        """Mean odor-evoked change of the conductance from some populations, nS; NaN without any before."""
        changes = (self.conductances[s].mean(axis=1) - self.before[s] for s in sources)
        return float(sum(mean_of_defined(change) for change in changes))

    def _total(self, sources: Sequence[str]) -> Floats:
        return np.asarray(np.sum([self.conductances[s] for s in sources], axis=0))

    def of_kind(self, kind: str) -> "Responses":
        """Only the presentations of one kind of odor."""
        rows = [row for row, p in enumerate(self.presentations) if p.kind == kind]
        if len(rows) == len(self.presentations):
            return self  # nothing is copied that need not be
        return replace(
            self,
            presentations=tuple(self.presentations[row] for row in rows),
            rates=self.rates[rows],
            baseline=self.baseline[rows],
            inhibitory={name: its_rates[rows] for name, its_rates in self.inhibitory.items()},
            conductances={name: g[rows] for name, g in self.conductances.items()},
            before={name: g[rows] for name, g in self.before.items()},
        )


def measure(run: Recording) -> Responses:
    """Measure all presentations that lie, with the second before them, inside the run.

    Raises
    ------
    EiassemblyError
        There is no such presentation.
    """
    shown = [(p, w) for p, w in _all_windows(run) if w.lie_within(run.n_steps)]
    if not shown:
        raise EiassemblyError(
            f"{run.path}: eiassembly/presentations: expected at least one odor with 1 s before it "
            f"inside the {run.duration:g} ms of the run"
        )
    windows = [w for _, w in shown]
    population_names = run.population_names
    excitatory = run.source(population_names.excitatory)
    spiking = [w.response_spikes for w in windows]
    free = np.array([is_free_before(p, run.presentations) for p, _ in shown])
    during, before = _conductances(run, windows)
    return Responses(
        presentations=tuple(p for p, _ in shown),
        population_names=population_names,
        rates=rates(excitatory, spiking),
        baseline=np.where(free, mean_rates(excitatory, [w.baseline_spikes for w in windows]), np.nan),
        inhibitory={name: rates(run.source(name), spiking) for name in population_names.inhibitory},
        conductances=during,
        before={name: np.where(free, g, np.nan) for name, g in before.items()},
    )


def _conductances(
    run: Recording, windows: Sequence[OdorWindows]
) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
    """Mean conductances of all E cells during, and of their mean before; none where the wiring is unknown."""
    if not isinstance(run, Run):
        return {}, {}
    every, excitatory = max(1, round(SAMPLING / run.dt)), run.population_names.excitatory
    during = mean_conductances(run, excitatory, [w.response for w in windows], every)
    return during, mean_conductances_of_mean_cell(run, excitatory, [w.before for w in windows], every)


def _all_windows(run: Recording) -> list[tuple[Presentation, OdorWindows]]:
    return [(p, OdorWindows.around(p, run.dt)) for p in run.presentations]
