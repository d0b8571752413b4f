"""The command ``eiassembly doctor``: does this machine have what a simulation needs, and what if not."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import h5py

import eiassembly
from eiassembly.cli.processes import check_room, one_voice, start_nest
from eiassembly.cli.simulate import default_threads
from eiassembly.model.cores import usable_processors
from eiassembly.model.errors import EiassemblyError
from eiassembly.model.extension import cache_directory, compiled_module, find_compiler
from eiassembly.model.launcher import launch, loaded_libraries, mpi_family, world_of
from eiassembly.model.nest_installation import NestInstallation, find_nest
from eiassembly.model.run_state import run_state

Finding = tuple[str, str]


def _program(name: str) -> str:
    if not shutil.which(name):
        return "not found (needed only for several processes)"
    done = subprocess.run(
        [name, "--version"], capture_output=True, encoding="utf-8", errors="replace", check=False
    )
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
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env=alone,
    )
    return f"{version}, {done.stdout.strip().rstrip(chr(0)) or 'its MPI does not load'}"


def _nest(nest: NestInstallation) -> Iterator[Finding]:
    family = f"with MPI ({mpi_family(nest.library) or 'which, cannot be seen'})"
    yield "NEST", f"{nest.version}, {family if nest.has_mpi else 'without MPI'}; {nest.library.parent}"
    compiler = find_compiler(nest.has_mpi)
    yield "compiler", f"{compiler}, {_program(compiler)}"
    yield "neuron", str(compiled_module(nest))


def _general() -> Iterator[Finding]:
    yield "eiassembly", eiassembly.__version__
    yield "Python", platform.python_version()
    yield "HDF5", f"{h5py.version.hdf5_version}, h5py {h5py.__version__}"
    yield "processors", f"{os.cpu_count()}, of which this process may use {len(usable_processors())}"
    yield "cache", str(cache_directory().parent)
    yield "mpirun", _program("mpirun")
    yield "mpi4py", _mpi4py()


def _tell(findings: Iterable[Finding]) -> None:
    """Print what is found, on the first of several processes."""
    for name, value in findings:
        if launch().rank == 0:
            click.echo(f"{name:<12}{value}")


def _check_environment() -> None:
    """Tell everything a simulation needs, up to the first thing that does not fit."""
    _tell(_general())
    nest = find_nest()
    _tell(_nest(nest))
    world = world_of(nest)
    with one_voice(world):
        check_room(world, default_threads())
        start_nest(world)
        libraries = ", ".join(loaded_libraries()) or "none"
        _tell([("MPI in use", libraries), ("processes", f"{world.size}, as the launcher says")])


def _check_run(path: Path) -> None:
    state = run_state(path)
    seconds = f"{state.simulated / 1000:g} of {state.duration / 1000:g} s simulated"
    odors = f"{state.presentations} of {state.n_presentations} presentations"
    kind = "complete" if state.is_complete else "being written" if state.is_being_written else "not complete"
    _tell([("run", str(path)), ("state", kind), ("holds", f"{seconds}, {odors}")])
    if state.was_repaired:
        _tell([("repaired", "the process was killed in mid-write")])
    if state.snapshot and not state.is_complete:
        _tell([("snapshot", f"at {state.snapshot / 1000:g} s; simulate --resume goes on from there")])
    elif kind == "not complete":
        _tell([("use", "h5py reads everything up to there; for analyse and report, simulate again")])


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path), metavar="[RUN.h5]")
def doctor(run: Path | None) -> None:
    """Say which NEST, MPI, compiler and HDF5 are found, whether they fit, and what to do if not.

    With a file, say how far that run came; one that was killed is repaired if need be.

    Examples: mpirun -n 2 eiassembly doctor; eiassembly doctor RUN.h5.partial
    """
    is_first = launch().rank == 0
    if run is not None:
        if is_first:
            _check_run(run)
        return
    try:
        _check_environment()
    except EiassemblyError:
        if is_first:
            click.echo(f"{'processes':<12}{launch().size} started\nnot all is well")
        raise
    if is_first:
        click.echo("all is well")
