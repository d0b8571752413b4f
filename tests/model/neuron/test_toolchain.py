"""Which compiler is taken, and what our headers stand in for."""

import os
import shutil
import subprocess

import pytest

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.model.neuron import toolchain
from eiassembly.model.neuron.toolchain import Compiler, find_compiler, source_digest


def programs(folder, monkeypatch, **texts):
    """Only these programs on the PATH."""
    for name, text in texts.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CXX", raising=False)


def test_no_compiler_is_one_line_that_says_how_to_get_it(monkeypatch, tmp_path):
    programs(tmp_path, monkeypatch)
    for has_mpi, package in ((False, "g++"), (True, "libopenmpi-dev")):
        with pytest.raises(EnvironmentProblemError, match=rf"apt-get install .*{package.replace('+', '.')}"):
            find_compiler(has_mpi)


def test_the_compiler_that_cxx_names_is_taken(monkeypatch, tmp_path):
    programs(tmp_path, monkeypatch, **{"g++": "", "mine": ""})
    monkeypatch.setenv("CXX", "mine -m64")
    assert find_compiler(has_mpi=False) == Compiler(("mine", "-m64"))


def test_a_cxx_that_is_not_there_is_passed_over_and_told(monkeypatch, tmp_path):
    programs(tmp_path, monkeypatch, **{"g++": ""})
    monkeypatch.setenv("CXX", "absent")
    found = find_compiler(has_mpi=False)
    assert found.command == ("g++",)
    assert found.remark == "CXX=absent is not there"


def test_a_cxx_without_the_headers_of_mpi_gives_way_to_the_wrapper(monkeypatch, tmp_path):
    """`module load GCC` and conda set CXX to a plain compiler."""
    programs(tmp_path, monkeypatch, mpicxx="", plain="exit 1")
    monkeypatch.setenv("CXX", "plain")
    found = find_compiler(has_mpi=True)
    assert found.command == ("mpicxx",)
    assert found.remark == "CXX=plain does not find mpi.h"


def test_a_cxx_that_finds_the_headers_of_mpi_is_taken(monkeypatch, tmp_path):
    programs(tmp_path, monkeypatch, mpicxx="", CC="exit 0")
    monkeypatch.setenv("CXX", "CC")
    assert find_compiler(has_mpi=True) == Compiler(("CC",))


def test_a_real_compiler_says_which_headers_it_finds():
    if not shutil.which("g++"):
        pytest.skip("no g++ on the PATH")
    gcc = Compiler(("g++",))
    assert gcc.finds("vector")
    assert not gcc.finds("eiassembly/no_such_header.h")


@pytest.mark.skipif(not shutil.which("g++"), reason="no g++ on the PATH")
def test_our_name_for_the_type_of_libltdl_compiles_where_the_system_has_no_header(tmp_path):
    """Without the system's folders, as on a machine without libltdl's package for developers."""
    source = tmp_path / "handle.cpp"
    source.write_text("#include <ltdl.h>\nlt_dlhandle handle = nullptr;\n")
    command = ["g++", "-fsyntax-only", "-nostdinc", "-idirafter", str(toolchain._COMPAT), str(source)]
    assert subprocess.run(command, check=False).returncode == 0
    assert subprocess.run([*command[:3], str(source)], capture_output=True, check=False).returncode != 0


def test_the_digest_covers_every_source(monkeypatch, tmp_path):
    copy = tmp_path / "sources"
    shutil.copytree(toolchain._SOURCES, copy)
    monkeypatch.setattr(toolchain, "_SOURCES", copy)
    before = source_digest()
    sources = sorted(path for path in copy.rglob("*") if path.suffix in (".cpp", ".h"))
    assert {path.relative_to(copy).parts[0] for path in sources} > {"compat", "portable"}
    for source in sources:
        kept = source.read_bytes()
        source.write_bytes(kept + b"\n")
        assert source_digest() != before, source
        source.write_bytes(kept)
    assert source_digest() == before
    assert os.listdir(copy)
