"""The compiled neuron in its cache: once per key, by one process, never half-written."""

import dataclasses
import errno
import os
import subprocess
import sys

import pytest
from filelock import FileLock
from simulations import poisson_odors, random_network, saved

from eiassembly.cli import main
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.nest_installation import find_nest
from eiassembly.model.neuron import compile
from eiassembly.model.neuron.compile import build_key, cache_directory, compiled_module

pytestmark = pytest.mark.nest

# Writes what it was told to write, slowly, and notes what it was called for.
FAKE = """#!/bin/sh
case "$1" in --version) echo fake 1.0; exit 0;; -E) exit 0;; esac
while [ "$1" != -o ]; do shift; done
case "$2" in *.so) echo called >>"{log}"; sleep 1;; esac
echo compiled >"$2"
"""
FAILING = """#!/bin/sh
case "$1" in --version) echo fake 1.0; exit 0;; -E) exit 0;; esac
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


def test_a_second_call_does_not_compile(compiler):
    log = compiler(FAKE)
    said = []
    first, second = (compiled_module(find_nest(), said.append) for _ in range(2))
    assert first == second
    assert first.read_text() == "compiled\n"
    assert log.read_text() == "called\n"
    assert len(said) == 2
    assert said[0].startswith("compiling the neuron for NEST")


def test_what_is_compiled_already_needs_no_compiler(compiler, monkeypatch, tmp_path):
    """Compute nodes of a cluster, with the cache of the login node."""
    compiler(FAKE)
    module = compiled_module(find_nest(), lambda line: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX")
    assert compiled_module(find_nest(), lambda line: None) == module


def test_of_several_processes_one_compiles_and_all_get_the_result(compiler):
    log = compiler(FAKE)
    code = (
        "from eiassembly.model.neuron.compile import compiled_module as c; "
        "from eiassembly.core.nest_installation import find_nest as f; print(c(f()))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(4)]
    paths = {process.communicate(timeout=120)[0] for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert len(paths) == 1
    assert log.read_text() == "called\n"


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


def test_a_module_that_cannot_be_loaded_is_one_line(compiler, tmp_path, capfd):
    """A compiler that fails without saying so, or a cache that was damaged later."""
    compiler(FAKE)
    files = saved(tmp_path, random_network(1), poisson_odors(1, 100))
    with pytest.raises(SystemExit, match="1"):
        main(["simulate", *map(str, files), "--out", str(tmp_path / "run.h5")])
    error = capfd.readouterr().err.splitlines()[-1]
    assert error.startswith("eiassembly: error: ")
    assert "eiassembly_module.so: NEST cannot load the compiled neuron" in error
    assert not (tmp_path / "run.h5").exists()


@pytest.fixture
def no_cache(compiler, tmp_path, monkeypatch):
    """A cache that nobody can write, not even root, and a folder for what is temporary."""
    log = compiler(FAKE)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return log


def test_without_a_cache_it_is_kept_in_a_private_folder(no_cache, tmp_path):
    said = []
    first, second = (compiled_module(find_nest(), said.append) for _ in range(2))
    assert first == second
    assert no_cache.read_text() == "called\n"
    (private,) = (tmp_path / "temporary").iterdir()
    assert private in first.parents
    assert private.stat().st_mode & 0o777 == 0o700
    assert f"extension: cannot be written; the compiled neuron is kept in {private}" in said[0]


def test_a_folder_that_others_can_write_to_is_not_trusted(no_cache, tmp_path):
    shared = tmp_path / "temporary" / f"eiassembly-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    module = compiled_module(find_nest(), lambda line: None)
    assert shared not in module.parents
    assert tmp_path / "temporary" in module.parents


def test_a_link_to_a_private_folder_is_not_trusted(no_cache, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "temporary" / f"eiassembly-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    compiled_module(find_nest(), lambda line: None)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_nowhere_to_keep_it_is_one_line(no_cache, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(EnvironmentProblemError, match="set XDG_CACHE_HOME to a directory you can write to"):
        compiled_module(find_nest(), lambda line: None)


def test_a_damaged_module_is_compiled_again(compiler):
    log = compiler(FAKE)
    module = compiled_module(find_nest(), lambda line: None)
    module.write_bytes(module.read_bytes()[:3])
    again = compiled_module(find_nest(), lambda line: None)
    assert again.read_text() == "compiled\n"
    assert log.read_text() == "called\n" * 2
    assert [path.read_text() for path in cache_directory().rglob("*.so")] == ["compiled\n"]


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_file_system_that_cannot_lock(compiler, monkeypatch, number):
    compiler(FAKE)

    def flock(descriptor, operation):  # Lustre without -o flock, NFS without lockd
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", flock)
    assert compiled_module(find_nest(), lambda line: None).read_text() == "compiled\n"


def test_a_lock_that_nobody_releases_only_costs_time(compiler, monkeypatch):
    log = compiler(FAKE)
    monkeypatch.setattr(compile, "_PATIENCE", 0.1)
    first = compiled_module(find_nest(), lambda line: None)
    first.unlink()
    with FileLock(first.parents[1] / "lock"):
        assert compiled_module(find_nest(), lambda line: None) == first
    assert log.read_text() == "called\n" * 2


def test_the_key_changes_with_everything_the_module_depends_on(monkeypatch):
    nest = find_nest()
    before = build_key(nest)
    assert build_key(nest) == before
    others = {
        build_key(dataclasses.replace(nest, version="3.9.0")),
        build_key(dataclasses.replace(nest, has_mpi=not nest.has_mpi)),
        build_key(dataclasses.replace(nest, cxx11_strings=not nest.cxx11_strings)),
    }
    monkeypatch.setattr(compile, "features", lambda: frozenset({"another"}))
    others.add(build_key(nest))
    monkeypatch.undo()
    monkeypatch.setattr(compile, "source_digest", lambda: "other sources or flags")
    others.add(build_key(nest))
    assert len(others | {before}) == 6
