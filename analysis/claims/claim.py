"""Claims as conditions on samples: what is looked at, when a claim holds, and what was measured.

A structure stands for several networks; what a condition compares are means over those networks that have
been run with everything the condition is about. An undefined value (NaN) counts as not measured: its network
is left out of the comparison, and where a structure has no other the condition is not judged, rather than
being judged by a number that stands for "undefined".
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from eiassembly.analysis.experiments.experiment import Measures
from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.core.text import mean_and_spread

Networks = Mapping[str, float]
"""A measure by network."""
Values = Mapping[str, Networks]
"""A measure by structure and network."""

GROUPS = MappingProxyType({"tuned": ("tuned_i", "tuned_ei")})
"""Names for several structures of which any may have been run."""
EVERY = ("rand", "scaled_i", "tuned")
"""Groups that most statements are about."""


@dataclass(frozen=True)
class Series:
    """A measure of some structures.

    Parameters
    ----------
    experiment, measure : str
        As in `Sample`.
    groups : tuple of str
        Structures, or names in ``GROUPS``; without one of them nothing is judged.
    condition : str, optional
        As in `Sample`; means over all conditions without one.
    title : str
        What distinguishes it from the other series of a statement, for people.
    """

    experiment: str
    measure: str
    groups: tuple[str, ...]
    condition: str | None = None
    title: str = ""


@dataclass(frozen=True)
class Statement:
    """One condition of a claim.

    Parameters
    ----------
    text : str
        What must hold, with its criterion.
    series : tuple of Series
        What is looked at.
    holds : callable
        Given `Values` for each series, says whether they agree; None if these are too few to tell.
    """

    text: str
    series: tuple[Series, ...]
    holds: Callable[..., bool | None]


@dataclass(frozen=True)
class Claim:
    """One claim of the paper.

    Parameters
    ----------
    name : str
        Its number, e.g. ``S4``.
    text, source, criterion : str
        What the paper says, where, and when it counts as reproduced.
    statements : tuple of Statement
        All of them must hold.
    """

    name: str
    text: str
    source: str
    criterion: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Judged:
    """A statement and what was measured.

    Parameters
    ----------
    claim : Claim
        To which it belongs.
    statement : Statement
        The condition.
    values : tuple of Values
        What was compared, one for each series; empty if something is missing.
    units : tuple of str
        Of the series.
    holds : bool or None
        None if it could not be judged.
    """

    claim: Claim
    statement: Statement
    values: tuple[Values, ...]
    units: tuple[str, ...]
    holds: bool | None

    @property
    def n_networks(self) -> int:
        """Networks that were compared."""
        return len(
            {network for values in self.values for networks in values.values() for network in networks}
        )

    @property
    def measured(self) -> str:
        """Means ± standard deviations over networks, by structure; empty if nothing was compared."""
        return "; ".join(
            _listed(values, unit, series.title)
            for series, values, unit in zip(self.statement.series, self.values, self.units, strict=False)
        )


@dataclass(frozen=True)
class SampleTable:
    """Samples that can be asked for by what they are."""

    samples: tuple[Sample, ...]

    @cached_property
    def _by_measure(self) -> Mapping[tuple[str, str], Sequence[Sample]]:
        found: dict[tuple[str, str], list[Sample]] = {}
        for sample in self.samples:
            if not math.isnan(sample.value):
                found.setdefault((sample.experiment, sample.measure), []).append(sample)
        return found

    def values(self, series: Series) -> dict[str, dict[str, float]]:
        """Return a measure by structure and network; several values of a network are averaged."""
        gathered: dict[str, dict[str, list[float]]] = {}
        for sample in self._by_measure.get((series.experiment, series.measure), ()):
            if series.condition in (None, sample.condition):
                by_network = gathered.setdefault(sample.structure, {})
                by_network.setdefault(sample.network, []).append(sample.value)
        return {
            structure: {network: float(np.mean(values)) for network, values in gathered[structure].items()}
            for group in series.groups
            for structure in members_of(group)
            if structure in gathered
        }


def members_of(group: str) -> tuple[str, ...]:
    """Structures of a group; a structure is a group of its own."""
    return GROUPS.get(group, (group,))


def judge(claim: Claim, table: SampleTable, measures: Measures) -> tuple[Judged, ...]:
    """Judge all statements of a claim."""
    return tuple(_judged(claim, statement, table, measures) for statement in claim.statements)


def _judged(claim: Claim, statement: Statement, table: SampleTable, measures: Measures) -> Judged:
    compared = _in_common([table.values(series) for series in statement.series], statement.series)
    requested = statement.series if compared else ()
    units = tuple(measures[series.experiment][series.measure].unit for series in requested)
    holds = statement.holds(*compared) if compared else None
    return Judged(claim, statement, compared, units, holds)


def _in_common(found: Sequence[Values], series: Iterable[Series]) -> tuple[Values, ...]:
    """Values of the networks that have everything; nothing if a group is missing or no network has all."""
    for values, requested in zip(found, series, strict=True):
        if not all(any(s in values for s in members_of(group)) for group in requested.groups):
            return ()
    networks = [set(by_network) for values in found for by_network in values.values()]
    common = set.intersection(*networks) if networks else set()
    if not common:
        return ()
    return tuple(
        {s: {n: v for n, v in by_network.items() if n in common} for s, by_network in values.items()}
        for values in found
    )


def means(values: Values) -> dict[str, float]:
    """Mean over networks, by structure."""
    return {structure: float(np.mean(list(networks.values()))) for structure, networks in values.items()}


def within(structure: str, low: float, high: float) -> Callable[[Values], bool]:
    """Mean of a structure between two limits, these included."""
    return lambda values: low <= means(values)[structure] <= high


def below(structure: str, limit: float) -> Callable[[Values], bool]:
    """Mean of a structure below a limit."""
    return lambda values: means(values)[structure] < limit


def near_rand(tolerance: float, difference: bool = False) -> Callable[[Values], bool]:
    """All structures as rand, within a relative tolerance or an absolute difference."""

    def holds(values: Values) -> bool:
        found = means(values)
        scale = 1.0 if difference else abs(found["rand"])
        return all(abs(value - found["rand"]) <= tolerance * scale for value in found.values())

    return holds


def descending(*groups: str) -> Callable[[Values], bool]:
    """Every member of a group above every member of the next one."""

    def holds(values: Values) -> bool:
        found = means(values)
        ranks = [[found[s] for s in members_of(group) if s in found] for group in groups]
        return all(min(high) > max(low) for high, low in pairwise(ranks))

    return holds


def first_above_second(*structures: str) -> Callable[[Values, Values], bool]:
    """Compare two series: the first above the second in some structures; if none is named, in all."""

    def holds(first: Values, second: Values) -> bool:
        high, low = means(first), means(second)
        return all(high[s] > low[s] for s in structures or high if s in high)

    return holds


def _listed(values: Values, unit: str, title: str) -> str:
    counts = {len(networks) for networks in values.values()}
    parts = [
        f"{structure_look(s).title} {mean_and_spread(list(networks.values()))}"
        for s, networks in values.items()
    ]
    text = ", ".join(parts) + ("" if unit == "1" else f" {unit}")
    return (f"{title}: " if title else "") + text + (f" (n = {counts.pop()})" if len(counts) == 1 else "")
