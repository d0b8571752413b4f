"""Which networks are measured: the authors' A_1 if it is there, else ours; and ours at every scale."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.simulators import REPOSITORY, BenchmarkError, BenchmarkInputs
from benchmarks.workers import in_new_process, wire

AUTHORS = "connec_A_1"
ODORS = {"learned": 10, "novel": 0}


def reference_folder() -> Path:
    """Folder of the authors' data, as in the tests: EIASSEMBLY_REFERENCE, beside ours, or fetched."""
    if named := os.environ.get("EIASSEMBLY_REFERENCE"):
        return Path(named).resolve()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    beside = REPOSITORY.parent / "shared" / "reference"
    return beside if (beside / "pdp_model").is_dir() else cache / "eiassembly" / "reference"


def main_network(folder: Path) -> tuple[BenchmarkInputs, str]:
    """Make the network of the comparison with ten learned odors; also says in words which one it is."""
    inputs = BenchmarkInputs(folder / "net.h5", folder / "odors.h5")
    model = reference_folder() / "pdp_model"
    if model.is_dir():
        _import(model, inputs)
        return inputs, "the authors' A_1 (rand) with their ten learned odors, imported"
    in_new_process(wire, _config("rand", 1, ODORS), inputs.net, inputs.odors)
    return inputs, "our own preset A, rand, seed 1, with ten learned odors (authors' data not found)"


def _import(model: Path, inputs: BenchmarkInputs) -> None:
    tables = tomllib.loads((REPOSITORY / "tests" / "reference" / "strengths.toml").read_text())
    table = tables["two_populations"]["A"]
    net = ("network", "import", str(model / "connec_2pop" / f"{AUTHORS}.mat"))
    strengths = ("--strengths", ",".join(map(str, table)))
    _eiassembly(*net, *strengths, "--out", str(inputs.net))
    odors = str(model / "odorset_2pop" / "odorset_10learned.mat")
    _eiassembly("odors", "import", odors, "--out", str(inputs.odors))


def _eiassembly(*arguments: str) -> None:
    command = [sys.executable, "-m", "eiassembly", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchmarkError(done.stderr.strip())


def own_network(
    folder: Path, structure: str, scale: int, odors: Mapping[str, Any]
) -> tuple[BenchmarkInputs, dict[str, Any]]:
    """Wire preset A of this structure and scale in a fresh process; also returns what that took.

    Parameters
    ----------
    folder : Path
        For NET.h5 and ODORS.h5, which are written over.
    structure : str
        ``rand``, ``tuned_ei``, …
    scale : int
        Factor of all populations.
    odors : mapping
        Section ``odors`` of the configuration.

    Returns
    -------
    inputs : BenchmarkInputs
    found : dict
        See `wire`.
    """
    inputs = BenchmarkInputs(folder / f"net_{scale}.h5", folder / f"odors_{scale}.h5")
    found = in_new_process(wire, _config(structure, scale, odors), inputs.net, inputs.odors)
    return inputs, {"structure": structure, "scale": scale, **found}


def _config(structure: str, scale: int, odors: Mapping[str, Any]) -> dict[str, Any]:
    return {"network": {"structure": structure, "scale": scale}, "odors": dict(odors)}
