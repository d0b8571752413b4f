"""Who started this process, and what does not fit."""

import dataclasses
from pathlib import Path

import pytest

from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.launcher import Launch, check_installation, check_kernel, launch, mpi_family, world_of
from eiassembly.model.nest_installation import NestInstallation
from eiassembly.model.processors import Share, check_processors, limit_spinning
from eiassembly.model.world import SingleProcess

SRUN = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "3"}


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, Launch()),
        ({"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"}, Launch(4, 2, "Open MPI")),
        ({"PMI_SIZE": "2", "PMI_RANK": "1"}, Launch(2, 1)),
        ({"PMI_SIZE": "2", "PMI_RANK": "1", "MPI_LOCALNRANKS": "2"}, Launch(2, 1, "MPICH")),
        (SRUN | {"PMIX_RANK": "1"}, Launch(8, 1)),
        (SRUN, Launch(8, 3, "", speaks_pmi=False)),
        ({"SLURM_NTASKS": "8", "SLURM_PROCID": "0"}, Launch()),  # a batch script
        ({"OMPI_COMM_WORLD_SIZE": "?"}, Launch()),
    ],
)
def test_what_launchers_tell(environment, found):
    assert launch(environment) == found


@pytest.fixture
def nest(tmp_path):
    """A NEST that is linked with Open MPI."""
    library = tmp_path / "nestkernel_api.so"
    library.write_bytes(b"\0libstdc++.so.6\0libmpi.so.40\0")
    return NestInstallation("3.10.0", library, Path("include"), has_mpi=True, cxx11_strings=True)


def test_the_kind_of_mpi_is_seen_in_the_library(nest):
    assert mpi_family(nest.library) == "Open MPI"
    nest.library.write_bytes(b"\0libmpi.so.12\0")
    assert mpi_family(nest.library) == "MPICH"
    nest.library.write_bytes(b"\0libm.so.6\0")
    assert mpi_family(nest.library) == ""


def test_one_process_needs_no_mpi(nest, monkeypatch):
    monkeypatch.setattr("eiassembly.model.launcher.launch", Launch)
    assert isinstance(world_of(dataclasses.replace(nest, has_mpi=False)), SingleProcess)


@pytest.mark.parametrize(
    ("started", "has_mpi", "message"),
    [
        (Launch(2, 0, "Open MPI"), False, "started 2 processes, but this NEST is built without MPI"),
        (Launch(2, 0, "MPICH"), True, "is MPICH's, but this NEST is built with Open MPI"),
        (Launch(2, 0, "", speaks_pmi=False), True, "without a PMI.*srun --mpi=pmix"),
    ],
)
def test_what_cannot_work_is_refused_before_mpi_is_loaded(started, has_mpi, message, nest):
    with pytest.raises(EnvironmentProblemError, match=message):
        check_installation(started, dataclasses.replace(nest, has_mpi=has_mpi))


def test_what_fits_passes(nest):
    check_installation(Launch(2, 0, "Open MPI"), nest)


def test_an_mpi4py_of_another_mpi_is_refused(nest, monkeypatch):
    world = type("World", (), {"size": 1, "rank": 0})
    monkeypatch.setattr("eiassembly.model.launcher.launch", lambda: Launch(2, 0, "Open MPI"))
    monkeypatch.setattr("eiassembly.model.launcher.MpiWorld", world)
    with pytest.raises(EnvironmentProblemError, match="mpi4py sees 1: it belongs to another MPI"):
        world_of(nest)


def test_a_nest_that_sees_other_processes_is_refused():
    world = type("World", (), {"size": 2, "rank": 0})()
    with pytest.raises(EnvironmentProblemError, match="started 2 processes, but NEST sees 1"):
        check_kernel(world, 1, 0)


FOUR = frozenset(range(4))


@pytest.mark.parametrize(
    ("shares", "threads"),
    [([Share(0, FOUR)], 4), ([Share(0, FOUR)] * 2, 2), ([Share(0, FOUR), Share(1, FOUR)], 4)],
)
def test_a_processor_for_every_thread(shares, threads):
    check_processors(shares, threads)


@pytest.mark.parametrize(
    ("shares", "threads", "message"),
    [
        ([Share(0, FOUR)], 5, "5 threads, but 4 processors may be used"),
        ([Share(0, FOUR)] * 3, 2, "3 processes with 2 threads, but 4 processors"),
        (
            [Share(0, FOUR), Share(1, frozenset({0}))],
            2,
            "1 processors may be used on the machine of process 1",
        ),
        ([Share(0, frozenset({0})), Share(0, frozenset({1, 2, 3}))], 2, "binds process 0 to 1 processors"),
    ],
)
def test_too_few_processors(shares, threads, message):
    with pytest.raises(EnvironmentProblemError, match=message):
        check_processors(shares, threads)


def test_spinning_is_limited_unless_the_user_has_decided():
    environment = {}
    limit_spinning(environment)
    assert environment.keys() == {"GOMP_SPINCOUNT"}
    for decided in ({"OMP_WAIT_POLICY": "active"}, {"GOMP_SPINCOUNT": "7"}):
        left_alone = dict(decided)
        limit_spinning(left_alone)
        assert left_alone == decided
