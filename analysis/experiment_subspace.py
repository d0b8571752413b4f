"""A square of mixtures of two learned and two novel odours: geometry and classification (Fig. 4, Fig. 5).

Conditions of the samples:

- ``all``, ``novel``, ``learned``: patterns related to all pure odours, or to those of a kind
- ``learned``, ``novel``: mean over the corners of this kind
- ``2 components``, …: components that are kept
- ``learned, assemblies``; ``novel, population``; …: kind of the true class or of the concentration, and the
  pool from which 80 neurons are drawn, 50 times: members of the (pseudo-)assemblies of all four pure odours,
  or all E
- ``learned to novel, assemblies``, …: patterns of the first kind to distributions of the second, never of a
  class to itself
- ``assemblies``, ``population``: the pool alone
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eiassembly.analysis.experiments import Experiment, Sample, network_config, odors_config
from eiassembly.analysis.results import Run
from eiassembly.analysis.subspace_samples import QUANTITIES, SubspaceResult, measure_subspace, numbers_of

if TYPE_CHECKING:
    from eiassembly.analysis.panels import Plate

NAME = "subspace"


@dataclass(frozen=True)
class MeasuredSubspaces:
    """What was measured of all runs through a subspace."""

    results: Sequence[SubspaceResult]

    def samples(self) -> Iterator[Sample]:
        """Yield the numbers."""
        for result in self.results:
            for quantity, condition, value in numbers_of(result):
                yield Sample(NAME, result.network, result.structure, quantity, value, condition)

    def plates(self) -> "Sequence[Plate]":
        """Draw the figures."""
        # Imported here: only figures need matplotlib, which is slow to load.
        from eiassembly.analysis.plates_subspace import subspace_plates

        return subspace_plates(self.results)


def is_subspace(run: Run) -> bool:
    """Whether a run goes through a subspace of unrelated odours, and its network was not extended."""
    odors = odors_config(run)
    is_plain = odors.get("kind") == "subspace" and not odors.get("family")
    return is_plain and not network_config(run).get("added", 0)


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredSubspaces:
    """Measure every run by itself."""
    return MeasuredSubspaces(tuple(measure_subspace(run) for run in runs))


EXPERIMENT = Experiment(
    name=NAME,
    title="Geometry of an odor subspace",
    quantities=QUANTITIES,
    recognises=is_subspace,
    measure=measure,
    instead=True,
)
