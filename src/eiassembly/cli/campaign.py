"""``eiassembly campaign``: many runs of one plan; what is done is read from the files alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from eiassembly.campaign.estimate import estimate
from eiassembly.campaign.local import Workers, run_all
from eiassembly.campaign.plan import Campaign, load_campaign
from eiassembly.campaign.states import State, counted, states_of, unfinished
from eiassembly.campaign.submit import submit_runs
from eiassembly.campaign.task import Task, chosen
from eiassembly.cli.options import CAMPAIGN, CAMPAIGN_OUT, FILE, SET
from eiassembly.core.errors import EiassemblyError, EnvironmentProblemError
from eiassembly.core.launcher import expect_one_process
from eiassembly.core.nest_installation import find_nest
from eiassembly.core.processes import processes
from eiassembly.core.processors import usable_processors
from eiassembly.model.simulation.session import default_threads, require_neuron


@click.group()
@click.pass_context
def campaign(ctx: click.Context) -> None:
    """Plan many runs, run them here or with Slurm, see what is missing, collect the results.

    Example: eiassembly campaign plan jobs/campaigns/paper.toml
    """
    if ctx.invoked_subcommand != "task":
        expect_one_process(f"campaign {ctx.invoked_subcommand}")


@campaign.command()
@CAMPAIGN
@CAMPAIGN_OUT
@SET
def plan(campaign: Path, out: Path | None, overrides: tuple[str, ...]) -> None:
    """List the runs with the time and memory that they are estimated to take, and what comes before them.

    Example: eiassembly campaign plan jobs/campaigns/paper.toml --set slurm.ranks=4
    """
    click.echo("\n".join(_planned(load_campaign(campaign, overrides, out))))


def _planned(plan: Campaign) -> Sequence[str]:
    # Tables are aligned by the analysis, which takes longer to import than a plan to be made.
    from eiassembly.analysis.report.tables import aligned

    ranks, numbers = plan.slurm.ranks, {run.name: str(k) for k, run in enumerate(plan.runs)}
    estimates = [estimate(run.config, ranks, run.config.simulation.threads) for run in plan.runs]
    head = ["run", "name", "after", "ranks", "threads", "time (s)", "memory per rank (MiB)"]
    rows = [
        [
            str(k), run.name, numbers[run.after.name] if run.after else "-", str(ranks),
            str(run.config.simulation.threads), f"{found.seconds:.3g}", f"{found.memory:.0f}",
        ]
        for k, (run, found) in enumerate(zip(plan.runs, estimates, strict=True))
    ]  # fmt: skip
    total = sum(found.seconds for found in estimates)
    return (
        f"{plan.name}: {len(plan.runs)} runs in {plan.folder}",
        "",
        aligned([head, *rows]),
        "",
        f"one after the other {total / 60:.3g} min on processors as in docs/scaling.md",
    )


@campaign.command()
@CAMPAIGN
@CAMPAIGN_OUT
@SET
@click.option("--all", "in_full", is_flag=True, help="List the runs that are done, too.")
def status(campaign: Path, out: Path | None, overrides: tuple[str, ...], in_full: bool) -> None:
    """Say which runs are done, running, stopped, failed (and why) or missing.

    Example: eiassembly campaign status jobs/campaigns/paper.toml
    """
    plan = load_campaign(campaign, overrides, out)
    states = states_of(plan)
    click.echo(f"{plan.name}: {counted(states)}; {plan.folder}")
    for k, state in enumerate(states):
        if in_full or state.kind != "done":
            click.echo(_line(k, state))


def _line(k: int, state: State) -> str:
    return f"{k:>5}  {state.kind:<8} {state.run.name}" + (f"  {state.detail}" if state.detail else "")


@campaign.command()
@CAMPAIGN
@CAMPAIGN_OUT
@SET
def collect(campaign: Path, out: Path | None, overrides: tuple[str, ...]) -> None:
    """Measure all runs that are done: results.csv and .json, runs.csv and claims.md in the campaign's folder.

    Example: eiassembly campaign collect jobs/campaigns/paper.toml
    """
    # They import the analysis, which takes longer than the other commands need.
    from eiassembly.analysis.report.claims_page import write_claims_of
    from eiassembly.campaign.collecting import measured, write

    plan = load_campaign(campaign, overrides, out)
    states = states_of(plan)
    not_measured: dict[str, str] = {}
    if not (done := [state.run for state in states if state.kind == "done"]):
        raise EnvironmentProblemError(
            f"{plan.folder}: expected at least one run that is done; {counted(states)}"
        )

    def failed(name: str, error: EiassemblyError) -> None:
        not_measured[name] = str(error).removeprefix(f"{plan.folder}/")
        click.echo(f"eiassembly: warning: {error}", err=True)

    found = measured(plan, done, failed)
    written = write(plan, states, found, not_measured)
    click.echo(f"{plan.name}: {counted(states)}")
    click.echo(f"{', '.join(map(str, written))}: written")
    write_claims_of(found, plan.folder / "claims.md")


@click.command()
@CAMPAIGN
@CAMPAIGN_OUT
@SET
@click.option(
    "--at-once", type=click.IntRange(1), metavar="R", help="Runs at a time [default: processors / threads]."
)
def run(campaign: Path, out: Path | None, overrides: tuple[str, ...], at_once: int | None) -> None:
    """Do on this machine, without Slurm, what is not done yet.

    Ctrl-C, SIGTERM and SIGUSR1 end all runs after a snapshot; the same command goes on from there.

    Example: eiassembly campaign run jobs/campaigns/small.toml --at-once 2
    """
    plan = load_campaign(campaign, overrides, out)
    states = states_of(plan)
    if unfinished(states):
        require_neuron(plan.how.neuron)
    threads = max(run.config.simulation.threads for run in plan.runs)
    options = [f"--out={plan.folder}", *(f"--set={setting}" for setting in overrides)]
    workers = Workers(plan, ("campaign", "task", str(campaign), *options))
    run_all(workers, states, at_once or max(1, len(usable_processors()) // threads))
    left = unfinished(states_of(plan))
    click.echo(f"{plan.name}: {len(plan.runs) - len(left)} of {len(plan.runs)} runs done; {plan.folder}")
    if left:
        raise EiassemblyError(
            f"{len(left)} runs are not done: see eiassembly campaign status, and the file output of the run"
        )


@click.command()
@CAMPAIGN
@CAMPAIGN_OUT
@SET
@click.option("--run", "which", required=True, metavar="K", help="Number of the run, from 0, or its name.")
@click.option(
    "--threads",
    type=click.IntRange(1),
    metavar="T",
    help="Threads per process [default: SLURM_CPUS_PER_TASK or 1].",
)
def task(
    campaign: Path, out: Path | None, overrides: tuple[str, ...], which: str, threads: int | None
) -> None:
    """Work on one run: what the tasks of a job array do; under mpirun or srun all processes together.

    A run that is done is left alone, one that was interrupted goes on; another process that works on it is
    an error, and so is a run that it needs and that is not done. Exit status 143: ended by a signal, to be
    given again.

    Example: srun --mpi=pmix eiassembly campaign task CAMPAIGN.toml --run 3
    """
    nest = find_nest()
    with processes(nest) as communicator:
        with communicator.collective():
            plan = load_campaign(campaign, overrides, out)
            run = chosen(plan, which)
            one = Task(plan, run, threads or default_threads(), communicator, nest)
        one.do()
    if communicator.rank == 0:
        click.echo(f"{one.folder.run}: done")


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--dry-run", is_flag=True, help="Print commands and scripts; do and write nothing."),
        click.option(
            "--environment",
            type=FILE,
            metavar="FILE.sh",
            help="Modules, partition, account: jobs/environment.sh, filled in.",
        ),
        SET,
        CAMPAIGN_OUT,
        CAMPAIGN,
    ):
        command = option(command)
    return command


@click.command()
@_options
def submit(campaign: Path, **options: Any) -> None:
    """Submit all runs as a job array, and a job that collects the results after them.

    Example: eiassembly campaign submit jobs/campaigns/paper.toml --environment environment.sh
    """
    submit_runs(campaign, is_new=True, **options)


@click.command()
@_options
def resume(campaign: Path, **options: Any) -> None:
    """Submit only what is missing, stopped or failed, and collect again.

    Example: eiassembly campaign resume jobs/campaigns/paper.toml --environment environment.sh
    """
    submit_runs(campaign, is_new=False, **options)


for command in (submit, resume, run, task):
    campaign.add_command(command)
