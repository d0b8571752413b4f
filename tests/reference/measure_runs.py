"""Writes runs.toml anew: what the tests' own loop and our analysis find in the authors' networks.

PYTHONPATH=tests .venv-mpi/bin/python tests/reference/measure_runs.py > runs.toml

NEST has no part in it. It takes about seven minutes on one core.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from authors_data import KINDS, NETWORKS, OBSERVABLES, authors_network, authors_odors, counts_and_digest
from authors_loop import run_authors_loop
from run_files import write_run

from eiassembly.analysis.measures.observables import observables
from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.runs.run import open_run

HEADER = """\
# Runs of the authors' networks with their odors: measurements of this project, written by measure_runs.py.
# Spikes are those of tests/authors_loop.py, the published equations without NEST: numbers of spikes
# of E and I, and sha256 of their steps and ids (int32). Observables are those of our analysis. test_tables.py
# compares all of it with results of the authors' own code where these are at hand: spikes to the last bit,
# observables to 12 digits.
"""
PIECES = (1200, 3000)
"""Lengths [ms] of the first pieces of A_1, rand, learned odors, that are compared too."""


def reference_observables(run_path: Path, with_assemblies: bool) -> Iterator[tuple[str, float]]:
    """The reference pairs presentation k with assembly k, for novel odors too."""
    run = open_run(run_path)
    responses = measure(run)
    shown = tuple(replace(p, odor=k) for k, p in enumerate(responses.presentations))
    found = observables(responses, run.wiring)
    paired = observables(replace(responses, presentations=shown), run.wiring)
    for name in OBSERVABLES:
        if name != "assembly_rate" or with_assemblies:
            yield name, float(getattr(paired if name == "assembly_rate" else found, name))


def rows(network: str, kind: str, odors: str) -> Iterator[dict[str, Any]]:
    """Pieces that are compared, then the whole run with its observables."""
    wiring, odor_set = authors_network(network, kind), authors_odors(odors)
    spikes = run_authors_loop(wiring, odor_set)
    head = {"net": network, "kind": kind, "odors": odors}
    if (network, kind, odors) == ("connec_A_1", "rand", "learned"):
        for ms in PIECES:
            yield {**head, "ms": ms, **counts_and_digest(spikes, until=10 * ms)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.h5"
        write_run(path, wiring, spikes, odor_set.presentations, odor_set.duration)
        found = dict(reference_observables(path, with_assemblies=kind != "rand"))
    yield {**head, "ms": 30_000, **counts_and_digest(spikes), **found}


def as_toml(row: dict[str, Any]) -> str:
    """One table of the array of runs."""
    lines = (
        f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value!r}" for key, value in row.items()
    )
    return "\n".join(("", "[[run]]", *lines, ""))


def main() -> None:
    """All 32 runs to standard output, as far as they are known at any time."""
    sys.stdout.write(HEADER)
    for case in product(NETWORKS, KINDS, ("learned", "novel")):
        for row in rows(*case):
            sys.stdout.write(as_toml(row))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
