"""The compiled neuron in its cache: once per key, by one process, never half-written."""

import dataclasses
import os
import subprocess
import sys

import pytest
from simulations import poisson_odors, random_network, saved

from eiassembly.cli import main
from eiassembly.model import extension
from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.extension import build_key, cache_directory, compiled_module, find_compiler
from eiassembly.model.nest_installation import find_nest

# Writes what it was told to write, slowly, and notes that it was called.
FAKE = """#!/bin/sh
if [ "$1" = --version ]; then echo fake 1.0; exit 0; fi
echo called >>"{log}"
while [ "$1" != -o ]; do shift; done
sleep 1
echo compiled >"$2"
"""
FAILING = """#!/bin/sh
if [ "$1" = --version ]; then echo fake 1.0; exit 0; fi
while [ "$1" != -o ]; do shift; done
echo half >"$2"
echo "neuron.cpp:1: error: no such thing" >&2
exit 1
"""


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """Install a compiler of the given text and an empty cache; returns the log of its calls."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def install(text):
        program, log = tmp_path / "compiler", tmp_path / "log"
        program.write_text(text.format(log=log))
        program.chmod(0o755)
        monkeypatch.setenv("CXX", str(program))
        return log

    return install


@pytest.mark.nest
def test_a_second_call_does_not_compile(compiler):
    log = compiler(FAKE)
    said = []
    first, second = (compiled_module(find_nest(), said.append) for _ in range(2))
    assert first == second
    assert first.read_text() == "compiled\n"
    assert log.read_text() == "called\n"
    assert len(said) == 2
    assert said[0].startswith("compiling the neuron for NEST")


@pytest.mark.nest
def test_of_several_processes_one_compiles_and_all_get_the_result(compiler):
    log = compiler(FAKE)
    code = (
        "from eiassembly.model.extension import compiled_module as c; "
        "from eiassembly.model.nest_installation import find_nest as f; print(c(f()))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)]
    paths = {process.communicate(timeout=120)[0] for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert len(paths) == 1
    assert log.read_text() == "called\n"


@pytest.mark.nest
def test_a_compiler_that_fails_leaves_no_module(compiler):
    compiler(FAILING)
    with pytest.raises(
        EnvironmentProblemError, match=r"cannot compile .* error: no such thing \(log: "
    ) as caught:
        compiled_module(find_nest(), lambda line: None)
    assert "\n" not in str(caught.value)
    assert not list(cache_directory().rglob("*.so"))
    (log,) = cache_directory().rglob("*.log")
    assert "no such thing" in log.read_text()


@pytest.mark.nest
def test_a_module_that_cannot_be_loaded_is_one_line(compiler, tmp_path, capfd):
    """A compiler that fails without saying so, or a cache that was damaged later."""
    compiler(FAKE)
    files = saved(tmp_path, random_network(1), poisson_odors(1, 100))
    with pytest.raises(SystemExit, match="1"):
        main(["simulate", *map(str, files), "--out", str(tmp_path / "run.h5")])
    error = capfd.readouterr().err.splitlines()[-1]
    assert error.startswith("eiassembly: error: ")
    assert "eiassembly_module.so: NEST cannot load the compiled neuron; remove the file" in error
    assert not (tmp_path / "run.h5").exists()


@pytest.mark.nest
def test_a_cache_that_cannot_be_written(compiler, tmp_path, monkeypatch):
    compiler(FAKE)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EnvironmentProblemError, match="set XDG_CACHE_HOME to a directory you can write to"):
        compiled_module(find_nest(), lambda line: None)


@pytest.mark.nest
def test_the_key_changes_with_everything_the_module_depends_on(tmp_path, monkeypatch):
    nest = find_nest()
    before = build_key(nest, "g++")
    assert build_key(nest, "g++") == before
    others = {
        build_key(dataclasses.replace(nest, version="3.9.0"), "g++"),
        build_key(dataclasses.replace(nest, has_mpi=not nest.has_mpi), "g++"),
        build_key(dataclasses.replace(nest, cxx11_strings=not nest.cxx11_strings), "g++"),
        build_key(nest, sys.executable),
    }
    monkeypatch.setattr(extension, "_processor", lambda: "another")
    others.add(build_key(nest, "g++"))
    monkeypatch.undo()
    monkeypatch.setattr(extension, "_FLAGS", ("-O0",))
    others.add(build_key(nest, "g++"))
    assert len(others | {before}) == 7


def test_no_compiler_is_one_line_that_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    for has_mpi, package in ((False, "g++"), (True, "libopenmpi-dev")):
        with pytest.raises(EnvironmentProblemError, match=rf"apt-get install .*{package.replace('+', '.')}"):
            find_compiler(has_mpi)
    assert os.environ["PATH"] == str(tmp_path)
