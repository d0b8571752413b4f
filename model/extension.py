"""Compile our NEST extension module once per NEST build, compiler and processor, and keep it in a cache."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.nest_installation import NestInstallation

NEURON = "alif_cond_exp_euler"
SOURCE = "spike_train_source"
SYNAPSE = "contact_synapse"

_SOURCES = Path(__file__).parent
_UNIT = "eiassembly_module.cpp"

# No contraction to fused multiply-add: results stay equal from machine to machine. The warnings that are
# silenced are those of NEST's templates.
_FLAGS = ("-std=c++20", "-O3", "-march=native", "-ffp-contract=off", "-fopenmp", "-fPIC", "-shared", "-w")


def cache_directory() -> Path:
    """Directory of the user's cache for compiled modules (XDG_CACHE_HOME is respected)."""
    return user_cache_path("eiassembly") / "extension"


def find_compiler(has_mpi: bool) -> str:
    """C++ compiler: the environment's CXX, MPI's wrapper for a NEST with MPI, g++ or clang++.

    Raises
    ------
    EnvironmentProblemError
        There is none.
    """
    candidates = [os.environ.get("CXX", ""), *(["mpicxx"] if has_mpi else []), "g++", "clang++"]
    for candidate in candidates:
        if candidate and shutil.which(candidate):
            return candidate
    wanted = "mpicxx (as this NEST is built with MPI)" if has_mpi else "g++ or clang++"
    raise EnvironmentProblemError(
        f"no C++ compiler: expected {wanted} on the PATH or in CXX; on Debian or Ubuntu: apt-get install g++"
        + (" libopenmpi-dev" if has_mpi else "")
    )


def _processor() -> str:
    # A module compiled for one node of a cluster may use instructions that another node lacks.
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        flags = next(line for line in lines if line.startswith(("flags", "Features")))
        return platform.machine() + flags.split(":", 1)[1]
    except (OSError, StopIteration):
        return platform.machine() + platform.processor()


def _compiler_version(compiler: str) -> str:
    run = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False)
    return run.stdout.splitlines()[0] if run.stdout else compiler


def build_key(nest: NestInstallation, compiler: str) -> str:
    """Hash of everything the compiled module depends on."""
    digest = hashlib.sha256()
    for path in sorted((*_SOURCES.glob("*.cpp"), *_SOURCES.glob("*.h"))):
        digest.update(path.name.encode() + path.read_bytes())
    stat = nest.library.stat()
    facts = (
        nest.version,
        str(nest.library),
        stat.st_size,
        stat.st_mtime_ns,
        nest.has_mpi,
        nest.cxx11_strings,
    )
    digest.update(repr((facts, _compiler_version(compiler), _processor(), _FLAGS)).encode())
    return digest.hexdigest()[:20]


def _compile(nest: NestInstallation, compiler: str, target: Path) -> None:
    abi = f"-D_GLIBCXX_USE_CXX11_ABI={int(nest.cxx11_strings)}"
    command = [compiler, *_FLAGS, abi, f"-I{nest.include}", f"-I{_SOURCES}"]
    with tempfile.TemporaryDirectory(dir=target.parent) as directory:
        output = Path(directory) / target.name
        run = subprocess.run(
            [*command, "-o", str(output), str(_SOURCES / _UNIT)], capture_output=True, text=True, check=False
        )
        log = target.with_suffix(".log")
        if run.returncode != 0:
            log.write_text(" ".join(command) + "\n" + run.stderr)
            first = next((line for line in run.stderr.splitlines() if "error" in line), "no message")
            raise EnvironmentProblemError(
                f"{compiler}: cannot compile the NEST extension: {first} (log: {log})"
            )
        output.replace(target)


def _announce(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def compiled_module(nest: NestInstallation, announce: Callable[[str], None] = _announce) -> Path:
    """Return the compiled module, compiled if need be: by one of several processes, the others wait.

    Parameters
    ----------
    nest : NestInstallation
        The NEST to compile for.
    announce : callable
        Receives a line before and after a compilation.

    Raises
    ------
    EnvironmentProblemError
        No compiler, the compilation fails, or the cache directory cannot be written.
    """
    compiler = find_compiler(nest.has_mpi)
    # NEST names a module after its file, so the key is the directory.
    target = cache_directory() / build_key(nest, compiler) / "eiassembly_module.so"
    if target.is_file():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / "lock"):
            if not target.is_file():
                announce(f"compiling the neuron for NEST {nest.version} with {compiler} (once, about 20 s) …")
                _compile(nest, compiler, target)
                announce(f"compiled: {target}")
    except OSError as error:
        raise EnvironmentProblemError(
            f"{target.parent}: cannot keep the compiled neuron: {error.strerror}; "
            "set XDG_CACHE_HOME to a directory you can write to"
        ) from error
    return target
