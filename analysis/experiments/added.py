"""A subspace of related novel odors, before and after two of them are stored as well (Fig. 6).

Runs through a subspace of an ``odors.family``, paired where network and odors are the same but for the key
``network.added``. The stored corners are those that the network of the run with the most memories stores; a
run without a partner is measured if its network stores some. Conditions begin with ``before`` or ``after``:

- ``before, stored``, ``after, unstored``, …: presentations of the corners that are stored, or are not
- ``before``, ``after``: of ``correlation``, between the mean patterns of the stored corners; ``input``: in OB
- ``before, stored to unstored``, …: d_M in 80 neurons of the (pseudo-)assemblies of all corners
- ``stored``, ``unstored``, ``stored to unstored``, …: of ratios, after over before
- of ``shared_members`` none
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from eiassembly.analysis.experiments.experiment import Experiment, MeasuredResults
from eiassembly.analysis.measures.correlations import mean_of_defined, pattern_correlations
from eiassembly.analysis.measures.measure import Measure, by_name
from eiassembly.analysis.measures.subsampling import members_of_odors, subsampled_neurons
from eiassembly.analysis.measures.subspace.classes import mitral_rates
from eiassembly.analysis.measures.subspace.distances import class_distances
from eiassembly.analysis.measures.subspace.neighbours import rows_at
from eiassembly.analysis.measures.subspace.responses import corner_presentations, read_subspace
from eiassembly.analysis.runs.identity import network_config, network_name, odors_config
from eiassembly.analysis.runs.labels import Look, structure_look
from eiassembly.analysis.runs.recording import PopulationNames
from eiassembly.analysis.runs.run import Run
from eiassembly.core.arrays import Flags, Floats

Numbers = dict[tuple[str, str], float]
"""Values by measure and condition."""

NAME = "added"
MEASURES = by_name(
    Measure("rate", "Rate of E", "Hz", "Fig. 6B"),
    Measure("rate_ratio", "Rate of E, after over before", "1", "Fig. 6B"),
    Measure("assembly_rate", "Rate of the odor's (pseudo-)assembly", "Hz", "Fig. 6B"),
    Measure("correlation", "Correlation between the stored odors", "1", "Fig. 6C"),
    Measure("mahalanobis", "d_M from patterns of a class to another class", "SD", "Fig. 6 s1"),
    Measure("mahalanobis_ratio", "d_M, after over before", "1", "Fig. 6 s1"),
    Measure("shared_members", "E members that the stored assemblies share", "%", "Fig. 6"),
)


@dataclass(frozen=True, eq=False)
class AddedResult:
    """What was measured of one network: values by measure and condition, shared by all its runs."""

    network: str
    structure: str
    look: Look
    values: Mapping[tuple[str, str], float]

    def numbers(self) -> Iterator[tuple[str, str, float]]:
        """Yield name of the measure, condition, value."""
        for (quantity, condition), value in self.values.items():
            yield quantity, condition, value


def is_added(run: Run) -> bool:
    """Whether a run goes through a subspace of related odors."""
    odors = odors_config(run)
    return odors.get("kind") == "subspace" and bool(odors.get("family"))


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[AddedResult]:
    """Measure runs of the same network together."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(_same_but_for_added(run), []).append(run)
    found = (_measured(sorted(group, key=_n_memories)) for group in groups.values())
    return MeasuredResults(NAME, tuple(result for result in found if result.values))


def _same_but_for_added(run: Run) -> str:
    network = {key: value for key, value in network_config(run).items() if key != "added"}
    return json.dumps([network, dict(odors_config(run))], sort_keys=True, default=str)


def _n_memories(run: Run) -> int:
    return len(run.wiring.assemblies)


def _measured(runs: Sequence[Run]) -> AddedResult:
    """Measure the runs with the fewest and with the most memories."""
    last = runs[-1]
    odors = read_corners(last)
    stored = {assembly.odor for assembly in last.wiring.assemblies}
    is_stored = np.array([odor in stored for odor in odors])
    members = members_of_odors(last, odors)
    numbers: Numbers = {}
    if is_stored.any():
        has_partner = _n_memories(runs[0]) < _n_memories(last)
        for moment, run in (("before", runs[0]), ("after", last)) if has_partner else (("after", last),):
            numbers |= measured_run(run, is_stored, members, moment)
        numbers |= ratios(numbers, "rate") | ratios(numbers, "mahalanobis")
        numbers |= _of_pair(last, odors, is_stored, members)
    look = structure_look(last.structure, last.label)
    return AddedResult(network_name(last), last.structure, look, numbers)


