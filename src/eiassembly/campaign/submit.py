"""The runs of a campaign as jobs of Slurm: what is submitted, and how."""

import hashlib
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click

from eiassembly.campaign.plan import load_campaign
from eiassembly.campaign.slurm import SCRIPTS, Submission, after, inherited, script, stages
from eiassembly.campaign.states import State, counted, states_of
from eiassembly.core.errors import ConfigError, EnvironmentProblemError
from eiassembly.core.files import describe_os_error, make_directory, written_beside

_IN_ENVIRONMENT = '. "$EIASSEMBLY_ENVIRONMENT" && exec "$@"'
"""The environment file may say, for sbatch, too, which partition and account."""


def submit_runs(
    file: Path,
    is_new: bool,
    out: Path | None,
    overrides: tuple[str, ...],
    environment: Path | None,
    dry_run: bool,
) -> None:
    """Submit what is left of a campaign, and a job that collects the results after it.

    Raises
    ------
    EiassemblyError
        It has begun but is said to be new, files that are not there, a refusal of Slurm.
    """
    plan = load_campaign(file, overrides, out)
    states = states_of(plan)
    _check(states, is_new, environment)
    if not (parts := stages(states)):
        click.echo(f"{plan.name}: {counted(states)}; nothing to submit")
        return
    frozen = plan.folder / "jobs" / _digest(file) / f"{plan.name}.toml"
    submission = Submission(plan, frozen, overrides, environment)
    commands = [submission.array(indices) for indices in parts]
    if dry_run:
        _show(submission, commands)
        return
    _write(submission, file)
    arrays: list[str] = []
    for command in commands:
        arrays.append(_sbatch(after(arrays[-1:], command), submission))
    analysis = _sbatch(after(arrays, submission.analysis()), submission)
    jobs = " after it, job ".join(arrays)
    n_runs = sum(map(len, parts))
    click.echo(f"{plan.name}: {n_runs} runs submitted as job {jobs}, job {analysis} collects them")


def _check(states: Sequence[State], is_new: bool, environment: Path | None) -> None:
    if is_new and any(state.kind != "missing" for state in states):
        raise ConfigError(f"expected a campaign that has not begun, found {counted(states)}; use resume")
    if environment is not None and not environment.is_file():
        raise ConfigError(f"--environment: expected a shell file, found no file {environment}")


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def _show(submission: Submission, commands: Sequence[Sequence[str]]) -> None:
    arrays = [f"ARRAY{k or ''}" for k in range(len(commands))]
    for k, command in enumerate(commands):
        click.echo(shlex.join(after(arrays[max(0, k - 1) : k], command)))
    click.echo(shlex.join(after(arrays, submission.analysis())))
    for name in SCRIPTS:
        click.echo(f"\n# {submission.jobs / name}\n{script(name)}", nl=False)


def _write(submission: Submission, file: Path) -> None:
    """Write what the jobs read: tasks that wait for days must not see a file that is edited meanwhile."""
    for folder in (submission.file.parent, submission.logs):
        make_directory(folder)
    contents = {submission.jobs / name: script(name) for name in SCRIPTS}
    contents[submission.file] = file.read_text(encoding="utf-8")
    for path, text in contents.items():
        with written_beside(path) as partial:
            partial.write_text(text, encoding="utf-8", errors="surrogateescape")


def _sbatch(command: Sequence[str], submission: Submission) -> str:
    """Submit a job; return its number."""
    if submission.environment is not None:
        command = ["bash", "-c", _IN_ENVIRONMENT, "bash", *command]
    variables = inherited() | submission.variables()
    try:
        done = subprocess.run(
            command, env=variables, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    except OSError as error:
        raise EnvironmentProblemError(
            f"sbatch: cannot be started: {describe_os_error(error)}; without Slurm: eiassembly campaign run"
        ) from error
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise EnvironmentProblemError(f"sbatch: {said.removeprefix('sbatch: error: ')}")
    # The environment file may say something, too; a cluster's name may follow the number.
    return done.stdout.split()[-1].partition(";")[0]
