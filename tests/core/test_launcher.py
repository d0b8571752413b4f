"""Who started this process, and whether launcher, NEST and mpi4py fit: before NEST is imported, and after."""

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import environment, run_command

from eiassembly.core import launcher
from eiassembly.core.communicator import SerialCommunicator
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.launcher import (
    Launch,
    check_installation,
    check_kernel,
    communicator_of,
    launch,
    mpi_family,
)
from eiassembly.core.nest_installation import NestInstallation, find_nest

NEST = NestInstallation("3.10.0", Path("library"), Path("include"), has_mpi=False, cxx11_strings=True)
SRUN = {"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8", "SLURM_PROCID": "3", "SLURM_NTASKS": "8"}
HYDRA = {"PMI_SIZE": "3", "PMI_RANK": "2", "MPI_LOCALNRANKS": "3", "MPI_LOCALRANKID": "2"}
OPEN_MPI = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "1", "PMIX_RANK": "1"}
BATCH_SCRIPT = {
    "SLURM_JOB_ID": "7", "SLURM_NTASKS": "8", "SLURM_NPROCS": "8", "SLURM_PROCID": "0", "SLURM_LOCALID": "0",
    "SLURM_NODEID": "0", "SLURM_TASKS_PER_NODE": "8", "SLURM_TASK_PID": "99",
}  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "size"),
    [
        ({}, 1),
        ({"OMPI_COMM_WORLD_SIZE": "4"}, 4),
        ({"PMI_SIZE": "2"}, 2),
        ({"SLURM_STEP_ID": "0", "PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "8"}, 8),
        ({"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8"}, 1),
        ({"OMPI_COMM_WORLD_SIZE": "?"}, 1),
        (BATCH_SCRIPT, 1),
        (BATCH_SCRIPT | OPEN_MPI, 4),
        (SRUN | OPEN_MPI, 4),  # mpirun's daemons on other machines are started by srun
        (SRUN, 8),
    ],
)
def test_size_as_the_launcher_says(variables, size):
    assert launch(variables).size == size


@pytest.mark.parametrize(
    ("variables", "started"),
    [
        (OPEN_MPI, Launch(4, 1, "Open MPI")),
        (HYDRA, Launch(3, 2, "MPICH")),
        ({"MV2_COMM_WORLD_SIZE": "2", "MV2_COMM_WORLD_RANK": "1"}, Launch(2, 1, "MPICH")),
        (SRUN, Launch(8, 3, "", speaks_pmi=False)),
        (SRUN | {"PMIX_RANK": "3"}, Launch(8, 3, "")),
        (SRUN | {"PMI_SIZE": "8", "PMI_RANK": "3"}, Launch(8, 3, "")),
    ],
)
def test_which_launcher(variables, started):
    assert launch(variables) == started


@pytest.mark.parametrize(
    ("content", "family"),
    [
        (b"\0libmpi_cxx.so.40\0libmpi.so.40\0", "Open MPI"),
        (b"\0libmpicxx.so.12\0libmpi.so.12\0", "MPICH"),
        (b"\0libmpi.so.99\0libm.so.6", ""),
        (b"", ""),
    ],
)
def test_mpi_of_a_library(content, family, tmp_path):
    (tmp_path / "library.so").write_bytes(content)
    assert mpi_family(tmp_path / "library.so") == family


def started_as(monkeypatch, variables):
    monkeypatch.setattr(launcher, "launch", lambda: launch(variables))


def fitting_nest(tmp_path, library=b"libmpi.so.40"):
    (tmp_path / "library.so").write_bytes(library)
    return dataclasses.replace(NEST, library=tmp_path / "library.so", has_mpi=True)


def test_one_process_needs_no_mpi(monkeypatch):
    started_as(monkeypatch, {})
    assert communicator_of(NEST).size == 1


@pytest.mark.parametrize("variables", [OPEN_MPI, HYDRA, SRUN, SRUN | {"PMIX_RANK": "3"}])
def test_several_processes_with_a_nest_without_mpi_are_refused(variables, monkeypatch):
    started_as(monkeypatch, variables)
    with pytest.raises(EnvironmentProblemError, match="built without MPI"):
        communicator_of(NEST)


def test_a_launcher_of_another_mpi_is_refused(monkeypatch, tmp_path):
    started_as(monkeypatch, HYDRA)
    with pytest.raises(EnvironmentProblemError, match="is MPICH's, but this NEST is built with Open MPI"):
        communicator_of(fitting_nest(tmp_path))
    started_as(monkeypatch, OPEN_MPI)
    with pytest.raises(EnvironmentProblemError, match="is Open MPI's, but this NEST is built with MPICH"):
        communicator_of(fitting_nest(tmp_path, b"libmpi.so.12"))


def test_what_fits_passes(tmp_path):
    for variables, library in ((OPEN_MPI, b"libmpi.so.40"), (HYDRA, b"libmpi.so.12"), (OPEN_MPI, b"")):
        check_installation(launch(variables), fitting_nest(tmp_path, library))


def test_srun_without_pmi_is_refused(monkeypatch, tmp_path):
    started_as(monkeypatch, SRUN)
    with pytest.raises(EnvironmentProblemError, match="expected srun --mpi=pmix"):
        communicator_of(fitting_nest(tmp_path))


def test_an_mpi4py_that_is_not_the_launchers_is_refused(monkeypatch, tmp_path):
    started_as(monkeypatch, OPEN_MPI)
    monkeypatch.setattr(launcher, "MpiCommunicator", SerialCommunicator)
    with pytest.raises(
        EnvironmentProblemError, match="4 processes, but mpi4py sees 1: it belongs to another"
    ):
        communicator_of(fitting_nest(tmp_path))


def test_an_mpi4py_that_does_not_load_is_refused(monkeypatch, tmp_path):
    started_as(monkeypatch, OPEN_MPI)
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    with pytest.raises(EnvironmentProblemError, match=r"mpi4py does not load: .*; pip install mpi4py"):
        communicator_of(fitting_nest(tmp_path))


@pytest.mark.parametrize(("n_processes", "rank"), [(1, 0), (4, 3), (8, 2)])
def test_a_nest_that_sees_others_is_refused(n_processes, rank, monkeypatch):
    """Built with another MPI each process is alone; an unknown launcher may have started more than one."""
    communicator = SerialCommunicator()
    communicator.size, communicator.rank = (4, 2) if n_processes != 4 else (1, 0)
    monkeypatch.setattr(launcher, "loaded_libraries", lambda: [])
    with pytest.raises(
        EnvironmentProblemError, match=f"{communicator.size} processes, but NEST sees {n_processes}"
    ):
        check_kernel(communicator, n_processes, rank)


def test_two_mpis_in_one_process_are_refused(monkeypatch):
    monkeypatch.setattr(launcher, "loaded_libraries", lambda: ["/a/libmpi.so.40", "/b/libmpi.so.12"])
    with pytest.raises(
        EnvironmentProblemError, match=r"two MPIs in one process: /a/\S+ and /b/\S+; expected an"
    ):
        check_kernel(SerialCommunicator(), 1, 0)
    monkeypatch.setattr(launcher, "loaded_libraries", lambda: ["/a/libmpi.so.40"])
    check_kernel(SerialCommunicator(), 1, 0)


def test_loaded_libraries_are_seen():
    """In a process that loads MPI, if this Python has it."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed")
    code = (
        "import sys; from mpi4py import MPI; from eiassembly.core.launcher import loaded_libraries;"
        "print(loaded_libraries())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert re.fullmatch(r"\['/\S*libmpi\S*'\]\n", done.stdout)


@pytest.mark.skipif(find_nest().has_mpi, reason="this NEST is built with MPI")
@pytest.mark.skipif(not shutil.which("mpirun"), reason="no mpirun on the PATH")
@pytest.mark.parametrize("command", [("simulate", "net.h5", "odors.h5", "--out", "run.h5"), ("doctor",)])
@pytest.mark.nest
def test_the_ready_made_nest_under_mpirun(command, tmp_path):
    """Importing it there ends the process without a word: the check comes before."""
    launcher = ("mpirun", "--oversubscribe", "-n", "2")
    done = run_command(*command, prefix=launcher, cwd=tmp_path, timeout=120)
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if line.startswith("eiassembly")]
    assert len(said) == 1
    assert "the launcher started 2 processes, but this NEST is built without MPI" in said[0]
    assert done.stdout.count("\nNEST ") == (command == ("doctor",))
