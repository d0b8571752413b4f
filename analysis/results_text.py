"""Everything measured, as text for a terminal."""

from eiassembly.analysis.claims import Judged
from eiassembly.analysis.sample_tables import experiment_table
from eiassembly.analysis.surveyed import Surveyed
from eiassembly.analysis.tables import (
    aligned,
    dynamics_rows,
    kinds_of,
    memories_as_text,
    rows_of,
    table_as_text,
)


def as_text(survey: Surveyed) -> str:
    """Tables for a terminal: of runs odour by odour, of experiments, and what the paper says.

    Two tables per kind of odour, rows are observables and dynamics, columns are runs; one table per
    experiment, columns are structures.
    """
    results = survey.results
    kinds = kinds_of(results)
    parts = [table_as_text(results, f"{kind} odors", kind, rows_of) for kind in kinds]
    parts += [table_as_text(results, f"dynamics, {kind} odors", kind, dynamics_rows) for kind in kinds]
    parts += memories_as_text(results)
    parts += [aligned(experiment_table(e, found.samples()).as_rows()) for e, found in survey.experiments]
    findings = survey.findings
    if findings:
        lines = [_finding_as_text(finding) for finding in findings]
        parts.append("\n".join(["What the paper says, and these runs", *lines]))
    return "\n\n".join(parts)


def _finding_as_text(finding: Judged) -> str:
    verdict = "holds" if finding.holds else "does not hold"
    claim = finding.claim
    return f"{claim.name}  {verdict}: {finding.statement.text} ({claim.source}): {finding.measured}"
