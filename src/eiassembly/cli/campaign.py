"""``eiassembly campaign``: many runs of one plan; what is done is read from the files alone."""

from collections.abc import Sequence
from pathlib import Path

import click

from eiassembly.campaign.estimate import estimate
from eiassembly.campaign.folders import folder_of
from eiassembly.campaign.plan import Campaign, PlannedRun, load_campaign
from eiassembly.campaign.states import State, counted, states_of
from eiassembly.cli import campaign_local
from eiassembly.cli.campaign_options import CAMPAIGN, OUT
from eiassembly.cli.campaign_slurm import resume, submit
from eiassembly.cli.campaign_task import task
from eiassembly.cli.options import SET
from eiassembly.model.errors import EiassemblyError, EnvironmentProblemError
from eiassembly.model.launcher import expect_one_process


@click.group()
@click.pass_context
def campaign(ctx: click.Context) -> None:
    """Plan many runs, run them here or with Slurm, see what is missing, collect the results.

    Example: eiassembly campaign plan jobs/campaigns/paper.toml
    """
    if ctx.invoked_subcommand != "task":
        expect_one_process(f"campaign {ctx.invoked_subcommand}")


for command in (submit, resume, campaign_local.run, task):
    campaign.add_command(command)


@campaign.command()
@CAMPAIGN
@OUT
@SET
def plan(campaign: Path, out: Path | None, overrides: tuple[str, ...]) -> None:
    """List the runs with the time and memory that they are estimated to take, and what comes before them.

    Example: eiassembly campaign plan jobs/campaigns/paper.toml --set slurm.ranks=4
    """
    click.echo("\n".join(_planned(load_campaign(campaign, overrides, out))))


def _planned(plan: Campaign) -> Sequence[str]:
    # Tables are aligned by the analysis, which takes longer to import than a plan to be made.
    from eiassembly.analysis.tables import aligned

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
@OUT
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
@OUT
@SET
def collect(campaign: Path, out: Path | None, overrides: tuple[str, ...]) -> None:
    """Measure all runs that are done: results.csv, results.json and claims.md in the campaign's folder.

    Example: eiassembly campaign collect jobs/campaigns/paper.toml
    """
    # It imports the analysis, which takes longer than the other commands need.
    from eiassembly.campaign.collecting import Row, rows_of, write

    plan = load_campaign(campaign, overrides, out)
    states = states_of(plan)
    rows: list[Row] = []
    not_measured: dict[str, str] = {}
    if not (done := [state.run for state in states if state.kind == "done"]):
        raise EnvironmentProblemError(
            f"{plan.folder}: expected at least one run that is done; {counted(states)}"
        )
    for run in done:
        try:
            rows += rows_of(plan, run)
        except EiassemblyError as error:
            not_measured[run.name] = str(error).removeprefix(f"{plan.folder}/")
            click.echo(f"eiassembly: warning: {error}", err=True)
    written = write(plan, states, rows, not_measured)
    click.echo(f"{plan.name}: {counted(states)}")
    click.echo(f"{', '.join(map(str, written))}: written")
    _judge(plan, [run for run in done if run.name not in not_measured])


def _judge(plan: Campaign, measured: Sequence[PlannedRun]) -> None:
    """Write the claims by all that could be measured; the table is there whatever becomes of them."""
    from eiassembly.analysis.results import open_run
    from eiassembly.cli.claims import write_claims

    try:
        write_claims([open_run(folder_of(plan, run).run) for run in measured], plan.folder / "claims.md")
    except EiassemblyError as error:  # too few odors or networks for one of the measures
        click.echo(f"eiassembly: warning: claims.md is not written: {error}", err=True)
