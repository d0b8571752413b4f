"""Runs and external recordings with methods that give what notebooks work with."""

from dataclasses import dataclass, fields
from typing import Any

from eiassembly.analysis.notebook.conversions import Conversions
from eiassembly.analysis.runs.external import ExternalRecording
from eiassembly.analysis.runs.run import Run


@dataclass(frozen=True, eq=False, repr=False)
class NotebookRun(Conversions, Run):
    """A `Run` that can be turned into tables and into other people's objects."""


@dataclass(frozen=True, eq=False, repr=False)
class NotebookRecording(Conversions, ExternalRecording):
    """An `ExternalRecording` that can be turned into tables and into other people's objects."""


def _given(recording: Run | ExternalRecording) -> dict[str, Any]:
    return {field.name: getattr(recording, field.name) for field in fields(recording) if field.init}


def run_for_notebooks(run: Run) -> NotebookRun:
    """Return the run with `Conversions`."""
    return NotebookRun(**_given(run))


def recording_for_notebooks(recording: ExternalRecording) -> NotebookRecording:
    """Return the recording with `Conversions`."""
    return NotebookRecording(**_given(recording))
