"""Who started this process: nobody in particular, or mpirun and srun with several ranks."""

import os
from collections.abc import Mapping

from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.nest_installation import NestInstallation
from eiassembly.model.world import MpiWorld, SingleProcess, World

_SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
"""What Open MPI, MPICH (and srun for it) and MVAPICH tell their processes."""


def launched_size(environment: Mapping[str, str] = os.environ) -> int:
    """Return the number of processes the launcher says it has started; 1 without a launcher."""
    found = [environment[name] for name in _SIZES if environment.get(name, "").isdigit()]
    if not found and "SLURM_STEP_ID" in environment and "PMIX_RANK" in environment:
        found = [environment.get("SLURM_STEP_NUM_TASKS", "1")]
    return int(found[0]) if found else 1


def world_of(nest: NestInstallation) -> World:
    """Return the processes of this run, after a check that the launcher, NEST and mpi4py agree.

    Raises
    ------
    EnvironmentProblemError
        Several processes were started, but this NEST or mpi4py takes each of them for the only one.
    """
    size = launched_size()
    if size == 1:
        return SingleProcess()
    if not nest.has_mpi:
        raise EnvironmentProblemError(
            f"the launcher started {size} processes, but this NEST is built without MPI: each would simulate "
            "everything; expected one process with --threads, or a NEST with MPI (docs/install.md)"
        )
    try:
        world = MpiWorld()
    except ImportError as error:
        raise EnvironmentProblemError(
            f"the launcher started {size} processes, but mpi4py does not load: {error}; "
            "pip install mpi4py, see docs/install.md"
        ) from error
    if world.size != size:
        raise EnvironmentProblemError(
            f"the launcher started {size} processes, but mpi4py sees {world.size}: it belongs to another "
            "MPI; load the one that NEST is built with, see docs/install.md"
        )
    return world
