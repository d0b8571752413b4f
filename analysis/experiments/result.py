"""A run measured odor by odor: its responses, observables and dynamics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eiassembly.analysis.measures.dynamics.summary import KindDynamics, dynamics
from eiassembly.analysis.measures.observables import Observables, observables
from eiassembly.analysis.measures.responses import Responses, measure
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.run import Run


@dataclass(frozen=True)
class RecordingResult:
    """A recording, the responses in it, its observables and its dynamics by the kind of odor."""

    run: Recording
    responses: Responses
    observables: Mapping[str, Observables]
    dynamics: Mapping[str, KindDynamics]

    @property
    def label(self) -> str:
        """Name of the run in tables and figures."""
        return self.run.label


@dataclass(frozen=True)
class RunResult(RecordingResult):
    """What was measured in a run of one of our networks, of which the wiring is known, too."""

    run: Run


def analyse_run(run: Run) -> RunResult:
    """Measure a run (see `measure` for its errors)."""
    return RunResult(**vars(analyse_recording(run)))


def analyse_recording(run: Recording) -> RecordingResult:
    """Measure what follows from spikes, and from wiring where it is known (see `measure` for its errors)."""
    responses = measure(run)
    by_kind = {kind: observables(responses.of_kind(kind), run.wiring) for kind in responses.kinds}
    moving = {kind: dynamics(run, responses.of_kind(kind).presentations) for kind in responses.kinds}
    return RecordingResult(run, responses, by_kind, moving)


def kinds_of(results: Sequence[RecordingResult]) -> tuple[str, ...]:
    """Kinds of odors in any of the runs, in order of appearance."""
    return tuple(dict.fromkeys(kind for result in results for kind in result.observables))
