"""Measurements as they are kept: plain rows, and how ratios and summaries are taken from them."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = "eiassembly-benchmarks"
Row = Mapping[str, Any]
"""One measurement: what was run (fields of `Case`), ``round``, and what was found, in s, MiB, …"""


MANY, TOLERANCE = 1000, 0.05
"""Numbers of spikes from this one on must agree with those of Brian2 within this share."""


@dataclass(frozen=True)
class BenchmarkSummary:
    """Several measurements of one quantity."""

    median: float
    low: float
    high: float
    n: int


def summary(values: Sequence[float]) -> BenchmarkSummary:
    """Median and range; ValueError without any value."""
    if not values:
        raise ValueError("no measurement to summarise")
    return BenchmarkSummary(statistics.median(values), min(values), max(values), len(values))


def load(path: Path) -> dict[str, Any]:
    """Read measurements; ValueError if the file holds something else."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if found.get("format") != FORMAT:
        raise ValueError(f"{path}: expected a file of {FORMAT}, found {found.get('format')}")
    return found


def save(results: Mapping[str, Any], path: Path) -> None:
    """Write measurements, one row per line: their changes can be read."""
    lines = []
    for key, value in results.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            rows = ",\n".join(f"  {json.dumps(_rounded(row), ensure_ascii=False)}" for row in value)
            lines.append(f' "{key}": [\n{rows}\n ]')
        else:
            lines.append(f' "{key}": {json.dumps(value, ensure_ascii=False)}')
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _rounded(row: Row) -> dict[str, Any]:
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in row.items()}


def select(rows: Iterable[Row], **chosen: Any) -> list[Row]:
    """Rows whose fields are as given."""
    return [row for row in rows if all(row.get(key) == value for key, value in chosen.items())]


def cost(row: Row) -> float:
    """Wall clock per biological time of a whole simulation, s/s."""
    return float(row["simulate_s"] / (row["duration"] / 1000))


def disagreements(results: Mapping[str, Any]) -> list[str]:
    """Say where simulations that must give the same spikes did not: then no time of theirs means anything.

    Ours must not depend on ranks and threads, and fires what the dedicated loop fires. Of Brian2, whose
    compiler may reorder sums, rates within a few per cent are asked, where there are spikes enough.
    """
    exact = [row for row in results["contest"] if row["contestant"] in ("ours", "loop")]
    groups: dict[tuple[Any, ...], set[tuple[int, int]]] = {}
    for row in [*exact, *results["scaling"]]:
        key = tuple(row[name] for name in ("scale", "delay", "duration"))
        groups.setdefault(key, set()).add((row["spikes"]["E"], row["spikes"]["I"]))
    found = [
        f"scale {scale}, delay {delay:g} ms, {duration:g} ms: (E, I) spikes {sorted(spikes)}"
        for (scale, delay, duration), spikes in groups.items()
        if len(spikes) > 1
    ]
    for row in select(results["contest"], contestant="brian2"):
        ours = select(exact, delay=row["delay"], duration=row["duration"], round=row["round"])[0]
        if not _similar(row["spikes"], ours["spikes"]):
            found.append(f"delay {row['delay']:g} ms: Brian2 {row['spikes']}, ours {ours['spikes']}")
    return found


def _similar(spikes: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    return all(wanted[name] < MANY or abs(spikes[name] / wanted[name] - 1) < TOLERANCE for name in ("E", "I"))


def ratios(rows: Sequence[Row], over: Mapping[str, Any], under: Mapping[str, Any]) -> list[float]:
    """Cost of one case over that of another, taken within each round in which both were measured."""
    found = []
    for number in sorted({row["round"] for row in rows}):
        above, below = (select(rows, round=number, **case) for case in (over, under))
        found += [cost(a) / cost(b) for a, b in zip(above, below, strict=False)]
    return found
