"""How the wheel is built (PEP 517): by setuptools, with the compiled neurons for NEST's ready-made package.

They are compiled where there is a C++ compiler, on x86-64 Linux and with a Python that NEST has a package
for: the package brings the headers. Elsewhere, and with ``EIASSEMBLY_PREBUILT=no``, the wheel is without
them: then the neuron is compiled when it is first needed. The wheel is for every platform all the same:
whoever cannot use what is compiled has the sources.
"""

import os
import platform
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  (a build backend is what its module has)
from setuptools.command.build_py import build_py

_TOP = Path(__file__).resolve().parents[1]
_PYTHONS = ((3, 11), (3, 12), (3, 13))
"""That NEST's ready-made package is there for."""


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Return what the build needs beside setuptools: NEST's package, if neurons can be compiled."""
    required = build_meta.get_requires_for_build_wheel(config_settings)
    return [*required, *(_nest() if _can_compile() else [])]


def _nest() -> list[str]:
    project = tomllib.loads((_TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    nest: list[str] = project["optional-dependencies"]["nest"]
    return nest


def _can_compile() -> bool:
    compilers = (os.environ.get("CXX") or "g++", "g++", "clang++")
    return (
        os.environ.get("EIASSEMBLY_PREBUILT") != "no"
        and (sys.platform, platform.machine()) == ("linux", "x86_64")
        and sys.version_info[:2] in _PYTHONS
        and any(shutil.which(compiler) for compiler in compilers)
    )


class BuildPy(build_py):
    """Copy the package, then compile the neurons into the copy."""

    def run(self) -> None:
        """As setuptools does; an editable installation has what is in the folders, and nothing else."""
        super().run()
        if not self.editable_mode:
            self._written = _write_neurons(Path(self.build_lib).resolve())

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Return what the copy has."""
        return [*super().get_outputs(include_bytecode), *map(str, getattr(self, "_written", []))]


def _write_neurons(copy: Path) -> list[Path]:
    folder = copy / "eiassembly" / "model" / "neuron" / "prebuilt"
    shutil.rmtree(folder, ignore_errors=True)
    if not _can_compile():
        print("eiassembly: no compiled neurons in this wheel (no compiler, no NEST package, or not wanted)")
        return []
    # The copy is a package as it will be installed; in the sources its folders lie at the top.
    sys.path.insert(0, str(copy))
    sys.dont_write_bytecode = True  # into the wheel
    from eiassembly.core.errors import EiassemblyError
    from eiassembly.core.nest_installation import find_nest
    from eiassembly.model.neuron.prebuilt import write_prebuilt
    from eiassembly.model.neuron.toolchain import find_compiler

    try:
        written = write_prebuilt(find_nest(), find_compiler(has_mpi=False), folder)
    except EiassemblyError as error:
        print(f"eiassembly: no compiled neurons in this wheel: {error}")
        shutil.rmtree(folder, ignore_errors=True)
        return []
    print("\n".join(f"eiassembly: compiled {path}" for path in written))
    return written
