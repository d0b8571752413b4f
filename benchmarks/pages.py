"""Write docs/benchmarks.md and docs/scaling.md, their plots and the package's table of costs.

    python -m benchmarks.pages [--results FILE] [--observables FILE] [--docs DIR]

The words are in the templates beside this file, why a row misses is in notes.md; numbers are computed.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks import costs, figures, results
from benchmarks.extrapolation import bottlenecks, large_run
from benchmarks.measure import RESULTS
from benchmarks.observables_by_scale import OBSERVABLES
from benchmarks.results import BenchmarkSummary, cost, select, summary
from benchmarks.rows import RequirementVerdict, judge
from benchmarks.scaling import fit_model, peak_total, start, steady_cost, wired

FOLDER = Path(__file__).parent
Results = Mapping[str, Any]


def digits(value: float | None, n: int = 2) -> str:
    """Round to significant digits without powers of ten: 0.0123, 1.2, 1200; a dash for None.

    >>> digits(1234.5), digits(0.01234), digits(None)
    ('1,200', '0.012', '–')
    """
    if value is None:
        return "–"
    rounded = float(f"{value:.{n}g}")
    if abs(rounded) >= 10 ** (n - 1):
        return f"{rounded:,.0f}"
    return f"{rounded:.{n}g}"


def scientific(value: float) -> str:
    """Two digits and a power of ten: 3.2·10⁻⁷."""
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    superscript = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}·10{superscript}"


def spread(found: BenchmarkSummary) -> str:
    """Median (lowest–highest)."""
    if found.n == 1:
        return digits(found.median, 3)
    return f"{digits(found.median, 3)} ({digits(found.low, 3)}–{digits(found.high, 3)})"


def notes(path: Path = FOLDER / "notes.md") -> dict[str, str]:
    """Hand-written explanations by the key of their row."""
    parts = re.split(r"^## (\S+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {key: text.strip() for key, text in zip(parts[1::2], parts[2::2], strict=True)}


def explanations(
    judged: list[RequirementVerdict], written: Mapping[str, str]
) -> list[tuple[RequirementVerdict, str]]:
    """Every missed row with its note, or with the admission that there is none."""
    missing = "Not yet explained."
    return [(row, written.get(row.requirement.key, missing)) for row in judged if row.verdict == "missed"]


def comparison_table(found: Results) -> list[dict[str, Any]]:
    """One line per simulator and delay: cost, spikes, and rates relative to those of ours."""
    lines = []
    for name, ranks, threads, label in figures.SIMULATORS:
        chosen = {"contestant": name, "ranks": ranks, "threads": threads}
        for delay in sorted({row["delay"] for row in select(found["contest"], **chosen)}):
            rows = select(found["contest"], **chosen, delay=delay)
            same = {"delay": delay, "duration": rows[0]["duration"]}
            ours = select(found["contest"], contestant="ours", ranks=1, threads=1, **same)
            lines.append(
                {
                    "label": label,
                    "delay": delay,
                    "cost": summary([cost(row) for row in rows]),
                    "seconds": rows[0]["duration"] / 1000,
                    "spikes": rows[0]["spikes"],
                    "difference": _difference(rows[0], ours[0]) if ours else None,
                }
            )
    return lines


def _difference(row: results.Row, ours: results.Row) -> float:
    """Largest relative difference of the numbers of spikes of E and I, percent."""
    pairs = [(row["spikes"][name], ours["spikes"][name]) for name in ("E", "I")]
    return max(100 * abs(a - b) / b if b else 0.0 for a, b in pairs)


def scaling_table(found: Results) -> list[dict[str, Any]]:
    """One line per size and layout: medians of costs, start and memory."""
    plan, lines = found["plan"], []
    for scale in sorted({row["scale"] for row in found["scaling"]}):
        rows_of_scale = select(found["scaling"], scale=scale)
        for ranks, threads in dict.fromkeys((row["ranks"], row["threads"]) for row in rows_of_scale):
            rows = select(rows_of_scale, ranks=ranks, threads=threads)
            network = wired(found, scale)
            lines.append(
                {
                    "scale": scale,
                    "neurons": network["neurons"],
                    "synapses": network["synapses"],
                    "ranks": ranks,
                    "threads": threads,
                    "n": len(rows),
                    "cost": summary([steady_cost(row, plan) for row in rows]).median,
                    "load": summary([row["load_s"] for row in rows]).median,
                    "connect": summary([row["build_s"] for row in rows]).median,
                    "prepare": summary([start(row, plan) for row in rows]).median,
                    "peak": summary([row["peak_MiB"] for row in rows]).median,
                    "bytes": summary([peak_total(row) for row in rows]).median * 2**20 / network["synapses"],
                }
            )
    return lines


def observables_table(found: Results) -> dict[str, Any]:
    """Columns (structure, scale) and one line per observable, with what is out of its range."""
    runs = sorted(found["runs"], key=lambda run: (run["structure"], run["scale"]))
    lines = []
    for name, quantity in found["quantities"].items():
        cells = [(run["values"][name], run["verdicts"][name]) for run in runs]
        lines.append({**quantity, "cells": cells})
    outside = [
        (run["structure"], run["scale"], found["quantities"][name]["title"], verdict)
        for run in runs
        for name, verdict in run["verdicts"].items()
        if verdict not in ("", "in range")
    ]
    return {"runs": runs, "lines": lines, "outside": outside, "changing": _changing(found, runs)}


def _changing(found: Results, runs: Sequence[results.Row]) -> list[dict[str, Any]]:
    """Observables without a range that differ by more than a third between smallest and largest network."""
    changing = []
    for structure in dict.fromkeys(run["structure"] for run in runs):
        first, *_, last = select(runs, structure=structure)
        for name, quantity in found["quantities"].items():
            small, large = first["values"][name], last["values"][name]
            if not quantity["range"] and small and large and abs(large / small - 1) > 1 / 3:
                values = {"small": small, "large": large, "scale": last["scale"]}
                changing.append({"title": quantity["title"], "structure": structure, **values})
    return changing


def environment() -> Environment:
    """Templates of this folder; a name that is not given is an error."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # Markdown, from our own numbers
    )
    made.filters |= {"digits": digits, "scientific": scientific, "spread": spread}
    return made


