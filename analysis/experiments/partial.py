"""Current into a part of an assembly: does the rest of it join (Fig. 3 s1).

Every table ``[[simulation.current]]`` that depolarises a part of an assembly of E is one trial, compared with
as much time right before it. Samples are means over the trials of a run. Conditions:

- ``injected``, ``rest``, ``others``: members with current, members without, and all other E cells
- ``rest, before``, …: the same cells in the time before
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.rates import rates
from eiassembly.analysis.runs.identity import network_name
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.config.interventions.all import tables_of
from eiassembly.config.interventions.current import Current
from eiassembly.config.simulation import Dynamics
from eiassembly.core.arrays import Floats
from eiassembly.core.grid import Window
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.resolve import interventions

NAME = "partial"
GROUPS = ("injected", "rest", "others")
MEASURES = by_name(
    Measure("rate", "Rate of E cells while current is injected", "Hz", "Fig. 3 s1"),
    Measure("rate_change", "Change of the rate by the current", "Hz", "Fig. 3 s1"),
    Measure("recruited_share", "Trials in which the rest gains more than others", "1", "Fig. 3 s1"),
)


@dataclass(frozen=True, eq=False)
class PartialResult:
    """Rates of the trials of one run.

    Parameters
    ----------
    network, structure : str
        Of the run.
    look : Look
        How it is named and drawn.
    rates : ndarray of float64, shape (n_trials, n_groups, 2)
        Of `GROUPS`, before and during the current, Hz; NaN for a group without cells.
    """

    network: str
    structure: str
    look: Look
    rates: Floats

    @property
    def changes(self) -> Floats:
        """Rate during minus before, Hz, shape (n_trials, n_groups)."""
        return np.asarray(self.rates[:, :, 1] - self.rates[:, :, 0])

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield name of the measure, condition, value."""
        for group, (before, during) in zip(GROUPS, self.rates.mean(axis=0).tolist(), strict=True):
            yield "rate", group, during
            yield "rate", f"{group}, before", before
            yield "rate_change", group, during - before
        _, rest, others = self.changes.T
        yield "recruited_share", "", float((rest > others).mean())


def is_partial(run: Run) -> bool:
    """Whether a run injects a depolarising current into a part of an assembly of E."""
    excitatory = PopulationNames.of(run.wiring).excitatory
    return any(_is_part(table, excitatory) for table in run.config["simulation"].get("current", ()))


def _is_part(table: dict[str, object], excitatory: str) -> bool:
    has_part = table.get("fraction") is not None or table.get("number") is not None
    is_of_assembly = table.get("population") == excitatory and table.get("assembly") is not None
    return has_part and is_of_assembly and float(str(table["pA"])) > 0


def measure_partial(run: Run) -> PartialResult:
    """Measure all trials of a run that have as much time before them."""
    excitatory = PopulationNames.of(run.wiring).excitatory
    requested = Dynamics.model_validate({"current": run.config["simulation"]["current"]})
    lengths = (run.odors.n_steps, run.n_steps)
    context = Context(run.wiring, run.presentations, *lengths, run.dt, str(run.path))
    found = interventions(requested, context).currents
    members = {a.odor: a.of(excitatory) for a in run.wiring.assemblies}
    trials = [
        _trial(run, excitatory, members[table.assembly], current.ids, first, last)
        for table, current in zip(tables_of(requested, Current), found, strict=True)
        if table.assembly is not None and _is_part(table.model_dump(), excitatory)
        for first, last in current.windows.tolist()
        if 2 * first >= last and last <= run.n_steps
    ]
    rates_of_trials = np.array(trials, np.float64).reshape(-1, len(GROUPS), 2)
    look = structure_look(run.structure, run.label)
    return PartialResult(network_name(run), run.structure, look, rates_of_trials)


def _trial(
    run: Run,
    excitatory: str,
    members: NDArray[np.int64],
    injected: NDArray[np.int64],
    first: int,
    last: int,
) -> list[list[float]]:
    """Rates of the groups before and during one current."""
    length = last - first
    windows = [Window(start, start + length, length * run.dt) for start in (first - length, first)]
    found = rates(run.source(excitatory), windows)
    others = np.setdiff1d(np.arange(found.shape[1]), members)
    groups = (injected, np.setdiff1d(members, injected), others)
    return [[float(row[g].mean()) if len(g) else float("nan") for row in found] for g in groups]


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[PartialResult]:
    """Measure every run by itself; those without a trial to compare are left out."""
    results = [measure_partial(run) for run in runs]
    return MeasuredResults(NAME, tuple(result for result in results if len(result.rates)))


EXPERIMENT = Experiment(
    name=NAME,
    title="Partial reactivation of assemblies",
    measures=MEASURES,
    recognises=is_partial,
    measure=measure,
)
