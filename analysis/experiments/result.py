"""A run measured odor by odor: its responses, observables, dynamics and memories, and the samples of them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from eiassembly.analysis.experiments import sequence
from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.dynamics.summary import KindDynamics, dynamics
from eiassembly.analysis.measures.measure import Measure, Sample, value_of
from eiassembly.analysis.measures.memory.memories import MemoryResult, amplifications, measure_memory
from eiassembly.analysis.measures.observables import Observables, observables, population_rate
from eiassembly.analysis.measures.responses import Responses, measure
from eiassembly.analysis.runs.identity import name_of
from eiassembly.analysis.runs.recording import Recording
from eiassembly.analysis.runs.run import Run


@dataclass(frozen=True)
class RecordingResult:
    """A recording, the responses in it, its observables and its dynamics by the kind of odor, its memories.

    Everything that tables, files and claims say of it is in `samples`, which are made once.
    """

    run: Recording
    responses: Responses
    observables: Mapping[str, Observables]
    dynamics: Mapping[str, KindDynamics]
    memory: MemoryResult | None = None

    @property
    def label(self) -> str:
        """Name of the run in tables and figures."""
        return self.run.label

    @property
    def experiment(self) -> str:
        """Name of the experiment that the samples belong to; empty if none."""
        return ""

    @cached_property
    def samples(self) -> tuple[Sample, ...]:
        """Every measure of the catalogue, kind by kind, then those of the whole run."""
        network = name_of(self.run.wiring.description)
        return tuple(
            Sample(
                self.experiment, network, self.run.structure, one.name, value_of(one, self, condition),
                condition, one.unit, self.label,
            )
            for condition, one in self._measured()
        )  # fmt: skip

    def _measured(self) -> Iterator[tuple[str, Measure]]:
        """Yield conditions and measures."""
        by_kind = {group.name: group.by_kind for group in catalogue.GROUPS}
        for kind in self.observables:
            yield from ((kind, one) for one in catalogue.MEASURES if by_kind[one.group])
            yield from ((kind, population_rate(name)) for name in self.responses.of_kind(kind).mean_rates)
        if self.memory is not None:
            yield from (("", one) for one in catalogue.MEASURES if not by_kind[one.group])

    @cached_property
    def _values(self) -> Mapping[tuple[str, str], float]:
        return {(sample.measure, sample.condition): sample.value for sample in self.samples}

    def value(self, measure: Measure, condition: str) -> float:
        """Return a measure for a kind of odor, or ``""`` for what is of the whole run; NaN if undefined."""
        return self._values.get((measure.name, condition), math.nan)


@dataclass(frozen=True)
class RunResult(RecordingResult):
    """What was measured in a run of one of our networks, of which the wiring is known, too."""

    run: Run

    @property
    def experiment(self) -> str:
        """The sequence of odors, if network and protocol are as published."""
        return sequence.NAME if sequence.is_sequence(self.run) else ""


AnyResult = TypeVar("AnyResult", bound=RecordingResult)


def analyse_run(run: Run) -> RunResult:
    """Measure a run (see `measure` for its errors)."""
    return RunResult(**vars(analyse_recording(run)))


def analyse_recording(run: Recording) -> RecordingResult:
    """Measure what follows from spikes, and from wiring where it is known (see `measure` for its errors)."""
    responses = measure(run)
    by_kind = {kind: observables(responses.of_kind(kind), run.wiring) for kind in responses.kinds}
    moving = {kind: dynamics(run, responses.of_kind(kind).presentations) for kind in responses.kinds}
    return RecordingResult(run, responses, by_kind, moving, measure_memory(run, responses))


def compared(results: Sequence[AnyResult]) -> tuple[AnyResult, ...]:
    """Add what needs several runs: memories are compared with those of the rand counterpart among them."""
    found = amplifications([(result.run, result.responses) for result in results])
    return tuple(
        result
        if result.memory is None
        else replace(result, memory=replace(result.memory, amplification=ratio))
        for result, ratio in zip(results, found, strict=True)
    )


def kinds_of(results: Sequence[RecordingResult]) -> tuple[str, ...]:
    """Kinds of odors in any of the runs, in order of appearance."""
    return tuple(dict.fromkeys(kind for result in results for kind in result.observables))