def benchmarks_page(found: Results) -> str:
    """Text of docs/benchmarks.md."""
    judged = judge(found)
    return environment().get_template("benchmarks.md.j2").render(
        found=found,
        judged=judged,
        explanations=explanations(judged, notes()),
        contest=comparison_table(found),
        scaling=scaling_table(found),
        skipped=found["skipped"],
        different=results.disagreements(found),
    )  # fmt: skip


def scaling_page(found: Results, observed: Results | None) -> str:
    """Text of docs/scaling.md; without the observables where they were not measured."""
    model = fit_model(found)
    return environment().get_template("scaling.md.j2").render(
        found=found,
        model=model,
        different=results.disagreements(found),
        large=large_run(found, model),
        bottlenecks=bottlenecks(found, model),
        observables=observables_table(observed) if observed else None,
        observed=observed,
    )  # fmt: skip


def main() -> None:
    """Write both pages, both plots and the table of costs."""
    parser = argparse.ArgumentParser(description="Write the pages from the measurements.")
    parser.add_argument("--results", type=Path, default=RESULTS, help="default: benchmarks/results.json")
    parser.add_argument(
        "--observables", type=Path, default=OBSERVABLES, help="default: benchmarks/observables.json"
    )
    parser.add_argument("--docs", type=Path, default=FOLDER.parent / "docs", help="default: docs")
    parser.add_argument("--costs", type=Path, help="default: in the package, or in DIR where that is given")
    options = parser.parse_args()
    found = results.load(options.results)
    observed = results.load(options.observables) if options.observables.exists() else None
    images = options.docs / "images"
    figures.write_benchmarks(found, images / "benchmarks.png")
    if observed:
        figures.write_observables(observed, images / "observables_by_scale.png")
    is_for_package = options.docs.resolve() == (FOLDER.parent / "docs").resolve()
    costs.write(found, options.costs or (costs.COSTS if is_for_package else options.docs / "costs.json"))
    (options.docs / "benchmarks.md").write_text(benchmarks_page(found), encoding="utf-8")
    (options.docs / "scaling.md").write_text(scaling_page(found, observed), encoding="utf-8")
    print(f"{options.docs / 'benchmarks.md'}, {options.docs / 'scaling.md'}: written")


if __name__ == "__main__":
    main()