def read_corners(run: Run) -> tuple[int, ...]:
    """Numbers of the odors at the corners, clockwise from the top left."""
    return tuple(p.odor for p in corner_presentations(run, run.presentations))


def measured_run(run: Run, is_stored: Flags, members: Sequence[NDArray[np.int64]], moment: str) -> Numbers:
    """Rates, correlation and distances of one run.

    Parameters
    ----------
    run : Run
        Through the subspace.
    is_stored : ndarray of bool, shape (4,)
        Corners that are, or will be, stored.
    members : sequence of ndarray of int64
        E members of the (pseudo-)assemblies of the corners.
    moment : str
        ``before`` or ``after``.
    """
    subspace = read_subspace(run)
    rows = [rows_at(subspace.places, corner[None, :]) for corner in subspace.pure]
    patterns = np.array([subspace.patterns[at].mean(axis=0) for at in rows])
    own = np.array([pattern[cells].mean() for pattern, cells in zip(patterns, members, strict=True)])
    numbers: Numbers = {}
    kinds = {"stored": is_stored, "unstored": ~is_stored}
    for kind, chosen in kinds.items():
        if chosen.any():
            numbers["rate", f"{moment}, {kind}"] = float(patterns[chosen].mean())
            numbers["assembly_rate", f"{moment}, {kind}"] = float(own[chosen].mean())
    numbers["correlation", moment] = mean_between(patterns[is_stored])
    halves = subspace.halves.reshape(-1, subspace.halves.shape[2])
    labels = np.where(subspace.is_training, subspace.labels, -1).repeat(2)
    found = class_distances(halves, labels, subsampled_neurons(np.concatenate(members)))
    for first, v in kinds.items():
        for second, q in kinds.items():
            pairs = np.outer(v[found.classes], q[found.classes]) & ~np.eye(len(found.classes), dtype=bool)
            if pairs.any():
                condition = f"{moment}, {first} to {second}"
                numbers["mahalanobis", condition] = mean_of_defined(found.mahalanobis[pairs])
    return numbers


def mean_between(patterns: Floats) -> float:
    """Mean Pearson correlation of all pairs of patterns; NaN with fewer than two."""
    return mean_of_defined(pattern_correlations(patterns)[np.triu_indices(len(patterns), 1)])


def ratios(numbers: Mapping[tuple[str, str], float], quantity: str) -> Numbers:
    """Values after learning over those before, for all conditions that were measured twice."""
    found: Numbers = {}
    for (name, condition), value in numbers.items():
        moment, _, rest = condition.partition(", ")
        after = numbers.get((quantity, f"after, {rest}"))
        if name == quantity and moment == "before" and after is not None:
            found[f"{quantity}_ratio", rest] = after / value if value else float("nan")
    return found


def _of_pair(
    run: Run, odors: Sequence[int], is_stored: Flags, members: Sequence[NDArray[np.int64]]
) -> Numbers:
    """Return what the stored corners share in OB, and their assemblies in E, neighbour by neighbour."""
    known = {odor.number: odor for odor in run.odors.odors}
    (source,) = PopulationNames.of(run.wiring).input
    stored = [odor for odor, is_in in zip(odors, is_stored, strict=True) if is_in]
    rates = mitral_rates([known[odor] for odor in stored], run.wiring.population(source).size)
    groups = [cells for cells, is_in in zip(members, is_stored, strict=True) if is_in]
    shares = [100 * len(np.intersect1d(one, other)) / len(one) for one, other in pairwise(groups)]
    return {
        ("correlation", "input"): mean_between(rates),
        ("shared_members", ""): float(np.mean(shares)) if shares else float("nan"),
    }


EXPERIMENT = Experiment(
    name=NAME,
    title="Two more, overlapping memories",
    measures=MEASURES,
    recognises=is_added,
    measure=measure,
    instead=True,
)
