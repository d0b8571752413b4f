"""Who started this process, nobody in particular or mpirun or srun with several ranks, and does all fit."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eiassembly.core.communicator import Communicator, MpiCommunicator, SerialCommunicator
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.nest_installation import NestInstallation

SEE = "see docs/mpi.md"

_STARTERS = (
    ("Open MPI", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", ()),
    ("MPICH", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK", ()),
    ("MPICH", "PMI_SIZE", "PMI_RANK", ("MPI_LOCALNRANKS",)),
    # srun and other programs that speak PMI: of whatever MPI.
    ("", "PMI_SIZE", "PMI_RANK", ()),
    # A batch script has SLURM_NTASKS and SLURM_PROCID, too; what srun starts has all of these.
    ("", "SLURM_STEP_NUM_TASKS", "PMIX_RANK", ("SLURM_STEP_ID", "PMIX_RANK")),
    ("", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", ("SLURM_STEP_ID", "SLURM_PROCID")),
)
"""MPI whose launcher it is, variables with the number of processes and the own rank, others that it sets."""

_FAMILIES = {b"40": "Open MPI", b"20": "Open MPI", b"12": "MPICH"}
"""Kinds of MPI by the version numbers of their libraries; MVAPICH, Intel and Cray MPI are of MPICH's kind."""


@dataclass(frozen=True)
class Launch:
    """What the launcher tells its processes.

    Parameters
    ----------
    size : int
        Number of processes it started; 1 without a launcher.
    rank : int
        Number of this process, from 0.
    mpi : str
        Open MPI or MPICH, if it is a launcher of that kind of MPI; else empty.
    speaks_pmi : bool
        Whether it offers processes a way to find each other.
    """

    size: int = 1
    rank: int = 0
    mpi: str = ""
    speaks_pmi: bool = True


def launch(environment: Mapping[str, str] = os.environ) -> Launch:
    """Find out who started this process."""
    for mpi, size, rank, others in _STARTERS:
        if environment.get(size, "").isdigit() and all(name in environment for name in others):
            own = environment.get(rank, "0")
            speaks_pmi = rank != "SLURM_PROCID"
            return Launch(int(environment[size]), int(own) if own.isdigit() else 0, mpi, speaks_pmi)
    return Launch()


def mpi_family(library: Path) -> str:
    """Kind of MPI that a shared library is linked with: Open MPI, MPICH, or empty if that cannot be seen."""
    found = re.findall(rb"libmpi(?:cxx|_cxx)?\.so\.(\d+)", library.read_bytes())
    return next((_FAMILIES[number] for number in found if number in _FAMILIES), "")


def communicator_of(nest: NestInstallation | None) -> Communicator:
    """Return the processes of this run, after a check that the launcher, NEST and mpi4py agree.

    NEST is not imported: one that does not fit the launcher may end the process without a word.

    Parameters
    ----------
    nest : NestInstallation, optional
        None for what needs no NEST.

    Raises
    ------
    EnvironmentProblemError
        Several processes were started, but would not find each other.
    """
    started = launch()
    if started.size == 1:
        return SerialCommunicator()
    if nest is not None:
        check_installation(started, nest)
    check_pmi(started)
    try:
        communicator = MpiCommunicator()
    except (ImportError, RuntimeError) as error:
        raise EnvironmentProblemError(
            f"the launcher started {started.size} processes, but mpi4py does not load: {error}; "
            f"pip install mpi4py, {SEE}"
        ) from error
    if communicator.size != started.size:
        raise EnvironmentProblemError(
            f"the launcher started {started.size} processes, but mpi4py sees {communicator.size}: it "
            f"belongs to another MPI than the launcher; load the one that NEST is built with, {SEE}"
        )
    return communicator


def expect_one_process(command: str) -> None:
    """Refuse several processes where each of them would do the same and overwrite what the others write.

    Raises
    ------
    EnvironmentProblemError
        A launcher has started several.
    """
    if (size := launch().size) > 1:
        raise EnvironmentProblemError(
            f"{command}: expected one process, the launcher started {size}; only simulate and network build "
            f"share their work, {SEE}"
        )


def check_installation(started: Launch, nest: NestInstallation) -> None:
    """Check what can be known without loading MPI.

    Raises
    ------
    EnvironmentProblemError
        The NEST is built without MPI, or with another one than the launcher's.
    """
    if not nest.has_mpi:
        raise EnvironmentProblemError(
            f"the launcher started {started.size} processes, but this NEST is built without MPI: each would "
            f"simulate everything; expected one process with --threads, or a NEST with MPI, {SEE}"
        )
    family = mpi_family(nest.library)
    if started.mpi and family and started.mpi != family:
        raise EnvironmentProblemError(
            f"the launcher that started {started.size} processes is {started.mpi}'s, but this NEST is built "
            f"with {family}: each would be alone; expected the mpirun of {family}, {SEE}"
        )


def check_pmi(started: Launch) -> None:
    """Check that the processes have a way to find each other.

    Raises
    ------
    EnvironmentProblemError
        srun offers no PMI.
    """
    if not started.speaks_pmi:
        raise EnvironmentProblemError(
            f"srun started {started.size} processes, but without a PMI by which they find each other; "
            f"expected srun --mpi=pmix, or mpirun, {SEE}"
        )


def check_kernel(communicator: Communicator, n_processes: int, rank: int) -> None:
    """Check that NEST, once it is imported, sees the same processes; called by all of them alike.

    Parameters
    ----------
    communicator : Communicator
        The processes of this run.
    n_processes, rank : int
        ``nest.num_processes`` and ``nest.Rank()``.

    Raises
    ------
    EnvironmentProblemError
        It sees others.
    """
    if (n_processes, rank) != (communicator.size, communicator.rank):
        raise EnvironmentProblemError(
            f"the launcher started {communicator.size} processes, but NEST sees {n_processes}: it is built "
            f"with another MPI than the launcher's; expected the mpirun of the MPI of NEST, {SEE}"
        )
    libraries = loaded_libraries()
    if len(libraries) > 1:
        raise EnvironmentProblemError(
            f"two MPIs in one process: {' and '.join(libraries)}; expected an mpi4py that uses the MPI of "
            f"NEST: pip install --no-binary mpi4py mpi4py, {SEE}"
        )


def loaded_libraries() -> list[str]:
    """MPI libraries that this process has loaded; empty where the system does not tell."""
    try:
        maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return sorted(set(re.findall(r"(/\S*/libmpi(?:_abi)?\.so\S*)", maps)))
