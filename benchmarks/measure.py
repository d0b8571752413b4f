"""Measure everything and write it down; `benchmarks.pages` makes tables and plots of it.

    python -m benchmarks.measure [--quick] [--rounds N] [--out benchmarks/results.json]

Rounds alternate over all simulators: a slow moment of the machine meets all of them.
"""

import argparse
import dataclasses
import functools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from benchmarks import machine, networks, results
from benchmarks.plan import FULL, QUICK, BenchmarkPlan, Case, available_processors
from benchmarks.simulators import REPOSITORY, BenchmarkInputs, Simulators, simulate
from benchmarks.workers import analyse, in_new_process, timed

RESULTS = REPOSITORY / "benchmarks" / "results.json"
Rows = list[dict[str, Any]]


def row(case: Case, number: int, found: Mapping[str, Any]) -> dict[str, Any]:
    """One measurement as it is kept."""
    return {**dataclasses.asdict(case), "round": number, **found}


def comparison(
    plan: BenchmarkPlan, inputs: BenchmarkInputs, folder: Path, say: Callable[[str], None]
) -> tuple[Rows, Rows]:
    """Run the rounds over all simulators; also returns what compiling Brian2 took."""
    found: Rows = []
    with Simulators(inputs, folder) as simulators:
        cases = [case for case in plan.contest(available_processors()) if simulators.takes_part(case)]
        for case in cases:
            simulators.prepare(case)
        for number in range(plan.rounds):
            say(f"round {number + 1} of {plan.rounds}")
            found += [row(case, number, simulators.run(case)) for case in cases]
    return found, simulators.compiled


def building(plan: BenchmarkPlan, folder: Path, say: Callable[[str], None]) -> Rows:
    """Time the wiring of a network with assemblies and its connecting in NEST, in rounds."""
    found: Rows = []
    for number in range(plan.rounds):
        say(f"wiring and connecting, round {number + 1}")
        inputs, wired = networks.own_network(folder, "tuned_ei", 1, networks.ODORS)
        case = Case("ours", 100.0)
        connected = simulate(case, inputs, folder / "connected.h5")
        found.append(row(case, number, wired | {key: connected[key] for key in ("load_s", "build_s")}))
    return found


def analysing(plan: BenchmarkPlan, inputs: BenchmarkInputs, folder: Path, say: Callable[[str], None]) -> Rows:
    """Time the analysis of one run, in rounds: in Python, and as the whole command."""
    run, case = folder / "analysed.h5", Case("ours", plan.analysed)
    simulate(case, inputs, run)
    command = [sys.executable, "-m", "eiassembly", "analyse", str(run)]
    found: Rows = []
    for number in range(plan.rounds):
        say(f"analysis, round {number + 1}")
        inside = in_new_process(analyse, run)
        _, seconds = timed(functools.partial(subprocess.run, command, capture_output=True, check=True))
        found.append({"round": number, "duration": plan.analysed, **inside, "command_s": seconds})
    return found


class Scaling:
    """The series over sizes: every size on every layout, smaller ones more often.

    Parameters
    ----------
    plan : BenchmarkPlan
        Sizes and repetitions.
    folder : Path
        For networks and runs; those of one size are removed before the next one.
    say : callable
        Takes a line for the user.
    """

    def __init__(self, plan: BenchmarkPlan, folder: Path, say: Callable[[str], None]):
        self._plan, self._folder, self._say = plan, folder, say
        self.rows: Rows = []
        self.wiring: Rows = []
        self.skipped: Rows = []

    def measure(self, scale: int, repeats: int) -> None:
        """Run a size on all layouts this often, if it fits into the free memory."""
        needed, free = self._needed(scale), psutil.virtual_memory().available / 2**20
        if needed > free:
            self._say(f"scale {scale}: skipped, needs about {needed:.0f} MiB of {free:.0f} free")
            self.skipped.append({"scale": scale, "needed_MiB": needed, "free_MiB": free})
        else:
            self._one_size(scale, repeats)

    def _needed(self, scale: int) -> float:
        """Memory of the largest run so far, in proportion, with a reserve of a fifth; 0 before the first."""
        known = [(r["peak_MiB"] * r["ranks"], r["scale"]) for r in self.rows]
        known += [(w["peak_MiB"], w["scale"]) for w in self.wiring]
        return max((1.2 * peak * scale / size for peak, size in known if size > 1), default=0.0)

    def _one_size(self, scale: int, repeats: int) -> None:
        plan = self._plan
        self._say(f"scale {scale}: wiring")
        odors = {"learned": 1, "novel": 0, "baseline": plan.baseline, "duration": plan.odor}
        inputs, wired = networks.own_network(self._folder, "rand", scale, odors)
        self.wiring.append(wired)
        out = self._folder / "run.h5"
        for number in range(repeats):
            for case in plan.scaling(scale, available_processors()):
                self._say(f"scale {scale}: {case.ranks} ranks × {case.threads} threads")
                self.rows.append(row(case, number, simulate(case, inputs, out, plan.block)))
        for file in (inputs.net, inputs.odors, out):
            file.unlink()


def everything(plan: BenchmarkPlan, folder: Path, out: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Measure all; what there is so far is saved after every part, for a failure may come late."""
    found: dict[str, Any] = {"format": results.FORMAT, "machine": machine.description()}
    inputs, found["network"] = networks.main_network(folder)
    found["plan"] = dataclasses.asdict(plan)
    found["contest"], found["brian2"] = comparison(plan, inputs, folder, say)
    results.save(found, out)
    found["building"] = building(plan, folder, say)
    found["analysis"] = analysing(plan, inputs, folder, say)
    scaling = Scaling(plan, folder, say)
    found |= {"scaling": scaling.rows, "wiring": scaling.wiring, "skipped": scaling.skipped}
    for scale, repeats in zip(plan.scales, plan.repeats, strict=True):
        scaling.measure(scale, repeats)
        results.save(found, out)
    return found


def main() -> None:
    """Measure and save."""
    parser = argparse.ArgumentParser(description="Measure everything.")
    parser.add_argument("--quick", action="store_true", help="short simulations, small networks")
    parser.add_argument("--rounds", type=int, help="repetitions [default: 5, with --quick 1]")
    parser.add_argument("--out", type=Path, default=RESULTS, help="default: benchmarks/results.json")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    if options.rounds:
        plan = dataclasses.replace(plan, rounds=options.rounds)
    with tempfile.TemporaryDirectory(prefix="eiassembly-bench-") as name:
        say = functools.partial(print, file=sys.stderr, flush=True)
        found = everything(plan, Path(name), options.out, say)
    print(f"{options.out}: written")
    if different := results.disagreements(found):
        sys.exit("\n".join(["these runs should have the same spikes, and have not:", *different]))


if __name__ == "__main__":
    main()
