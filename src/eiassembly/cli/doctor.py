"""The command ``eiassembly doctor``: does this machine have what a simulation needs, and what if not."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import click
import h5py

import eiassembly
from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.extension import cache_directory, compiled_module, find_compiler
from eiassembly.model.launcher import launched_size, world_of
from eiassembly.model.nest_installation import find_nest

Finding = tuple[str, str]


def _program(name: str) -> str:
    if not shutil.which(name):
        return "not found (needed only for several processes)"
    done = subprocess.run([name, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr or "no version").splitlines()[0]


def _mpi4py() -> str:
    try:
        version = importlib.metadata.version("mpi4py")
    except importlib.metadata.PackageNotFoundError:
        return "not installed (needed only for several processes)"
    # In a process of its own: loading MPI may end the process where the installation is broken.
    code = "from mpi4py import MPI; print(MPI.Get_library_version().splitlines()[0])"
    alone = {k: v for k, v in os.environ.items() if not k.startswith(("OMPI_", "PMIX_", "PMI_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=alone
    )
    return f"{version}, {done.stdout.strip().rstrip(chr(0)) or 'its MPI does not load'}"


def _nest() -> Iterator[Finding]:
    nest = find_nest()
    kind = "with MPI" if nest.has_mpi else "threads only, without MPI"
    yield "NEST", f"{nest.version}, {kind}; {nest.library.parent}"
    compiler = find_compiler(nest.has_mpi)
    yield "compiler", f"{compiler}, {_program(compiler)}"
    yield "neuron", str(compiled_module(nest))
    processes = world_of(nest)
    yield "processes", f"{processes.size}, as the launcher says"


def _general() -> Iterator[Finding]:
    yield "eiassembly", eiassembly.__version__
    yield "Python", platform.python_version()
    yield "HDF5", f"{h5py.version.hdf5_version}, h5py {h5py.__version__}"
    yield "processors", str(os.cpu_count())
    yield "cache", str(cache_directory().parent)
    yield "mpirun", _program("mpirun")
    yield "mpi4py", _mpi4py()


def _tell(findings: Callable[[], Iterator[Finding]], is_first: bool) -> None:
    for name, value in findings():
        if is_first:
            click.echo(f"{name:<12}{value}")


def _is_first() -> bool:
    ranks = (os.environ.get(name, "0") for name in ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"))
    return all(rank == "0" for rank in ranks)


@click.command()
def doctor() -> None:
    """Say which NEST, MPI, compiler and HDF5 are found, whether they fit, and what to do if not.

    Example: mpirun -n 2 eiassembly doctor
    """
    is_first = _is_first()
    _tell(_general, is_first)
    try:
        _tell(_nest, is_first)
    except EnvironmentProblemError:
        if is_first:
            click.echo(f"{'processes':<12}{launched_size()} started")
            click.echo("not all is well:")
        raise
    if is_first:
        click.echo("all is well")
