"""Does this installation give the spikes that it must? ``python -m eiassembly.jobs.exact_spikes`` says it.

It builds a network and an odor, simulates one second with the exact neuron, and compares the sha256 of all
spikes with that of the tests' reference integrator, which is plain NumPy. Given the folder of the authors'
data it does the same with 3 s of their network A_1. Every check is one line on stdout; exit status 0: all
exact, 1: not.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

Train = tuple[NDArray[np.int64], NDArray[np.int64]]

CONFIG = """\
[network]
structure = "tuned_ei"
assemblies = 2

[odors]
learned = 1
novel = 0
baseline = 200
duration = 800

[simulation]
threads = 1
"""
"""One second of network A with two assemblies; the tests give it to the reference integrator, too."""
SHA256 = "5c4eb1472b24a9f9ff712ff6bfde53eb4868020ecd7ea303e5cf4d8ec3fbf5fc"
"""Of the spikes that follow: changes with the wiring, the odors or the scheme, and with nothing else."""
DT = 0.1
AUTHORS_MS = "3000"


def main(arguments: list[str]) -> int:
    """Run the checks; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        exact = _own(Path(folder))
        for data in map(Path, arguments):
            exact &= _authors(Path(folder), data)
    return 0 if exact else 1


def digest(*trains: Train) -> str:
    """Sha256 of the spikes of E and of I, each as (steps, ids), sorted by step, then id."""
    return hashlib.sha256(b"".join(np.stack(train).astype("<i4").tobytes() for train in trains)).hexdigest()


def _own(folder: Path) -> bool:
    config = folder / "exact.toml"
    config.write_text(CONFIG, encoding="utf-8")
    net, odors = folder / "net.h5", folder / "odors.h5"
    _eiassembly("network", "build", config, "--out", net)
    _eiassembly("odors", "build", config, "--out", odors)
    return _verdict("our network A, 1 s", SHA256, _simulated(folder, net, odors))


def _authors(folder: Path, data: Path) -> bool:
    model = data / "pdp_model"
    strengths = json.loads((model / "strengths.json").read_text(encoding="utf-8"))["2pop"]["networks"][
        "connec_A_1"
    ]
    net, odors = folder / "authors_net.h5", folder / "authors_odors.h5"
    matrices = model / "connec_2pop" / "connec_A_1.mat"
    _eiassembly("network", "import", matrices, "--strengths", ",".join(map(str, strengths)), "--out", net)
    _eiassembly("odors", "import", model / "odorset_2pop" / "odorset_10learned.mat", "--out", odors)
    with np.load(data / "expected" / "spikes_A_1_rand_learned_3s.npz") as want:
        expected = digest(*((want[f"{name}_step"], want[f"{name}_id"]) for name in "ei"))
    spikes = _simulated(folder, net, odors, "--duration", AUTHORS_MS)
    return _verdict("the authors' network A_1, 3 s", expected, spikes)


def _eiassembly(*arguments: str | Path) -> None:
    """Run the command line as users do; what it has to say goes to stderr, its failure ends this."""
    command = [sys.executable, "-m", "eiassembly", *map(str, arguments)]
    status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
    if status:
        sys.exit(status)


def _simulated(folder: Path, net: Path, odors: Path, *options: str) -> tuple[Train, Train]:
    run = folder / "run.h5"
    _eiassembly("simulate", net, odors, "--out", run, "--neuron", "extension", *options)
    with h5py.File(run) as h5:
        trains = _train(h5["spikes/E"]), _train(h5["spikes/I"])
    run.unlink()
    return trains


def _train(group: Any) -> Train:
    steps, ids = np.rint(group["timestamps"][:] / DT).astype(np.int64), group["node_ids"][:].astype(np.int64)
    order = np.lexsort((ids, steps))
    return steps[order], ids[order]


def _verdict(what: str, expected: str, trains: tuple[Train, Train]) -> bool:
    found = digest(*trains)
    counts = " and ".join(f"{len(steps)} {name}" for (steps, _), name in zip(trains, "EI", strict=True))
    outcome = "exact" if found == expected else f"NOT exact, expected {expected}"
    print(f"{what}: {counts} spikes, sha256 {found}: {outcome}", flush=True)
    return found == expected


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
