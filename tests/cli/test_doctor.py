"""`doctor` on this machine, and on one whose launcher and NEST do not fit."""

import dataclasses
import os
import subprocess
import sys

import pytest

from eiassembly.cli import main
from eiassembly.model.nest_installation import find_nest


def test_all_is_well_here(capsys):
    pytest.importorskip("nest", reason="NEST is not installed")
    main(["doctor"])
    said = capsys.readouterr().out
    assert said.endswith("all is well\n")
    for name in ("NEST", "compiler", "neuron", "HDF5", "mpirun", "mpi4py", "processes   1"):
        assert f"\n{name}" in said


def test_several_processes_without_mpi_are_refused(capsys, monkeypatch):
    pytest.importorskip("nest", reason="NEST is not installed")
    without = dataclasses.replace(find_nest(), has_mpi=False)
    monkeypatch.setattr("eiassembly.cli.doctor.find_nest", lambda: without)
    monkeypatch.setattr("eiassembly.cli.doctor.compiled_module", lambda nest: "not asked for here")
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "3")
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 1
    assert "the launcher started 3 processes, but this NEST is built without MPI" in capsys.readouterr().err


def test_without_nest_it_says_how_to_get_it(tmp_path):
    """In a Python that finds this package and its dependencies, but no NEST."""
    code = "import sys; sys.modules['nest'] = None; from eiassembly.cli import main; main(['doctor'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"CXX": ""},
    )
    assert done.returncode == 1
    assert "NEST is not installed" in done.stderr
    assert len(done.stderr.splitlines()) == 1
