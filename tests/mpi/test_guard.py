"""What the launcher, NEST and mpi4py think of each other, under a real mpirun, and what doctor says of it."""

import os

import pytest
from command_line import run_command
from mpi_runs import mpirun, needs_mpi, own_lines

from eiassembly.core.processors import VARIABLE

pytestmark = [needs_mpi, pytest.mark.nest]
SIMULATE = ("simulate", "none.h5", "none.h5", "--out", "run.h5")
HYDRA = {"PMI_SIZE": "2", "PMI_RANK": "0", "MPI_LOCALNRANKS": "2"}


def test_doctor_speaks_once(tmp_path):
    done = run_command("doctor", prefix=mpirun(3), cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(set(lines))
    assert lines[-3:] == ["processes   3, as the launcher says", "simulation  ready", "all is well"]
    assert any(line.startswith("MPI in use") and "libmpi" in line for line in lines)


def test_doctor_of_a_file_speaks_once(tmp_path):
    done = run_command("doctor", "none.h5", prefix=mpirun(3), cwd=tmp_path, timeout=120)
    assert done.returncode == 1
    assert own_lines(done.stderr) == [
        "eiassembly: error: none.h5: no such file; expected an eiassembly-run file"
    ]


@pytest.mark.parametrize("command", [SIMULATE, ("doctor",)])
def test_too_many_ranks(command, tmp_path):
    ranks = len(os.sched_getaffinity(0)) + 1
    done = run_command(*command, prefix=mpirun(ranks), variables={VARIABLE: "0"}, cwd=tmp_path, timeout=120)
    assert done.returncode == 1
    (said,) = own_lines(done.stderr)
    assert f"{ranks} processes with 1 threads, but {ranks - 1} processors may be used" in said


@pytest.mark.parametrize("command", [SIMULATE, ("doctor",)])
def test_another_mpis_launcher(command, tmp_path):
    """As MPICH's mpirun presents itself; to start Open MPI there would give single processes."""
    done = run_command(*command, variables=HYDRA, cwd=tmp_path, timeout=120)
    assert done.returncode == 1
    (said,) = own_lines(done.stderr)
    assert "the launcher that started 2 processes is MPICH's, but this NEST is built with Open MPI" in said
    assert ("not all is well" in done.stdout) == (command == ("doctor",))


@pytest.mark.parametrize("command", [SIMULATE, ("doctor",)])
def test_mpi_that_does_not_find_the_other_processes(command, tmp_path):
    """As a launcher of an Open MPI that the one of this Python cannot talk to."""
    alone = {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}
    done = run_command(*command, variables=alone, cwd=tmp_path, timeout=120)
    assert done.returncode == 1
    (said,) = own_lines(done.stderr)
    assert "the launcher started 2 processes, but mpi4py sees 1" in said
