"""The requirements: what each row of the table measures, what it must reach, and whether it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.results import BenchmarkSummary, Row, ratios, select, summary
from benchmarks.scaling import cost_per_neuron, peak_total

Results = Mapping[str, Any]
OURS = {"contestant": "ours", "ranks": 1, "threads": 1}
LARGE = 20
"""Scale at which memory and cost per neuron are required: 100,000 neurons."""


@dataclass(frozen=True)
class Requirement:
    """One row of the table.

    Parameters
    ----------
    key : str
        Heading of its note in notes.md.
    title : str
        What is measured.
    unit : str
        Of the numbers; ``×`` for ratios.
    must, aim : float
        Bounds: upper ones, or lower ones if ``must < aim``.
    strict : bool
        Whether the bound itself does not suffice.
    measured : callable
        From all results to one number per round; empty if it was not measured.
    """

    key: str
    title: str
    unit: str
    must: float
    aim: float
    measured: Callable[[Results], Sequence[float]]
    strict: bool = False

    @property
    def sign(self) -> str:
        """Relation that must hold between the measurement and the bound."""
        sign = "≥" if self.must < self.aim else "≤"
        return {"≥": ">", "≤": "<"}[sign] if self.strict else sign

    def reaches(self, value: float, bound: float) -> bool:
        """Whether a measurement is as good as a bound asks for."""
        if value == bound:
            return not self.strict
        return value > bound if self.must < self.aim else value < bound

    def verdict(self, value: float) -> str:
        """``aim``, ``must`` or ``missed``: the best that is reached."""
        if self.reaches(value, self.aim):
            return "aim"
        return "must" if self.reaches(value, self.must) else "missed"


@dataclass(frozen=True)
class RequirementVerdict:
    """A requirement with what was measured; both None where nothing was."""

    requirement: Requirement
    summary: BenchmarkSummary | None
    verdict: str | None


def judge(results: Results) -> list[RequirementVerdict]:
    """All rows of the table; the verdict is that of the median."""
    judged = []
    for requirement in REQUIREMENTS:
        values = requirement.measured(results)
        found = summary(values) if values else None
        judged.append(
            RequirementVerdict(requirement, found, requirement.verdict(found.median) if found else None)
        )
    return judged


def _contest(over: Mapping[str, Any], under: Mapping[str, Any]) -> Callable[[Results], list[float]]:
    return lambda results: ratios(results["contest"], over, under)


def _field(section: str, name: str) -> Callable[[Results], list[float]]:
    return lambda results: [row[name] for row in results[section]]


def _large_memory(results: Results) -> list[float]:
    """Bytes per synapse in one process, everything included, at the large scale."""
    synapses = {row["scale"]: row["synapses"] for row in results["wiring"]}
    rows = select(results["scaling"], scale=LARGE, ranks=1, threads=1)
    return [peak_total(row) * 2**20 / synapses[LARGE] for row in rows]


def _large_cost(results: Results) -> list[float]:
    """Cost per neuron at the large scale over that at scale 1, round by round."""

    def rows(scale: int) -> list[Row]:
        return sorted(select(results["scaling"], scale=scale, **OURS), key=lambda row: int(row["round"]))

    pairs = zip(rows(LARGE), rows(1), strict=False)
    return [cost_per_neuron(large, results) / cost_per_neuron(small, results) for large, small in pairs]


EXACT, SLICED = {"delay": 0.1}, {"delay": 1.0}
LOOP, STOCK, BRIAN2 = {"contestant": "loop"}, {"contestant": "stock"}, {"contestant": "brian2"}

REQUIREMENTS = (
    Requirement(
        "stock", "delay 0.1 ms (exact mode): stock NEST neurons / ours", "×", 18, 40,
        _contest(STOCK | EXACT, OURS | EXACT),
    ),
    Requirement(
        "exact-loop", "delay 0.1 ms: ours / dedicated loop", "×", 3.5, 1.5,
        _contest(OURS | EXACT, LOOP | EXACT),
    ),
    Requirement(
        "sliced-loop", "delay 1 ms: ours / dedicated loop", "×", 1.4, 1.0,
        _contest(OURS | SLICED, LOOP | SLICED),
    ),
    Requirement(
        "brian2", "delay 1 ms: ours / Brian2 C++ standalone, compilation not counted", "×", 1.2, 0.8,
        _contest(OURS | SLICED, BRIAN2 | SLICED),
    ),
    Requirement(
        "threads", "delay 1 ms: 1 thread / 2 threads", "×", 1.6, 1.85,
        _contest(OURS | SLICED, OURS | SLICED | {"threads": 2}),
    ),
    Requirement(
        "ranks", "delay 1 ms: 1 rank / 2 ranks", "×", 1.6, 1.85,
        _contest(OURS | SLICED, OURS | SLICED | {"ranks": 2}),
    ),
    Requirement(
        "wiring", "1.34 M synapses with assemblies (tuned_ei): build", "s", 1, 0.3,
        _field("building", "wire_s"), strict=True,
    ),
    Requirement(
        "connecting", "1.34 M synapses with assemblies (tuned_ei): connect in NEST", "s", 1, 0.5,
        _field("building", "build_s"), strict=True,
    ),
    Requirement(
        "memory", "scale 20: peak memory per synapse, all included", "B", 90, 50, _large_memory,
    ),
    Requirement(
        "cost-per-neuron", "scale 20: simulation cost per neuron / scale 1", "×", 3, 1.5, _large_cost,
    ),
    Requirement(
        "analysis", "analysis of a 30 s run: the whole command `analyse`", "s", 3, 1,
        _field("analysis", "command_s"), strict=True,
    ),
)  # fmt: skip
"""The table of requirements, in its order."""
