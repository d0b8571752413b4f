"""What the paper says about the structures, and what the runs at hand show (claims R1 to R7, S2 to S7)."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from eiassembly.analysis.observables import QUANTITIES, Quantity
from eiassembly.analysis.style import structure_look

ByStructure = Mapping[str, Mapping[str, Any]]
"""Structure → kind of odour → an object with measures as attributes, e.g. `Observables`."""


@dataclass(frozen=True)
class Finding:
    """One statement of the paper and what was measured.

    Parameters
    ----------
    claim : str
        Its number in the table of claims.
    statement, source : str
        What the paper says, and where.
    measured : str
        The numbers.
    holds : bool
        Whether they agree.
    """

    claim: str
    statement: str
    source: str
    measured: str
    holds: bool


@dataclass(frozen=True)
class Statement:
    """One statement of the paper as a condition on a measure of some groups of structures.

    Parameters
    ----------
    claim, text, source : str
        As in `Finding`.
    kind : str
        Kind of odours.
    quantity : str
        Name of the measure.
    groups : tuple of str
        Which structures it is about: ``rand``, ``scaled_i``, ``tuned``.
    holds : callable
        Says whether the values, by structure, agree.
    value : callable, optional
        Gives the value to compare in place of the measure itself.
    """

    claim: str
    text: str
    source: str
    kind: str
    quantity: str
    groups: tuple[str, ...]
    holds: Callable[[Mapping[str, float]], bool]
    value: Callable[[Any], float] | None = None

    def of(self, measures: Any) -> float:
        """Value of a structure from its measures."""
        return float(getattr(measures, self.quantity) if self.value is None else self.value(measures))


def _near_rand(tolerance: float) -> Callable[[Mapping[str, float]], bool]:
    return lambda values: all(abs(value / values["rand"] - 1) <= tolerance for value in values.values())


def descending(*groups: str) -> Callable[[Mapping[str, float]], bool]:
    """Every member of a group above every member of the next one."""

    def holds(values: Mapping[str, float]) -> bool:
        ranks = [[values[s] for s in _GROUPS[group] if s in values] for group in groups]
        return all(min(high) > max(low) for high, low in pairwise(ranks))

    return holds


_GROUPS = MappingProxyType({"rand": ("rand",), "scaled_i": ("scaled_i",), "tuned": ("tuned_i", "tuned_ei")})
_STATEMENTS = (
    Statement(
        "S2", "Scaled I answers learned odors at the rate of rand, within 15 %", "Fig. 2C, F",
        "learned", "odor_rate", ("rand", "scaled_i"), _near_rand(0.15),
    ),
    Statement(
        "S2", "Tuned networks answer learned odors at the rate of rand, within 15 %", "Fig. 2C, F",
        "learned", "odor_rate", ("rand", "tuned"), _near_rand(0.15),
    ),
    Statement(
        "S3", "Tuned networks answer novel odors at the rate of rand, within 10 %", "Fig. 2F",
        "novel", "odor_rate", ("rand", "tuned"), _near_rand(0.1),
    ),
    Statement(
        "S3", "Scaled I answers novel odors at less than 0.7 times the rate of rand", "Fig. 2F",
        "novel", "odor_rate", ("rand", "scaled_i"), lambda v: v["scaled_i"] < 0.7 * v["rand"],
    ),
    Statement(
        "S4", "Assemblies fire most in Scaled I, then in tuned networks, least in rand", "Fig. 2E, G",
        "learned", "assembly_rate", ("rand", "scaled_i", "tuned"), descending("scaled_i", "tuned", "rand"),
    ),
    Statement(
        "S5", "Outside the assembly Scaled I is suppressed below rand", "Fig. 2G",
        "learned", "outside_rate", ("rand", "scaled_i"), descending("rand", "scaled_i"),
    ),
    Statement(
        "S6", "E and I conductances correlate most in tuned networks, least in Scaled I", "Fig. 2H",
        "learned", "cotuning_correlation", ("rand", "scaled_i", "tuned"),
        descending("tuned", "rand", "scaled_i"),
    ),
    Statement(
        "S7", "Conductances keep closer to the axis of balance in tuned networks than in rand", "Fig. 2I",
        "learned", "cotuning_ratio", ("rand", "tuned"), descending("tuned", "rand"),
    ),
)  # fmt: skip


def findings(
    runs: ByStructure,
    statements: Sequence[Statement] = _STATEMENTS,
    quantities: Sequence[tuple[str, Quantity]] = QUANTITIES,
) -> tuple[Finding, ...]:
    """Compare the structures; statements about structures or odours that were not run are left out.

    Parameters
    ----------
    runs : mapping
        Structure → kind of odour → an object with the measures as attributes.
    statements : sequence of Statement
        What to compare; by default what the paper says about the observables.
    quantities : sequence of (str, Quantity)
        Names of the measures and what they are.
    """
    units = {name: quantity.unit for name, quantity in quantities}
    found = (_finding(statement, runs, units[statement.quantity]) for statement in statements)
    return tuple(finding for finding in found if finding is not None)


def _finding(statement: Statement, runs: ByStructure, unit: str) -> Finding | None:
    measured = {
        structure: statement.of(kinds[statement.kind])
        for structure, kinds in runs.items()
        if statement.kind in kinds
    }
    values = {s: v for s, v in measured.items() if not math.isnan(v)}
    groups = {group: [s for s in _GROUPS[group] if s in values] for group in statement.groups}
    if not all(groups.values()):
        return None
    compared = {s: values[s] for group in groups.values() for s in group}
    return Finding(
        statement.claim,
        statement.text,
        statement.source,
        _listed(compared, "" if unit == "1" else unit),
        statement.holds(compared),
    )


def _listed(values: Mapping[str, float], unit: str) -> str:
    digits = {s: f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" for s, value in values.items()}
    parts = [f"{structure_look(s).title} {text}" for s, text in digits.items()]
    return f"{', '.join(parts)} {unit}".strip()
