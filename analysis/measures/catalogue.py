"""Every measure of single runs, listed once; experiments list theirs in `Experiment.measures`.

A measure is added in the module of its group, with its function; it is then in all tables and files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from eiassembly.analysis.measures import observables
from eiassembly.analysis.measures.dynamics import summary
from eiassembly.analysis.measures.measure import Measure
from eiassembly.analysis.measures.memory import memories

MEASURES: tuple[Measure, ...] = (*observables.MEASURES, *summary.MEASURES, *memories.MEASURES)
"""In the order of tables."""


@dataclass(frozen=True)
class Group:
    """Measures that share a table.

    Parameters
    ----------
    name : str
        As in `Measure.group`.
    title : str
        Heading.
    note : str
        What is to be known about all of them.
    by_kind : bool
        Whether there is a value for every kind of odor; else there is one for a run.
    """

    name: str
    title: str
    note: str
    by_kind: bool = True


GROUPS: tuple[Group, ...] = (
    Group(
        observables.GROUP,
        "Observables",
        "Means over cells and odors. Responses: first 1.5 s of an odor; baseline rate: the second before it; "
        "evoked conductances: the mean over the 500 ms before the odor is subtracted. Conductances are "
        "computed from spikes and wiring, without loss of accuracy.",
    ),
    Group(
        summary.GROUP,
        "From chaos to stability",
        "E cells. Members belong to the assembly of the presented odor; the others are all other E cells. "
        "Intervals between spikes: from onset to offset, cells with at least 5. Fano factor over time: bins "
        "of 100 ms; over trials: windows of 500 ms, where odors are repeated. Patterns: bins of 100 ms of "
        "the first 1.5 s. What no run can tell is left out.",
    ),
    Group(
        memories.GROUP,
        "Memories",
        "Overlap: mean rate of the E members of a memory minus that of all other E cells; in rand, of its "
        "pseudo-assembly. A memory is retrieved if it leads the next one by three standard deviations of "
        "chance. Amplification: rates relative to the rand network of the same seed and odors, if it is "
        "among the runs.",
        by_kind=False,
    ),
)
"""In the order of tables."""


def of_group(name: str) -> Iterator[Measure]:
    """Yield the measures of a group, in the order of tables."""
    return (measure for measure in MEASURES if measure.group == name)
