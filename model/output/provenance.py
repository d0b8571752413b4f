"""How a run came about: versions, machine, processes, times. Nothing here shapes the spikes."""

import datetime
import importlib.metadata
import platform
import socket
import sys
from collections.abc import Mapping
from typing import Any

import eiassembly
from eiassembly.config.simulation import Execution

_PACKAGES = ("nest-simulator", "numpy", "scipy", "h5py", "mpi4py")


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def provenance(
    execution: Execution,
    ranks: int,
    timings: Mapping[str, float],
    peak_memory: float,
    n_connections: int,
    nest_build: Mapping[str, Any],
    is_finished: bool = True,
) -> dict[str, Any]:
    """Record of a run as plain JSON values.

    Parameters
    ----------
    execution : Execution
        Threads and block length.
    ranks : int
        Number of processes.
    timings : mapping of str to float
        Wall clock of the phases, s.
    peak_memory : float
        Largest resident memory of a process, MiB.
    n_connections : int
        Connections in NEST.
    nest_build : mapping
        ``nest.build_info``.
    is_finished : bool
        Whether the run is over.
    """
    return {
        "eiassembly": eiassembly.__version__,
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "nest": {
            key: nest_build[key] for key in ("version", "have_mpi", "have_threads") if key in nest_build
        },
        "ranks": ranks,
        "threads_per_rank": execution.threads,
        "block_ms": execution.block,
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "command": sys.argv,
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        if is_finished
        else None,
        "wall_clock_s": {name: round(seconds, 3) for name, seconds in timings.items()},
        "peak_memory_MiB_per_rank": round(peak_memory, 1),
        "connections": n_connections,
    }
