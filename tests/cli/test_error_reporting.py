"""Before MPI is there to agree on it, one of several processes says what is wrong."""

import time

import pytest

from eiassembly.cli.application import _may_report

OPEN_MPI = ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK")
HYDRA = ("PMI_SIZE", "PMI_RANK")


@pytest.mark.parametrize(("names", "rank", "speaks"), [
    (OPEN_MPI, "0", True),
    (OPEN_MPI, "1", True),  # if it is still there: the first one would have ended it
    (HYDRA, "0", True),
    (HYDRA, "1", False),  # as MPICH's mpirun does not end processes that have not called MPI yet
])  # fmt: skip
def test_who_reports(names, rank, speaks, monkeypatch):
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setenv("MPI_LOCALNRANKS", "2")
    for name, value in zip(names, ("2", rank), strict=True):
        monkeypatch.setenv(name, value)
    assert _may_report() is speaks
    assert bool(waits) is (rank != "0")  # the first one comes first


def test_alone(monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("a single process waits for nobody"))
    assert _may_report()
