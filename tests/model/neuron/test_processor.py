"""Levels of the x86-64 processor supplement, from what Linux says of a processor."""

import pytest

from eiassembly.model.neuron import processor
from eiassembly.model.neuron.processor import LEVELS, VARIABLE, features, levels

V3 = {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"}
V4 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@pytest.fixture
def machine(monkeypatch):
    """A processor with these features."""
    monkeypatch.delenv(VARIABLE, raising=False)

    def has(*names, architecture="x86_64"):
        monkeypatch.setattr(processor, "features", lambda: frozenset(names))
        monkeypatch.setattr("platform.machine", lambda: architecture)

    return has


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        (V3 | V4, ["x86-64-v4", "x86-64-v3", "x86-64"]),
        (V3, ["x86-64-v3", "x86-64"]),
        (V3 - {"fma"}, ["x86-64"]),
        (V4, ["x86-64"]),  # no such processor: a level has what those below it have
        (set(), ["x86-64"]),
    ],
)
def test_levels_best_first(machine, has, expected):
    machine(*has)
    assert list(levels()) == expected


def test_another_architecture_has_none(machine):
    machine("asimd", architecture="aarch64")
    assert levels() == ()


def test_the_variable_leaves_one(machine, monkeypatch):
    machine(*V3)
    for wanted, expected in (("x86-64", ("x86-64",)), ("x86-64-v4", ())):
        monkeypatch.setenv(VARIABLE, wanted)
        assert levels() == expected


def test_what_linux_says(tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text("processor\t: 0\nflags\t\t: fpu vme avx2\n\nprocessor\t: 1\nflags\t\t: other\n")
    assert features(path) == {"fpu", "vme", "avx2"}
    assert features(tmp_path / "absent") == frozenset()


def test_the_levels_are_in_order():
    assert list(LEVELS) == sorted(LEVELS, reverse=True)
