"""Whether the observables of the paper stay in their ranges when the network grows.

    python -m benchmarks.observables_by_scale [--quick] [--out benchmarks/observables.json]

Own networks of preset A with the published delay, on all processors; learned odors.
"""

import argparse
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import machine, networks, results
from benchmarks.plan import Case, available_processors
from benchmarks.simulators import REPOSITORY, simulate
from benchmarks.workers import in_new_process

OBSERVABLES = REPOSITORY / "benchmarks" / "observables.json"
STRUCTURES = ("rand", "tuned_ei")
SCALES = {False: (1, 4, 16), True: (1, 2)}
ODORS = {False: 5, True: 2}
"""Learned odors, 3 s each; by whether it is to be quick."""


def observed(run: Path) -> dict[str, Any]:
    """Observables of the learned odors with their ranges and verdicts; None where one is undefined."""
    from eiassembly.analysis.experiments.result import analyse_run
    from eiassembly.analysis.measures.observables import MEASURES
    from eiassembly.analysis.runs.run import open_run

    opened = open_run(run)
    found = analyse_run(opened)
    values = {m.name: found.value(m, "learned") for m in MEASURES}
    return {
        "values": {name: None if math.isnan(value) else value for name, value in values.items()},
        "verdicts": {m.name: m.verdict(values[m.name], opened.structure) for m in MEASURES},
    }


def quantities() -> dict[str, dict[str, Any]]:
    """Titles, units and ranges of the observables, by name."""
    from eiassembly.analysis.measures.observables import MEASURES

    return {
        m.name: {
            "title": m.title,
            "unit": m.unit,
            "range": m.range_text,
            "bounds": [bound if math.isfinite(bound) else None for bound in (m.low, m.high)],
        }
        for m in MEASURES
    }


def measure(folder: Path, quick: bool) -> list[dict[str, Any]]:
    """Wire, simulate and analyse every structure at every scale."""
    rows = []
    odors = {"learned": ODORS[quick], "novel": 0}
    for scale in SCALES[quick]:
        case = Case("ours", 3000.0 * ODORS[quick], 0.1, 1, available_processors(), scale)
        for structure in STRUCTURES:
            print(f"scale {scale}: {structure}", file=sys.stderr, flush=True)
            inputs, wired = networks.own_network(folder, structure, scale, odors)
            run = folder / "run.h5"
            simulated = simulate(case, inputs, run)
            found = in_new_process(observed, run)
            times = {key: simulated[key] for key in ("simulate_s", "peak_MiB")}
            rows.append({**wired, "odors": ODORS[quick], "threads": case.threads, **times, **found})
            for file in (inputs.net, inputs.odors, run):
                file.unlink()
    return rows


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description="Observables against the size of the network.")
    parser.add_argument("--quick", action="store_true", help="two odors, small networks")
    parser.add_argument("--out", type=Path, default=OBSERVABLES, help="default: benchmarks/observables.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="eiassembly-bench-") as name:
        rows = measure(Path(name), options.quick)
    found = {"format": results.FORMAT, "machine": machine.description()}
    results.save({**found, "quantities": in_new_process(quantities), "runs": rows}, options.out)
    print(f"{options.out}: written")


if __name__ == "__main__":
    main()
