"""The simulators, each measured as its users would run it: a `Case` in, wall clock and spikes out."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from benchmarks import workers
from benchmarks.plan import Case

REPOSITORY = Path(__file__).resolve().parents[1]
BRIAN2_PYTHON = REPOSITORY / ".venv-brian2" / "bin" / "python"
"""Brian2 2.9 needs numpy < 2: an environment of its own, made by `make bench`."""


class BenchmarkError(Exception):
    """A simulator failed; the message holds what it said."""


@dataclass(frozen=True)
class BenchmarkInputs:
    """What is simulated."""

    net: Path
    odors: Path


def environment(case: Case) -> dict[str, str]:
    """Environment of a simulation: root may start it, and threads of a rank may use several processors."""
    found = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    if case.ranks > 1 and case.threads > 1:
        found["OMPI_MCA_hwloc_base_binding_policy"] = "none"
    return found


def command(case: Case, inputs: BenchmarkInputs, out: Path, block: float) -> list[str]:
    """Command line of one of our simulations."""
    launcher = ["mpirun", "-n", str(case.ranks)] if case.ranks > 1 else []
    neuron = "nest" if case.contestant == "stock" else "extension"
    options = {"out": out, "duration": case.duration, "delay": case.delay, "threads": case.threads}
    options |= {"block": block, "neuron": neuron}
    return [
        *launcher,
        *(sys.executable, "-m", "eiassembly", "simulate", str(inputs.net), str(inputs.odors)),
        *(f"--{key}={value}" for key, value in options.items()),
    ]


def simulate(case: Case, inputs: BenchmarkInputs, out: Path, block: float = 1000.0) -> dict[str, Any]:
    """Run `eiassembly simulate` in processes of its own and read what it says about itself.

    Parameters
    ----------
    case : Case
        ``ours`` or ``stock``.
    inputs : BenchmarkInputs
        NET.h5 and ODORS.h5.
    out : Path
        RUN.h5; left for the caller to remove.
    block : float
        Time between writes and lines of progress, ms.

    Returns
    -------
    dict
        ``load_s``, ``build_s``, ``simulate_s``: wall clock of the phases. ``command_s``: of the whole
        command. ``peak_MiB``: of the largest process. ``spikes`` by population. ``marks_s``: when the lines
        of progress came, one per block if there are at most ten. ``block_spikes``: by population and block.

    Raises
    ------
    BenchmarkError
        It fails.
    """
    begin = time.perf_counter()
    marks, said = [], []
    with subprocess.Popen(
        command(case, inputs, out, block),
        env=environment(case),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None  # noqa: S101  # it is a pipe
        for line in process.stderr:
            said.append(line)
            if line.startswith("simulated "):
                marks.append(round(time.perf_counter() - begin, 4))
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        raise BenchmarkError(f"{case}: {''.join(said[-5:])}")
    return {"command_s": round(seconds, 4), "marks_s": marks, **_read(out, case.duration, block)}


def _read(run: Path, duration: float, block: float) -> dict[str, Any]:
    with h5py.File(run) as h5:
        provenance = json.loads(h5["eiassembly/provenance"].asstr()[()])
        edges = np.arange(0, duration + block, block) + 1e-6  # spikes lie on multiples of dt, ends included
        edges[0] = -1.0
        counts = {
            name: np.histogram(group["timestamps"][:], edges)[0].tolist()
            for name, group in h5["spikes"].items()
        }
    return {
        **{f"{name}_s": seconds for name, seconds in provenance["wall_clock_s"].items()},
        "peak_MiB": provenance["peak_memory_MiB_per_rank"],
        "spikes": {name: sum(numbers) for name, numbers in counts.items()},
        "block_spikes": counts,
    }


@dataclass
class Simulators:
    """All simulators on one network; keeps their compiled programs until it is closed.

    Parameters
    ----------
    inputs : BenchmarkInputs
        NET.h5 and ODORS.h5.
    folder : Path
        For programs and runs.
    brian2 : Path
        Python of the environment with Brian2.
    """

    inputs: BenchmarkInputs
    folder: Path
    brian2: Path = BRIAN2_PYTHON
    compiled: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> "Simulators":
        self._loop = workers.worker()
        self._programs: dict[Case, Path] = {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.shutdown()

    def takes_part(self, case: Case) -> bool:
        """Whether what this simulator needs is there."""
        return case.contestant != "brian2" or self.brian2.exists()

    def prepare(self, case: Case) -> None:
        """Compile what is compiled before the first round."""
        if case.contestant == "loop":
            self._run_loop(case)
        elif case.contestant == "brian2":
            self._compile_brian2(case)

    def run(self, case: Case) -> Mapping[str, Any]:
        """Simulate once: at least ``simulate_s`` (wall clock, s), and ``spikes`` by population."""
        if case.contestant == "loop":
            return self._run_loop(case)
        if case.contestant == "brian2":
            return self._run_brian2(case)
        out = self.folder / "run.h5"
        found = simulate(case, self.inputs, out)
        out.unlink()
        return {key: value for key, value in found.items() if key not in ("marks_s", "block_spikes")}

    def _run_loop(self, case: Case) -> dict[str, Any]:
        arguments = (self.inputs.net, self.inputs.odors, case.delay, case.duration)
        return self._loop.submit(workers.run_loop, *arguments).result()

    def _compile_brian2(self, case: Case) -> None:
        directory = self.folder / f"brian2_{case.delay:g}"
        script = REPOSITORY / "benchmarks" / "brian2_network.py"
        files = (str(self.inputs.net), str(self.inputs.odors))
        options = (f"--directory={directory}", f"--delay={case.delay}", f"--duration={case.duration}")
        # -P: modules of this folder must not hide those of others.
        done = _checked([str(self.brian2), "-P", str(script), *files, *options])
        self.compiled.append({"delay": case.delay, **json.loads(done.splitlines()[-1])})
        self._programs[case] = directory

    def _run_brian2(self, case: Case) -> dict[str, Any]:
        directory = self._programs[case]
        _checked([str(directory / "main")], cwd=directory)
        seconds = float((directory / "results" / "wall_clock_s.txt").read_text())
        spikes = next(row["spikes"] for row in self.compiled if row["delay"] == case.delay)
        return {"simulate_s": seconds, "spikes": spikes}


def _checked(words: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode != 0:
        raise BenchmarkError(f"{words[0]}: {done.stderr[-500:]}")
    return done.stdout
