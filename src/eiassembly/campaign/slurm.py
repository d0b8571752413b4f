"""What Slurm is told: the array of the runs, and the job that collects their results."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eiassembly.campaign.estimate import estimate
from eiassembly.campaign.plan import Campaign
from eiassembly.campaign.states import State, unfinished
from eiassembly.core.errors import ConfigError

ARRAY, ANALYSIS, FUNCTIONS = "campaign_array.sbatch", "campaign_analysis.sbatch", "in_job.sh"
SCRIPTS = (ARRAY, ANALYSIS, FUNCTIONS)
_ANALYSIS_MINUTES, _ANALYSIS_MEMORY = 60, 4000


@dataclass(frozen=True)
class Submission:
    """A campaign, or a part of it, as jobs.

    Parameters
    ----------
    campaign : Campaign
        The campaign.
    file : Path
        CAMPAIGN.toml as the jobs are to read it.
    overrides : sequence of str
        ``SECTION.KEY=VALUE``, for the jobs.
    environment : Path or None
        Shell file that is read before every job begins.
    """

    campaign: Campaign
    file: Path
    overrides: Sequence[str]
    environment: Path | None

    @property
    def jobs(self) -> Path:
        """Where the scripts of the jobs are."""
        return self.campaign.folder / "jobs"

    @property
    def logs(self) -> Path:
        """Where the output of the jobs goes."""
        return self.campaign.folder / "logs"

    def variables(self) -> dict[str, str]:
        """Return what the scripts need to know in their environment."""
        known = {
            "EIASSEMBLY_PYTHON": sys.executable,
            "EIASSEMBLY_JOBS": str(self.jobs.resolve()),
            "EIASSEMBLY_ENVIRONMENT": str(self.environment.resolve()) if self.environment else "",
        }
        return {name: value for name, value in known.items() if value}

    def array(self, indices: Sequence[int]) -> list[str]:
        """Return the command that submits some runs.

        Raises
        ------
        ConfigError
            The grace time is as long as the time limit.
        """
        slurm, runs = self.campaign.slurm, [self.campaign.runs[k] for k in indices]
        threads = max(run.config.simulation.threads for run in runs)
        needs = [estimate(run.config, slurm.ranks, run.config.simulation.threads) for run in runs]
        minutes = slurm.minutes or max(need.minutes_to_ask_for for need in needs)
        memory = slurm.memory or max(need.memory_to_ask_for for need in needs)
        if slurm.grace >= 60 * minutes:
            # It would be sent at once, and again after every return to the queue.
            raise ConfigError(
                f"slurm.grace: expected less than the limit of {minutes} min, found {slurm.grace} s"
            )
        nodes = [f"--nodes={slurm.nodes}"] if slurm.nodes else []
        return [
            *_sbatch(self.campaign.name, self.logs / "%A_%a.log"),
            f"--array={ranges(indices)}%{slurm.at_once}",
            *nodes,
            f"--ntasks={slurm.ranks}",
            f"--cpus-per-task={threads}",
            f"--mem-per-cpu={-(-memory // threads)}M",
            f"--time={minutes}",
            f"--signal=B:USR1@{slurm.grace}",
            str(self.jobs / ARRAY),
            *self._arguments(),
        ]

    def analysis(self) -> list[str]:
        """Return the command that submits the collection."""
        return [
            *_sbatch(f"{self.campaign.name}-collect", self.logs / "collect_%j.log"),
            f"--mem={_ANALYSIS_MEMORY}M",
            f"--time={_ANALYSIS_MINUTES}",
            str(self.jobs / ANALYSIS),
            *self._arguments(),
        ]

    def _arguments(self) -> list[str]:
        settings = (f"--set={setting}" for setting in self.overrides)
        return [str(self.file.resolve()), f"--out={self.campaign.folder.resolve()}", *settings]


def stages(states: Sequence[State]) -> list[list[int]]:
    """Sort the runs that are left to do: the arrays that are to follow each other.

    Parameters
    ----------
    states : sequence of State
        Of all runs of a campaign.

    Returns
    -------
    list of list of int
        Indices; runs that need others come after them, those that need one which is running are in none.
    """
    found = {state.run.name: state for state in states}
    depths = [_depth(states[k], found) for k in unfinished(states)]
    by_depth: dict[int, list[int]] = {}
    for k, depth in zip(unfinished(states), depths, strict=True):
        if depth is not None:
            by_depth.setdefault(depth, []).append(k)
    return [by_depth[depth] for depth in sorted(by_depth)]


def _depth(state: State, states: Mapping[str, State]) -> int | None:
    """How many runs have to be done before; None if one of them is running."""
    if state.run.after is None or (before := states[state.run.after.name]).kind == "done":
        return 0
    depth = None if before.kind == "running" else _depth(before, states)
    return None if depth is None else depth + 1


def after(jobs: Sequence[str], command: Sequence[str]) -> list[str]:
    """Let a job wait until others have ended; not afterok, as what can be done is done if a run has failed.

    >>> after(["7", "8"], ["sbatch", "script"])
    ['sbatch', '--dependency=afterany:7:8', 'script']
    """
    dependency = [f"--dependency=afterany:{':'.join(jobs)}"] if jobs else []
    return [command[0], *dependency, *command[1:]]


def _sbatch(name: str, log: Path) -> list[str]:
    return ["sbatch", "--parsable", f"--job-name={name}", f"--output={log}"]


def ranges(indices: Iterable[int]) -> str:
    """Return what ``sbatch --array`` takes.

    >>> ranges([0, 1, 2, 5, 7, 8])
    '0-2,5,7-8'
    """
    parts: list[list[int]] = []
    for index in sorted(indices):
        if parts and parts[-1][-1] == index - 1:
            parts[-1] = [parts[-1][0], index]
        else:
            parts.append([index])
    return ",".join("-".join(map(str, part)) for part in parts)


def script(name: str) -> str:
    """Return the text of a script of the folder jobs/."""
    return files("eiassembly.jobs").joinpath(name).read_text("utf-8")


def inherited() -> dict[str, str]:
    """Return the environment for ``sbatch``: without what a step of another job has left in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_STEP", "PMI"))}
