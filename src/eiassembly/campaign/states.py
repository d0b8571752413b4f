"""What became of the runs of a campaign, read from their files alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import h5py

from eiassembly.campaign.folders import FAILED, STARTED, STOPPED, RunFolder, folder_of, stored_identity
from eiassembly.campaign.locking import holder
from eiassembly.campaign.plan import Campaign, PlannedRun
from eiassembly.core import schema
from eiassembly.core.errors import FileFormatError

Kind = Literal["done", "running", "stopped", "failed", "missing"]
KINDS: tuple[Kind, ...] = ("done", "running", "stopped", "failed", "missing")


@dataclass(frozen=True)
class State:
    """What became of a run.

    Parameters
    ----------
    run : PlannedRun
        The run.
    kind : str
        One of ``KINDS``: *stopped* runs were ended or killed and go on, *failed* ones ended with an error.
    detail : str
        Who works on it, how far it came, why it failed, which run it waits for.
    """

    run: PlannedRun
    kind: Kind
    detail: str = ""


def state_of(campaign: Campaign, run: PlannedRun) -> State:
    """Look at the files of one run; nothing is changed."""
    found = _state_alone(campaign, run)
    if run.after is None or found.kind in ("done", "running") or is_done(campaign, run.after):
        return found
    return replace(found, detail="; ".join(filter(None, (f"waits for {run.after.name}", found.detail))))


def is_done(campaign: Campaign, run: PlannedRun) -> bool:
    """Whether its result is there."""
    folder = folder_of(campaign, run)
    return folder.run.is_file() and not problem_with(folder, run)


def _state_alone(campaign: Campaign, run: PlannedRun) -> State:
    """Whatever other runs are like."""
    folder = folder_of(campaign, run)
    if not folder.path.is_dir():
        return State(run, "missing")
    if folder.run.is_file():
        problem = problem_with(folder, run)
        return State(run, "failed", f"run.h5: {problem}") if problem else State(run, "done")
    owner = holder(folder.lock)
    if owner is not None:
        return State(run, "running", "; ".join(filter(None, (f"{owner}", _progress(folder)))))
    return _unfinished(folder, run)


def states_of(campaign: Campaign) -> list[State]:
    """Look at the files of all runs, in their order."""
    return [state_of(campaign, run) for run in campaign.runs]


def unfinished(states: Sequence[State]) -> list[int]:
    """Return the indices of runs that somebody has to work on: neither done nor running."""
    return [k for k, state in enumerate(states) if state.kind not in ("done", "running")]


def counted(states: Sequence[State]) -> str:
    """Return ``80 runs: 70 done, 10 missing``."""
    counts = Counter(state.kind for state in states)
    parts = [f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]]
    return f"{len(states)} runs: {', '.join(parts)}"


def problem_with(folder: RunFolder, run: PlannedRun) -> str:
    """Return why RUN.h5 is not the result of a run; empty if it is."""
    try:
        found, is_complete = stored_identity(folder.run)
    except FileFormatError as error:
        return str(error).removeprefix(f"{folder.run}: ")
    if found != run.identity:
        return "of another configuration"
    return "" if is_complete else "not complete"


def _unfinished(folder: RunFolder, run: PlannedRun) -> State:
    word, text = folder.last_note()
    progress = _progress(folder)
    if word == FAILED:
        return State(run, "failed", text)
    if word == STOPPED:
        return State(run, "stopped", "; ".join(filter(None, (text, progress))))
    if word == STARTED:
        killed = "killed without a word: out of memory or time, or the machine failed"
        return State(run, "stopped", "; ".join((progress or "nothing simulated", killed)))
    return State(run, "missing")


def _progress(folder: RunFolder) -> str:
    """How far the simulation is; a look at a file that another process may be writing."""
    try:
        with h5py.File(folder.partial, "r", locking=False) as h5:
            return ", ".join(_described(h5))
    except (OSError, KeyError, RuntimeError, ValueError):
        return ""


def _described(h5: h5py.File) -> Iterator[str]:
    root = h5[schema.ROOT].attrs
    yield f"{root['simulated'] / 1000:g} of {root['duration'] / 1000:g} s simulated"
    if schema.CHECKPOINT in h5:
        yield "with a snapshot"
