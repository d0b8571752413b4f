"""What tables and result files are made of: measures of recordings, experiments, and how claims fare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from eiassembly.analysis.claims import Judged
from eiassembly.analysis.experiments import Experiment, Measured
from eiassembly.analysis.tables import RecordingResult


class Surveyed(Protocol):
    """A `Survey` of runs, or a `ForeignSurvey`."""

    @property
    def results(self) -> Sequence[RecordingResult]:
        """What was measured odour by odour."""

    @property
    def experiments(self) -> Sequence[tuple[Experiment, Measured]]:
        """Experiments that there are runs of."""

    @property
    def findings(self) -> Sequence[Judged]:
        """What the paper says about what was run, and whether it holds."""


@dataclass(frozen=True)
class ForeignSurvey:
    """What was measured in recordings of which the paper says nothing, and that belong to no experiment."""

    results: Sequence[RecordingResult]
    experiments: Sequence[tuple[Experiment, Measured]] = ()
    findings: Sequence[Judged] = ()
