"""`doctor` on this machine, and on one whose launcher and NEST do not fit."""

import dataclasses
import re
import sys
import tomllib

import h5py
import pytest
from command_line import run_command
from run_files import write_random_run

from eiassembly.cli import main
from eiassembly.core.hdf5 import created
from eiassembly.core.nest_installation import INSTALL_HINT, find_nest
from eiassembly.model.state.progress import RunState, run_state

READY = ("analysis    ready", "simulation  ready")


@pytest.mark.nest
def test_all_is_well_here(capsys):
    pytest.importorskip("nest", reason="NEST is not installed")
    main(["doctor"])
    said = capsys.readouterr().out
    assert said.endswith("all is well\n")
    for name in ("NEST", "compiler", "neuron", "HDF5", "mpirun", "mpi4py", "processes   1", *READY):
        assert f"\n{name}" in said


@pytest.mark.nest
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


def doctor(before):
    """What `doctor` does in a Python of its own after some preparation."""
    code = f"import sys; {before}; from eiassembly.cli import main; main(['doctor'])"
    return run_command("-c", code, command=(sys.executable,), variables={"CXX": ""})


def test_without_nest_it_is_ready_for_analysis():
    """In a Python that finds this package and its dependencies, but no NEST; the advice works in a clone."""
    done = doctor("sys.modules['nest'] = None")
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert said[-1] == "ready for analysis; all that is installed is well"
    assert "analysis    ready" in said
    (advice,) = [line for line in said if line.startswith("simulation  ")]
    assert advice.startswith("simulation  not installed: needs NEST; in a clone: make demo")
    assert "eiassembly[nest]" not in done.stdout


@pytest.mark.parametrize(
    "broken",
    [
        "sys.modules['sklearn'] = None",
        "sys.modules['matplotlib.figure'] = None",
        "sys.modules['scipy'] = None",
    ],
)
def test_a_broken_part_of_the_analysis_is_named(broken):
    done = doctor(broken)
    assert done.returncode == 1
    assert done.stdout.endswith("not all is well\n")
    assert "\nanalysis    ready" not in done.stdout
    (line,) = done.stderr.splitlines()
    name = broken.split("'")[1]
    assert line.startswith(f"eiassembly: error: analysis: {name}")


@pytest.mark.nest
def test_a_broken_nest_is_an_error(tmp_path):
    """A package of that name without its kernel."""
    (tmp_path / "nest").mkdir()
    (tmp_path / "nest" / "__init__.py").write_text("", encoding="utf-8")
    done = doctor(f"sys.path.insert(0, {str(tmp_path)!r})")
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert said[-2:] == ["simulation  not ready", "not all is well"]
    assert "analysis    ready" in said
    assert "the kernel library of NEST is missing" in done.stderr


def test_the_advice_names_the_version_that_is_pinned(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (pinned,) = project["optional-dependencies"]["nest"]
    assert pinned in INSTALL_HINT
    assert "'.[nest]'" in INSTALL_HINT
    targets = (repository / "Makefile").read_text(encoding="utf-8")
    assert "make demo" in INSTALL_HINT
    assert "\ndemo:" in targets


def told(capsys, path):
    main(["doctor", str(path)])
    return dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())


def refused(capsys, path):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", str(path)])
    assert ended.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line.removeprefix("eiassembly: error: ")


def test_a_complete_run(tmp_path, capsys):
    path = write_random_run(tmp_path / "run.h5")
    before = path.read_bytes()
    assert told(capsys, path) == {
        "run": str(path),
        "state": "complete",
        "holds": "13 of 13 s simulated, 4 of 4 presentations",
    }
    assert run_state(path) == RunState(True, False, False, 13000.0, 13000.0, 0.0, 4, 4)
    assert path.read_bytes() == before


def test_a_run_that_stopped(tmp_path, capsys):
    """The second presentation ends at 6 s, the third at 9 s."""
    path = write_random_run(tmp_path / "run.h5.partial", complete=False, simulated=8999.9)
    found = told(capsys, path)
    assert (found["state"], found["holds"]) == (
        "not complete",
        "8.9999 of 13 s simulated, 2 of 4 presentations",
    )
    assert "h5py" in found["use"]


def test_a_run_that_is_being_written(tmp_path, capsys):
    finished = write_random_run(tmp_path / "other.h5", complete=False, simulated=3000.0)
    with created(tmp_path / "run.h5") as h5, h5py.File(finished) as source:
        h5.attrs.update(dict(source.attrs))
        source.copy("eiassembly", h5)
        h5.flush()
        found = told(capsys, tmp_path / "run.h5.partial")
        assert (found["state"], "use" in found) == ("being written", False)
    assert told(capsys, tmp_path / "run.h5")["state"] == "not complete"


def test_a_run_that_was_ended_before_it_began(tmp_path, capsys):
    with created(tmp_path / "run.h5"):
        said = refused(capsys, tmp_path / "run.h5.partial")
    assert said.endswith(
        "run.h5.partial: nothing in it yet: the run has not begun, or was ended before it did"
    )
    (tmp_path / "empty.h5").write_bytes(b"")
    assert "empty.h5: empty: the run was ended before it began" in refused(capsys, tmp_path / "empty.h5")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.h5", "no such file; expected an eiassembly-run file"),
        ("text.h5", "not a readable HDF5 file"),
        ("folder", "no such file"),
        ("net.h5", "attribute format: expected eiassembly-run, found eiassembly-network"),
        ("foreign.h5", "attribute format: expected eiassembly-run, found nothing"),
        ("lost.h5", "damaged or incomplete eiassembly-run file: .*simulated"),
    ],
)
def test_other_files(name, message, tmp_path, capsys):
    (tmp_path / "text.h5").write_text("text\n" * 1000)
    (tmp_path / "folder").mkdir()
    for other, attributes in (("net.h5", {"format": "eiassembly-network"}), ("foreign.h5", {"a": 1})):
        with h5py.File(tmp_path / other, "w") as h5:
            h5.attrs.update(attributes)
    with h5py.File(write_random_run(tmp_path / "lost.h5"), "r+") as h5:
        del h5["eiassembly"].attrs["simulated"]
    assert re.match(f"{re.escape(str(tmp_path / name))}: {message}", refused(capsys, tmp_path / name))
