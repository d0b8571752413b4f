"""What Slurm is told: the array of the runs, and the job that collects their results."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from eiassembly.campaign.estimate import estimate
from eiassembly.campaign.plan import Campaign
from eiassembly.model.errors import ConfigError

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
    indices : sequence of int
        Runs to work on.
    overrides : sequence of str
        ``SECTION.KEY=VALUE``, for the jobs.
    environment : Path or None
        Shell file that is read before every job begins.
    """

    campaign: Campaign
    file: Path
    indices: Sequence[int]
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

    def array(self) -> list[str]:
        """Return the command that submits the runs.

        Raises
        ------
        ConfigError
            The grace time is as long as the time limit.
        """
        slurm, runs = self.campaign.slurm, [self.campaign.runs[k] for k in self.indices]
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
            f"--array={ranges(self.indices)}%{slurm.at_once}",
            *nodes,
            f"--ntasks={slurm.ranks}",
            f"--cpus-per-task={threads}",
            f"--mem-per-cpu={-(-memory // threads)}M",
            f"--time={minutes}",
            f"--signal=B:USR1@{slurm.grace}",
            str(self.jobs / ARRAY),
            *self._arguments(),
        ]

    def analysis(self, array: str) -> list[str]:
        """Return the command that submits the collection, after an array whose number is given."""
        return [
            *_sbatch(f"{self.campaign.name}-collect", self.logs / "collect_%j.log"),
            # Not afterok: what there is is collected also if a run has failed.
            f"--dependency=afterany:{array}",
            f"--mem={_ANALYSIS_MEMORY}M",
            f"--time={_ANALYSIS_MINUTES}",
            str(self.jobs / ANALYSIS),
            *self._arguments(),
        ]

    def _arguments(self) -> list[str]:
        settings = (f"--set={setting}" for setting in self.overrides)
        return [str(self.file.resolve()), f"--out={self.campaign.folder.resolve()}", *settings]


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
