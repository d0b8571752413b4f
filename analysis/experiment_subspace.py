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

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eiassembly.analysis.experiments import Experiment, MeasuredResults, network_config, odors_config
from eiassembly.analysis.results import Run
from eiassembly.analysis.subspace_samples import QUANTITIES, SubspaceResult, measure_subspace

if TYPE_CHECKING:
    from eiassembly.analysis.panels import Plate

NAME = "subspace"


def _drawn(results: Sequence[SubspaceResult]) -> "Sequence[Plate]":
    # Imported here: only figures need matplotlib, which is slow to load.
    from eiassembly.analysis.plates_subspace import subspace_plates

    return subspace_plates(results)


def is_subspace(run: Run) -> bool:
    """Whether a run goes through a subspace of unrelated odours, and its network was not extended."""
    odors = odors_config(run)
    is_plain = odors.get("kind") == "subspace" and not odors.get("family")
    return is_plain and not network_config(run).get("added", 0)


def measure(runs: Sequence[Run], others: Sequence[Run]) -> MeasuredResults[SubspaceResult]:
    """Measure every run by itself."""
    return MeasuredResults(NAME, tuple(measure_subspace(run) for run in runs), _drawn)


EXPERIMENT = Experiment(
    name=NAME,
    title="Geometry of an odor subspace",
    quantities=QUANTITIES,
    recognises=is_subspace,
    measure=measure,
    instead=True,
)
