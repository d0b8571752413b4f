"""The compiled neuron that a wheel carries is taken where it fits, whole and made of these sources."""

import dataclasses
import hashlib
import json
import shutil
import subprocess

import pytest

from eiassembly.core.nest_installation import find_nest
from eiassembly.model.neuron import prebuilt
from eiassembly.model.neuron.prebuilt import platform_of, prebuilt_module, versions_wanted, write_prebuilt
from eiassembly.model.neuron.toolchain import Compiler, find_compiler

pytestmark = pytest.mark.nest
TAGS = ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64")
LEVELS = ("x86-64-v3", "x86-64")


@pytest.fixture
def ready_made():
    """This NEST as if it were the ready-made package."""
    return dataclasses.replace(find_nest(), version="3.10.0", tags=TAGS, has_mpi=False)


@pytest.fixture
def folder(tmp_path, ready_made, monkeypatch):
    """What `write_prebuilt` leaves, by a compiler that writes anything."""
    program = tmp_path / "compiler"
    program.write_text('#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\necho "$2" >"$2"\n')
    program.chmod(0o755)
    monkeypatch.setattr(prebuilt, "levels", lambda: LEVELS)
    write_prebuilt(ready_made, Compiler((str(program),)), tmp_path / "prebuilt")
    return tmp_path / "prebuilt"


def test_the_best_of_the_processors_levels_is_taken(folder, ready_made, monkeypatch):
    assert prebuilt_module(ready_made, folder).parent.name == LEVELS[0]
    monkeypatch.setattr(prebuilt, "levels", lambda: ("x86-64",))
    assert prebuilt_module(ready_made, folder).parent.name == "x86-64"
    monkeypatch.setattr(prebuilt, "levels", tuple)
    assert prebuilt_module(ready_made, folder) is None


@pytest.mark.parametrize(
    "other",
    [
        {"version": "3.9.0"},
        {"has_mpi": True},
        {"tags": ("cp311-cp311-linux_x86_64",)},
        {"tags": ("cp311-cp311-manylinux_2_17_aarch64",)},
        {"tags": ()},
    ],
)
def test_another_nest_gets_none(folder, ready_made, other):
    assert prebuilt_module(dataclasses.replace(ready_made, **other), folder) is None


def test_the_packages_for_all_pythons_are_one_platform(ready_made):
    other = dataclasses.replace(ready_made, tags=tuple(tag.replace("cp311", "cp313") for tag in TAGS))
    assert platform_of(other) == platform_of(ready_made) == "nest-3.10.0-manylinux_2_17_x86_64"


def test_a_damaged_one_is_passed_over(folder, ready_made):
    best = prebuilt_module(ready_made, folder)
    best.write_bytes(best.read_bytes()[:-1])
    assert prebuilt_module(ready_made, folder).parent.name == LEVELS[1]
    shutil.rmtree(folder / platform_of(ready_made))
    assert prebuilt_module(ready_made, folder) is None


def test_one_of_other_sources_is_passed_over(folder, ready_made, monkeypatch):
    monkeypatch.setattr(prebuilt, "source_digest", lambda: "edited since")
    assert prebuilt_module(ready_made, folder) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_manifest_that_is_none_is_as_if_nothing_was_there(folder, ready_made, text):
    (folder / prebuilt.MANIFEST).write_text(text)
    assert prebuilt_module(ready_made, folder) is None


def test_one_for_newer_systems_is_passed_over(folder, ready_made):
    best = prebuilt_module(ready_made, folder)
    for wanted, expected in ((b"\0GLIBC_2.14\0", LEVELS[0]), (b"\0GLIBC_2.999\0", LEVELS[1])):
        best.write_bytes(wanted)
        manifest = json.loads((folder / prebuilt.MANIFEST).read_text())
        manifest["files"][best.relative_to(folder).as_posix()] = hashlib.sha256(wanted).hexdigest()
        (folder / prebuilt.MANIFEST).write_text(json.dumps(manifest))
        assert prebuilt_module(ready_made, folder).parent.name == expected


def test_a_clone_has_none(ready_made):
    """Developers change the sources: theirs are compiled when they are needed."""
    assert not prebuilt.FOLDER.exists()
    assert prebuilt_module(ready_made) is None


@pytest.mark.skipif(
    not (shutil.which("g++") and shutil.which("objdump")), reason="no g++ or no objdump on the PATH"
)
def test_a_real_one_compiles_without_a_warning_and_is_for_older_systems_than_this(tmp_path, monkeypatch):
    """NEST's package wants glibc 2.17, this the C++ library of GCC 7, too."""
    nest = find_nest()
    monkeypatch.setattr(prebuilt, "LEVELS", ["x86-64"])
    monkeypatch.setattr(prebuilt, "platform_of", lambda nest: "here")
    compiler = find_compiler(nest.has_mpi)
    strict = Compiler((*compiler.command, "-Werror"))
    (module, _) = write_prebuilt(nest, strict, tmp_path / "prebuilt")
    wanted = versions_wanted(module.read_bytes())
    table = subprocess.run(["objdump", "-p", module], capture_output=True, text=True, check=True).stdout
    assert {name.decode() for name in wanted} >= {
        word for word in table.split() if word.startswith(("GLIBC_", "GLIBCXX_", "CXXABI_"))
    }
    newest = {"GLIBC": (2, 17), "GLIBCXX": (3, 4, 21), "CXXABI": (1, 3, 11), "GCC": (4, 0, 0)}
    for name in wanted:
        library, _, version = name.decode().partition("_")
        assert tuple(map(int, version.split("."))) <= newest[library], name
    assert "libgomp" not in table
