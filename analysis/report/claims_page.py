"""The claims of the paper as a page: a row for each, what was measured, the verdict, and its figure."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pydantic import Field

import eiassembly
from eiassembly.analysis.claims.claim import Claim, Judged, SampleTable, judge
from eiassembly.analysis.claims.paper import CLAIMS
from eiassembly.analysis.experiments.all import all_measures
from eiassembly.analysis.experiments.sequence import is_sequence
from eiassembly.analysis.figures.claims import claim_figure
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.measures.memory import memories
from eiassembly.analysis.report.survey import Survey, survey
from eiassembly.analysis.runs.identity import network_name, odors_config
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.analysis.runs.run import Run
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import csv_beside, make_directory, written_beside
from eiassembly.core.records import Section
from eiassembly.core.toml import read_table, validated

HOLDS, FAILS, PARTLY, INCOMPLETE, MISSING = (
    "holds", "does not hold", "holds in part", "holds as far as measured", "not measured"
)  # fmt: skip
VERDICTS = (HOLDS, INCOMPLETE, PARTLY, FAILS, MISSING)


class Notes(Section):
    """What people add to the page: how the runs were made, and why a claim does not hold."""

    introduction: str = Field(default="", description="Markdown above the table [-], ours")
    claims: dict[str, str] = Field(default={}, description="Markdown by the number of a claim [-], ours")


def read_notes(path: Path) -> Notes:
    """Read NOTES.toml.

    Raises
    ------
    ConfigError
        Unreadable, unknown key, or a claim that there is not.
    """
    table = read_table(path)
    notes = validated(Notes, table, str(path))
    known = {claim.name for claim in CLAIMS}
    for name in notes.claims:
        if name not in known:
            raise ConfigError(f"{path}: claims.{name}: expected one of {', '.join(sorted(known))}")
    return notes


@dataclass(frozen=True)
class Row:
    """A claim and what became of its statements."""

    claim: Claim
    judged: tuple[Judged, ...]

    @property
    def verdict(self) -> str:
        """One of ``VERDICTS``."""
        found = {one.holds for one in self.judged}
        if False in found:
            return PARTLY if True in found else FAILS
        if None in found:
            return INCOMPLETE if True in found else MISSING
        return HOLDS

    @property
    def shown(self) -> tuple[Judged, ...]:
        """Statements that could be judged."""
        return tuple(one for one in self.judged if one.values)


def rows_of(samples: Sequence[Sample]) -> tuple[Row, ...]:
    """Judge all claims on some samples."""
    table, measures = SampleTable(tuple(samples)), all_measures()
    return tuple(Row(claim, judge(claim, table, measures)) for claim in CLAIMS)


def write_samples(samples: Sequence[Sample], path: Path) -> None:
    """Write all samples as CSV in long form: a row per number.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with csv_beside(path) as file:
        table = csv.writer(file)
        table.writerow(["experiment", "network", "structure", "condition", "quantity", "unit", "value"])
        for s in samples:
            value = "" if math.isnan(s.value) else s.value
            table.writerow([s.experiment, s.network, s.structure, s.condition, s.measure, s.unit, value])


def write_page(rows: Sequence[Row], runs: Sequence[Run], path: Path, notes: Notes | None = None) -> None:
    """Write CLAIMS.md, and its figures into a folder beside it.

    Parameters
    ----------
    rows : sequence of Row
        All claims.
    runs : sequence of Run
        What was measured.
    path : Path
        CLAIMS.md; the folder is ``CLAIMS_figures``.
    notes : Notes, optional
        Introduction and explanations.

    Raises
    ------
    EnvironmentProblemError
        A file cannot be written.
    """
    folder = path.with_name(f"{path.stem}_figures")
    figures = dict(_written_figures(rows, folder))
    with written_beside(path) as partial:
        partial.write_text(
            _rendered(rows, runs, notes or Notes(), figures), encoding="utf-8", errors="surrogateescape"
        )


def _written_figures(rows: Sequence[Row], folder: Path) -> Iterator[tuple[str, str]]:
    """Write a figure for every claim that was measured; name of the claim and path from the page."""
    make_directory(folder)
    for row in rows:
        if row.shown:
            target = folder / f"{row.claim.name}.svg"
            with figure_style(), written_beside(target) as partial:
                figure = claim_figure(row.shown, all_measures())
                figure.savefig(partial, format="svg", metadata={"Date": None, "Creator": None})
            yield row.claim.name, f"{folder.name}/{target.name}"


def _rendered(rows: Sequence[Row], runs: Sequence[Run], notes: Notes, figures: dict[str, str]) -> str:
    environment = Environment(
        loader=PackageLoader("eiassembly.analysis.report", ""), undefined=StrictUndefined,
        autoescape=select_autoescape(default=False),
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template("claims.md.j2").render(
        version=eiassembly.__version__,
        rows=rows,
        counts=[(verdict, n) for verdict in VERDICTS if (n := [r.verdict for r in rows].count(verdict))],
        notes=notes,
        figures=figures,
        networks=_networks(runs),
        runs=[_described(run) for run in runs],
    )


def _networks(runs: Sequence[Run]) -> str:
    """Count the runs of every network: ``A seed 1 (12 runs), …``."""
    counts = Counter(network_name(run) for run in runs)
    return ", ".join(f"{name} ({n} runs)" for name, n in sorted(counts.items()))


def _described(run: Run) -> dict[str, Any]:
    return {
        "file": f"{run.path.parent.name}/{run.path.name}",
        "network": network_name(run),
        "structure": structure_look(run.structure).title,
        "odors": odors_config(run).get("kind", "–"),
        "seconds": f"{run.duration / 1000:g}",
        "delay": f"{run.delay:g}",
        "network_hash": run.network_hash[:10],
        "odors_hash": run.odors_hash[:10],
    }


def write_claims(runs: Sequence[Run], out: Path, notes: Notes | None = None) -> None:
    """Judge the claims by some runs; write CLAIMS.md, its figures and CLAIMS.csv.

    Parameters
    ----------
    runs : sequence of Run
        Of any protocols.
    out : Path
        CLAIMS.md.
    notes : Notes, optional
        Introduction and explanations.

    Raises
    ------
    EiassemblyError
        A run that cannot be measured, files that cannot be written.
    """
    write_claims_of(survey(runs, ordinary=is_sequence, log=click.echo), out, notes)


def write_claims_of(measured: Survey, out: Path, notes: Notes | None = None) -> None:
    """Judge the claims by what was measured; write CLAIMS.md, its figures and CLAIMS.csv.

    Parameters
    ----------
    measured : Survey
        Runs of any protocols.
    out, notes
        See `write_claims`.

    Raises
    ------
    EnvironmentProblemError
        A file cannot be written.
    """
    samples = claimable(measured.samples)
    rows = rows_of(samples)
    write_samples(samples, out.with_suffix(".csv"))
    write_page(rows, measured.runs, out, notes)
    click.echo("\n".join(f"{row.claim.name:<4}{row.verdict:<26}{row.claim.text}" for row in rows))
    click.echo(f"{out}, {out.with_suffix('.csv')}: written")


def claimable(samples: Sequence[Sample]) -> list[Sample]:
    """Choose the samples of experiments, what claims can be about; those of memories come last."""
    measures = all_measures()
    found = [one for one in samples if one.measure in measures.get(one.experiment, ())]
    return sorted(found, key=lambda one: measures[one.experiment][one.measure].group == memories.GROUP)
