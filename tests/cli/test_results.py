"""``eiassembly analyse`` and ``eiassembly report``."""

import json
import subprocess
import sys

import pytest
from run_files import write_random_run

from eiassembly.cli import main


@pytest.fixture
def runs(tmp_path):
    return [str(write_random_run(tmp_path / f"{name}.h5", name)) for name in ("rand", "scaled_i")]


def test_analyse_prints_a_table_and_writes_json(runs, tmp_path, capsys):
    out = tmp_path / "results.json"
    main(["analyse", *runs, "--out", str(out)])
    printed = capsys.readouterr().out
    assert "learned odors" in printed
    assert "scaled_i" in printed
    assert [run["label"] for run in json.loads(out.read_text())["runs"]] == ["rand", "scaled_i"]


def test_report_writes_one_file(runs, tmp_path, capsys):
    out = tmp_path / "report.html"
    main(["report", *runs, "--out", str(out)])
    assert out.read_text().startswith("<!DOCTYPE html>")
    assert {path.suffix for path in tmp_path.iterdir()} == {".h5", ".html"}
    assert str(out) in capsys.readouterr().out


@pytest.mark.parametrize("command", [["analyse"], ["report", "--out", "report.html"]])
def test_runs_are_required(command, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(command)
    assert exit_.value.code != 0
    assert "RUN.h5" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["analyse", "report"])
def test_a_missing_file_is_one_line(command, tmp_path, capsys):
    with pytest.raises(SystemExit, match="1"):
        main([command, str(tmp_path / "nowhere.h5"), "--out", str(tmp_path / "out.json")])
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "nowhere.h5: no such file" in captured.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["analyse", "report"])
def test_an_impossible_target_is_refused_before_the_work(command, runs, tmp_path, capsys):
    with pytest.raises(SystemExit, match="1"):
        main([command, *runs, "--out", str(tmp_path / "missing" / "out.json")])
    assert "does not exist" in capsys.readouterr().err


def test_analyse_needs_neither_nest_nor_mpi_nor_matplotlib(runs):
    code = (
        "import sys; from eiassembly.cli import main; main(sys.argv[1:]);"
        "sys.exit(bool({'nest', 'mpi4py', 'matplotlib.figure'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code, "analyse", *runs], check=True, capture_output=True)


@pytest.mark.parametrize("command", ["analyse", "report"])
def test_help_has_an_example(command, capsys):
    main([command, "--help"])
    assert f"Example: eiassembly {command}" in capsys.readouterr().out
