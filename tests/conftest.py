"""What every test module may rely on. Where the authors' data are: see authors_data.py."""

import os
from itertools import zip_longest
from pathlib import Path

import hypothesis
import pytest
from nest_marker import without_nest

# Tests also run as root in containers, where Open MPI's mpirun wants to be told that this is meant.
os.environ.setdefault("OMPI_ALLOW_RUN_AS_ROOT", "1")
os.environ.setdefault("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
# Threads that spin while waiting need a whole core each: minutes, not seconds, where others compute too.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Few processors are no reason not to test four ranks with two threads.
os.environ.setdefault("EIASSEMBLY_OVERSUBSCRIBE", "1")

# A busy machine is no reason to fail.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

LONG = ("reference", "seeds")
"""Markers of tests that simulate for minutes."""


@pytest.fixture(scope="session")
def repository():
    """The top folder of the sources."""
    return Path(__file__).resolve().parents[1]


def pytest_collection_modifyitems(items):
    """Put files that take long first, such that wait beside such that compute: no processor rests.

    Slurm and the ends of jobs are waited for; tests of many runs simulate on all processors themselves.
    """
    computing = {item.path for item in items for name in LONG if item.get_closest_marker(name)}
    waiting = {item.path for item in items if item.path.parent.name in ("mpi", "slurm")}
    ordered = zip_longest(sorted(waiting, reverse=True), sorted(computing))
    rank = {path: number for number, path in enumerate(path for pair in ordered for path in pair if path)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """What a test uses NEST for must be tried with every build of it, so the test has to say so."""
    if item.get_closest_marker("nest"):
        return (yield)
    with without_nest():
        return (yield)
