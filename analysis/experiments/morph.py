"""Morphs from one odor to another: completion, hysteresis, recurrent currents (Fig. 3).

Conditions of the samples begin with the odors at both ends, ``15 to 0``. Then follow:

- nothing: the sweep from the first odor to the last; of ``hysteresis``, and of ``current_change``: both
  sweeps
- ``back``: the sweep back, ``15 to 0, back``
- ``near``, ``far``: mean over the third of the positions nearest to the learned end, or farthest from it
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.correlations import mean_of_defined
from eiassembly.analysis.measures.dynamics.persistence import hysteresis
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.memory.completion import CompletionCurve, completion_curve
from eiassembly.analysis.measures.memory.morph import Morph, read_morph
from eiassembly.analysis.runs.identity import network_name, odors_config
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Floats

NAME = "morph"
_THIRD = 1 / 3
MEASURES = by_name(
    Measure("completion_index", "Output minus input correlation with the learned odor", "1", "Fig. 3B"),
    Measure("completion_above", "Places with more output than input correlation", "places", "Fig. 3B"),
    Measure("completion_slope", "Largest rise of the output per mean rise of the input", "1", "Fig. 3B"),
    Measure("hysteresis", "Output correlation: area between the ways", "1", "Fig. 5 s2"),
    Measure("assembly_rate", "Rate of the learned odor's assembly", "Hz", "Fig. 3"),
    Measure("excitatory_current", "Recurrent excitatory current into the assembly", "pA", "Fig. 3E"),
    Measure("inhibitory_current", "Recurrent inhibitory current into the assembly", "pA", "Fig. 3E"),
    Measure("net_current", "Net recurrent current into the assembly", "pA", "Fig. 3E, F"),
    Measure("current_change", "Net recurrent current, near minus far", "pA", "Fig. 3E, F"),
)


@dataclass(frozen=True, eq=False)
class MorphSweep:
    """One sweep along a morph: means over its passes, ordered towards the learned end, which is left out.

    Parameters
    ----------
    nearness : ndarray of float64, shape (n_places,)
        0 at the far end, increasing.
    curve : CompletionCurve
        At these positions.
    """

    nearness: Floats
    curve: CompletionCurve

    @property
    def slope(self) -> float:
        """Largest rise of the output correlation between neighbours, per mean rise of the input."""
        rises = np.diff(self.curve.inputs), np.diff(self.curve.outputs)
        mean = float(rises[0].mean()) if len(rises[0]) else 0.0
        return float(np.nanmax(rises[1])) / mean if mean > 0 and not np.isnan(rises[1]).all() else np.nan


@dataclass(frozen=True, eq=False)
class MorphResult:
    """What was measured of one morph."""

    network: str
    structure: str
    look: Look
    morph: Morph
    sweeps: dict[str, MorphSweep]

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield name of the measure, condition, value."""
        name = self.morph.name
        for sweep, found in self.sweeps.items():
            condition = f"{name}, {sweep}" if sweep else name
            yield "completion_index", condition, found.curve.index
            yield "completion_above", condition, float(found.curve.n_above)
            yield "completion_slope", condition, found.slope
        if len(self.sweeps) == 2:
            yield "hysteresis", name, _hysteresis(*self.sweeps.values())
        yield from self._near_and_far(name)

    def _near_and_far(self, name: str) -> Iterator[tuple[str, str, float]]:
        nearness = self.morph.nearness
        parts = {"near": nearness > 1 - _THIRD, "far": nearness < _THIRD}
        courses = {
            "assembly_rate": self.morph.assembly_rates,
            **{f"{sign}_current": current for sign, current in self.morph.currents.items()},
            "net_current": self.morph.net_current,
        }
        for quantity, course in courses.items():
            for part, chosen in parts.items():
                yield quantity, f"{name}, {part}", mean_of_defined(course[chosen])
        near, far = (mean_of_defined(self.morph.net_current[chosen]) for chosen in parts.values())
        yield "current_change", name, near - far


def sweeps_of(morph: Morph) -> dict[str, MorphSweep]:
    """Completion on the sweep there (``""``) and ``back``; a sweep that was not presented is left out.

    The reference is the mean over all presentations of the learned odor, and belongs to both sweeps.
    """
    at_end = morph.nearness > 1 - 1e-9
    chosen = {"": morph.is_up | at_end, "back": ~morph.is_up | at_end}
    return {
        sweep: _sweep(morph, rows)
        for sweep, rows in chosen.items()
        if len(np.unique(morph.nearness[rows])) > 2
    }


def _sweep(morph: Morph, rows: NDArray[np.bool_]) -> MorphSweep:
    positions = np.unique(morph.nearness[rows])
    at = [rows & (np.abs(morph.nearness - position) < 1e-9) for position in positions]
    inputs, outputs = (
        np.array([patterns[one].mean(axis=0) for one in at]) for patterns in (morph.inputs, morph.outputs)
    )
    return MorphSweep(positions[:-1], completion_curve(inputs, outputs, len(positions) - 1))


def _hysteresis(there: MorphSweep, back: MorphSweep) -> float:
    shared, here, other = np.intersect1d(there.nearness.round(9), back.nearness.round(9), return_indices=True)
    if len(shared) < 2:
        return float("nan")
    return hysteresis(shared, there.curve.outputs[here], back.curve.outputs[other])


def is_morph(run: Run) -> bool:
    """Whether a run presents a morph."""
    return odors_config(run).get("kind") == "morph"


def measure_morph(run: Run) -> MorphResult:
    """Measure one morph; see `read_morph` for its errors."""
    morph = read_morph(run)
    look = structure_look(run.structure, run.label)
    return MorphResult(network_name(run), run.structure, look, morph, sweeps_of(morph))


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[MorphResult]:
    """Measure every morph by itself."""
    return MeasuredResults(NAME, tuple(measure_morph(run) for run in runs))


EXPERIMENT = Experiment(
    name=NAME,
    title="Morphs between odors",
    measures=MEASURES,
    recognises=is_morph,
    measure=measure,
)
