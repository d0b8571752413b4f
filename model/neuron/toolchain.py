"""How our NEST extension module is compiled: sources, compiler and flags.

The wheel's build uses this too, in an environment with nothing but the standard library.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.nest_installation import NestInstallation

MODULE = "eiassembly_module.so"
"""NEST names a module after its file: the same for every build."""

NATIVE = "native"
"""The processor that the compiler runs on."""

_SOURCES = Path(__file__).parent
_UNIT = _SOURCES / "eiassembly_module.cpp"
# What NEST's headers include and a system may not have: searched after the system's own headers.
_COMPAT = _SOURCES / "compat"
# What lets older systems than the one that compiles load a module.
_PORTABLE = _SOURCES / "portable"

# No contraction to fused multiply-add: results stay equal from machine to machine.
_FLAGS = ("-std=c++20", "-O3", "-ffp-contract=off", "-fopenmp", "-fPIC")
# About our sources: NEST has the system's headers. GCC 12 has one warning about its own AVX-512.
_WARNINGS = ("-Wall", "-Wextra", "-Wno-maybe-uninitialized")
# Not linked with OpenMP: its functions are those of the library that NEST has loaded, a copy of its own.
_LINK = ("-shared", "-s", "-Wl,--as-needed")


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler.

    Parameters
    ----------
    command : tuple of str
        The program and its first arguments.
    remark : str
        Why it is not the one that CXX names; empty if it is, or if CXX is not set.
    """

    command: tuple[str, ...]
    remark: str = ""

    def __str__(self) -> str:
        """Return it as one would type it."""
        return shlex.join(self.command)

    def version(self) -> str:
        """First line that it says of itself."""
        run = subprocess.run(
            [*self.command, "--version"], capture_output=True, check=False, encoding="utf-8", errors="replace"
        )
        return run.stdout.splitlines()[0] if run.stdout else str(self)

    def finds(self, header: str) -> bool:
        """Whether it finds a header."""
        run = subprocess.run(
            [*self.command, "-E", "-x", "c++", "-", "-o", os.devnull],
            input=f"#include <{header}>\n",
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
        return run.returncode == 0


def find_compiler(has_mpi: bool) -> Compiler:
    """Return the environment's CXX, MPI's wrapper for a NEST with MPI, g++ or clang++.

    A CXX that is not there, or does not find the headers of MPI where they are needed, is passed over:
    modules of clusters and conda set it to their plain compiler.

    Raises
    ------
    EnvironmentProblemError
        There is none.
    """
    remark = ""
    for compiler in _candidates(has_mpi):
        is_cxx = str(compiler) == os.environ.get("CXX", "").strip()
        if not shutil.which(compiler.command[0]):
            remark = f"CXX={compiler} is not there" if is_cxx else remark
        elif is_cxx and has_mpi and not compiler.finds("mpi.h"):
            remark = f"CXX={compiler} does not find mpi.h"
        else:
            return replace(compiler, remark=remark)
    wanted = "mpicxx (as this NEST is built with MPI)" if has_mpi else "g++ or clang++"
    raise EnvironmentProblemError(
        f"no C++ compiler: expected {wanted} on the PATH or in CXX; on Debian or Ubuntu: apt-get install g++"
        + (" libopenmpi-dev" if has_mpi else "")
    )


def _candidates(has_mpi: bool) -> Iterator[Compiler]:
    given = shlex.split(os.environ.get("CXX", ""))
    if given:
        yield Compiler(tuple(given))
    yield from (Compiler((name,)) for name in (*(["mpicxx"] if has_mpi else []), "g++", "clang++"))


def source_digest() -> str:
    """Return a hash of our sources and of how they are compiled, 64 hexadecimal digits."""
    digest = hashlib.sha256(repr((_FLAGS, _LINK)).encode())
    for path in sorted(path for path in _SOURCES.rglob("*") if path.suffix in (".cpp", ".h")):
        digest.update(path.relative_to(_SOURCES).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def build(compiler: Compiler, nest: NestInstallation, processor: str, target: Path, log: Path) -> None:
    """Compile the module.

    Parameters
    ----------
    compiler : Compiler
        From `find_compiler`.
    nest : NestInstallation
        Whose headers to use.
    processor : str
        Of which instructions may be used, a value of ``-march``. All but `NATIVE` are also for older systems
        than this one: glibc 2.14 and the C++ library of GCC 7 suffice, if this compiler adds nothing newer.
    target : Path
        The file to write.
    log : Path
        Where to leave what the compiler says if it fails.

    Raises
    ------
    EnvironmentProblemError
        The compiler fails; with the first error it reports.
    """
    is_portable = processor != NATIVE
    flags = (
        *_FLAGS,
        *_WARNINGS,
        f"-march={processor}",
        f"-D_GLIBCXX_USE_CXX11_ABI={int(nest.cxx11_strings)}",
        *([f"-I{_PORTABLE}"] if is_portable else []),
        f"-I{_SOURCES}",
        "-isystem",
        str(nest.include),
        "-idirafter",
        str(_COMPAT),
    )
    sources = [_UNIT, *(sorted(_PORTABLE.glob("*.cpp")) if is_portable else [])]
    with tempfile.TemporaryDirectory(dir=target.parent) as directory:
        objects = [str(Path(directory) / f"{source.stem}.o") for source in sources]
        for source, compiled in zip(sources, objects, strict=True):
            _call([*compiler.command, *flags, "-c", "-o", compiled, str(source)], log)
        _call([*compiler.command, *_LINK, "-o", str(target), *objects], log)


def _call(command: list[str], log: Path) -> None:
    run = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", errors="replace")
    if run.returncode != 0:
        log.write_text(f"{shlex.join(command)}\n{run.stderr}", encoding="utf-8")
        first = next((line for line in run.stderr.splitlines() if "error" in line), "no message")
        raise EnvironmentProblemError(
            f"{command[0]}: cannot compile the NEST extension: {first} (log: {log})"
        )
