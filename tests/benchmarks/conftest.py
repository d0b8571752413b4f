"""The suite as a package, and measurements of a machine that follows its formulas exactly."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest


def register_package() -> None:
    """Make `benchmarks` importable without putting the top folder on the search path."""
    folder = Path(__file__).resolve().parents[2] / "benchmarks"
    spec = importlib.util.spec_from_file_location(
        "benchmarks", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["benchmarks"] = package
    spec.loader.exec_module(package)


register_package()

SYNAPSES, NEURONS = 1_350_000, 5000
FAN_OUT = {"OB": 90.0, "E": 240.0, "I": 250.0}
PLAN = {
    "duration": 30_000.0,
    "stock_duration": 3000.0,
    "analysed": 30_000.0,
    "rounds": 3,
    "scales": [1, 2, 20],
    "repeats": [2, 2, 2],
    "baseline": 1000.0,
    "odor": 1000.0,
    "block": 500.0,
}
# Per neuron, arrival and spike [s per biological second]; start of the run loop [s] per synapse.
PER_NEURON, PER_EVENT, CONSTANT, PREPARE = 2e-5, 1e-8, 0.01, 5e-8
# Bytes: of a process, per neuron of the whole network, per synapse of the rank.
PROCESS, PER_NODE, PER_SYNAPSE = 100e6, 300.0, 80.0


def contest_row(contestant: str, number: int, seconds: float, **changes: Any) -> dict[str, Any]:
    """One measurement of the comparison that took this long per biological second."""
    case = {
        "contestant": contestant,
        "duration": 30_000.0,
        "delay": 1.0,
        "ranks": 1,
        "threads": 1,
        "scale": 1,
    }
    case |= changes
    return {
        **case,
        "round": number,
        "simulate_s": seconds * case["duration"] / 1000,
        "spikes": {"E": 7000, "I": 8000},
    }


def contest_round(number: int, slow: float) -> list[dict[str, Any]]:
    """Everything measured while the machine is slower by this factor."""
    exact = {"delay": 0.1}
    return [
        contest_row("ours", number, 0.2 * slow, **exact),
        contest_row("ours", number, 0.1 * slow),
        contest_row("ours", number, 0.055 * slow, threads=2),
        contest_row("ours", number, 0.05 * slow, ranks=2),
        contest_row("loop", number, 0.05 * slow, **exact),
        contest_row("loop", number, 0.08 * slow),
        contest_row("brian2", number, 0.1 * slow, **exact),
        contest_row("brian2", number, 0.125 * slow),
        contest_row("stock", number, 8.0 * slow, **exact, duration=3000.0),
    ]


def scaling_row(number: int, scale: int, ranks: int, threads: int) -> dict[str, Any]:
    """A run of two seconds in blocks of half a second, four times as many spikes with the odor."""
    cores, mark, marks, blocks = ranks * threads, 3.0, [], []
    for spikes in (1000.0 * scale, 1000.0 * scale, 4000.0 * scale, 4000.0 * scale):
        arrivals = 2 * spikes * FAN_OUT["E"]
        per_second = (PER_NEURON * NEURONS * scale + PER_EVENT * arrivals) / cores + CONSTANT
        mark += per_second / 2
        marks.append(mark)
        blocks.append(int(spikes))
    prepare = PREPARE * SYNAPSES * scale / cores
    steady = (marks[-1] - marks[0]) / 1.5
    peak = PROCESS + PER_NODE * NEURONS * scale + PER_SYNAPSE * SYNAPSES * scale / ranks
    return {
        "contestant": "ours", "duration": 2000.0, "delay": 1.0, "ranks": ranks, "threads": threads,
        "scale": scale, "round": number, "marks_s": marks,
        "spikes": {"E": sum(blocks), "I": 0}, "simulate_s": 2 * steady + prepare,
        "load_s": 1e-8 * SYNAPSES * scale, "build_s": 4e-7 * SYNAPSES * scale / cores,
        "peak_MiB": peak / 2**20, "block_spikes": {"OB": [0] * 4, "E": blocks, "I": [0] * 4},
    }  # fmt: skip


@pytest.fixture
def measured() -> dict[str, Any]:
    """Results of three rounds on a machine that is three times slower in the second one."""
    layouts = ((1, 1), (1, 2), (2, 1))
    return {
        "format": "eiassembly-benchmarks",
        "machine": {
            "date": "2000-01-01", "processor": "an abacus", "processors": 2, "memory_GiB": 1.0,
            "system": "none", "Python": "3", "nest-simulator": "3", "MPI": "none", "compiler": "none",
            "load_before": 0.0, "OMP_WAIT_POLICY": "not set", "eiassembly": "0", "commit": "none",
        },
        "network": "a network of nobody",
        "plan": PLAN,
        "contest": [row for n, slow in enumerate((1.0, 3.0, 1.0)) for row in contest_round(n, slow)],
        "brian2": [
            {"brian2": "2.9.0", "flags": ["-O3"], "compile_s": 20.0, "delay": 1.0, "dropped_input_spikes": 0}
        ],
        "building": [{"round": n, "wire_s": 0.2 + 0.2 * n, "build_s": 1.0} for n in range(3)],
        "analysis": [{"round": 0, "analyse_s": 0.3, "command_s": 3.5}],
        "scaling": [scaling_row(n, k, *layout) for n in (0, 1) for k in (1, 2, 20) for layout in layouts],
        "wiring": [
            {
                "scale": k, "structure": "rand", "neurons": NEURONS * k, "synapses": SYNAPSES * k,
                "fan_out": FAN_OUT, "wire_s": 2e-7 * SYNAPSES * k,
                "peak_MiB": (PROCESS + 30 * SYNAPSES * k) / 2**20,
            }
            for k in (1, 2, 20)
        ],
        "skipped": [{"scale": 40, "needed_MiB": 4096.0, "free_MiB": 2048.0}],
    }  # fmt: skip
