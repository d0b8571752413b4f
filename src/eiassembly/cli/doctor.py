"""The command ``eiassembly doctor``: is this machine ready for analysis, and for simulation; what if not."""

import importlib
import importlib.metadata
import importlib.util
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
from eiassembly.core.errors import EiassemblyError, EnvironmentProblemError
from eiassembly.core.launcher import communicator_of, launch, loaded_libraries, mpi_family
from eiassembly.core.nest_installation import INSTALL_HINT, NestInstallation, find_nest
from eiassembly.core.processes import check_room, one_error_report
from eiassembly.core.processors import usable_processors
from eiassembly.model.neuron.compile import cache_directory, compiled_module
from eiassembly.model.neuron.toolchain import find_compiler
from eiassembly.model.simulation.session import default_threads
from eiassembly.model.simulation.start import start_nest
from eiassembly.model.state.progress import run_state

Finding = tuple[str, str]
_ANALYSIS = ("numpy", "scipy.sparse", "sklearn", "matplotlib.figure", "eiassembly.analysis.report.html")
"""From what others need to what needs all: the first that does not load is the reason."""
_AGAIN = "in a clone: pip install --force-reinstall ."


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
    yield "neuron", str(compiled_module(nest))
    yield "compiler", _compiler(nest.has_mpi)


def _compiler(has_mpi: bool) -> str:
    try:
        compiler = find_compiler(has_mpi)
    except EnvironmentProblemError:
        return "none (not needed: the neuron is compiled)"
    remark = f" ({compiler.remark})" if compiler.remark else ""
    return f"{compiler}, {compiler.version()}{remark}"


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


def _check_analysis() -> None:
    """Import what analysis and figures need.

    Raises
    ------
    EnvironmentProblemError
        Something of it is missing or does not load.
    """
    try:
        for name in _ANALYSIS:
            importlib.import_module(name)
    except (ImportError, AttributeError, ValueError) as error:  # packages that do not fit together
        raise EnvironmentProblemError(
            f"analysis: {name} does not load: {str(error).splitlines()[0]}; {_AGAIN}"
        ) from error


def _check_simulation() -> None:
    """Tell everything a simulation needs, up to the first thing that does not fit."""
    nest = find_nest()
    _tell(_nest(nest))
    communicator = communicator_of(nest)
    with one_error_report(communicator):
        check_room(communicator, default_threads())
        start_nest(communicator)
        libraries = ", ".join(loaded_libraries()) or "none"
        _tell([("MPI in use", libraries), ("processes", f"{communicator.size}, as the launcher says")])


def _check_environment() -> str:
    """Tell what is there and what it is ready for; the verdict, where all that is installed is whole."""
    _tell(_general())
    _check_analysis()
    _tell([("analysis", "ready")])
    if importlib.util.find_spec("nest") is None:
        _tell([("simulation", f"not installed: needs NEST; {INSTALL_HINT}")])
        return "ready for analysis; all that is installed is well"
    try:
        _check_simulation()
    except EiassemblyError:
        _tell([("processes", f"{launch().size} started"), ("simulation", "not ready")])
        raise
    _tell([("simulation", "ready")])
    return "all is well"


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
    """Say what is found, whether it fits, what this machine is ready for, and what to do if not.

    The exit status is 0 where all that is installed is whole, also without NEST: analysis needs none.
    With a file, say how far that run came; one that was killed is repaired if need be.

    Examples: mpirun -n 2 eiassembly doctor; eiassembly doctor RUN.h5.partial
    """
    is_first = launch().rank == 0
    if run is not None:
        if is_first:
            _check_run(run)
        return
    try:
        verdict = _check_environment()
    except EiassemblyError:
        if is_first:
            click.echo("not all is well")
        raise
    if is_first:
        click.echo(verdict)
