"""More threads than processors: an error, as it is slow without anybody noticing why."""

import os
from collections.abc import Mapping, MutableMapping, Sequence
from typing import NamedTuple

from eiassembly.core.communicator import Communicator
from eiassembly.core.errors import EnvironmentProblemError

VARIABLE = "EIASSEMBLY_OVERSUBSCRIBE"
_OPTION = "--threads (simulation.threads)"


_SPINS = "10000"


def limit_spinning(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads that wait for others spin for microseconds only, unless the user has decided otherwise.

    To be called before NEST loads the OpenMP library. By default a waiting thread spins for milliseconds:
    where anybody else computes on the same processors it keeps out those it waits for, at every time slice.

    Parameters
    ----------
    environment : mutable mapping
        Of this process.
    """
    if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"} & environment.keys():
        environment["GOMP_SPINCOUNT"] = _SPINS


class Share(NamedTuple):
    """What a process has of its machine.

    Parameters
    ----------
    machine : int
        The same for processes on the same machine.
    processors : frozenset of int
        Those that the process may use.
    """

    machine: int
    processors: frozenset[int]


def is_allowed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment allows more threads than processors."""
    return environment.get(VARIABLE, "0") not in ("", "0")


def own_share(communicator: Communicator) -> Share:
    """Return the machine and processors of this process; called by all processes alike."""
    return Share(communicator.machine(), usable_processors())


def check_processors(shares: Sequence[Share], threads: int) -> None:
    """Check that every thread can have a processor of its own.

    Parameters
    ----------
    shares : sequence of Share
        Of all processes, by rank.
    threads : int
        Threads per process.

    Raises
    ------
    EnvironmentProblemError
        Names the first machine or process that has too few.
    """
    otherwise = f"or --oversubscribe ({VARIABLE}=1), which is slow; see docs/mpi.md"
    for machine in dict.fromkeys(share.machine for share in shares):
        here = [share.processors for share in shares if share.machine == machine]
        found, available = len(here) * threads, len(frozenset[int]().union(*here))
        if found > available:
            processes = f"{len(here)} processes with " if len(here) > 1 else ""
            where = f" on the machine of process {machine}" if len(here) < len(shares) else ""
            raise EnvironmentProblemError(
                f"{_OPTION}: {processes}{threads} threads, but {available} processors may be used{where}; "
                f"expected as many threads as processors at most, {otherwise}"
            )
    for rank, share in enumerate(shares):
        if threads > len(share.processors):
            raise EnvironmentProblemError(
                f"{_OPTION}: {threads} threads, but the launcher binds process {rank} to "
                f"{len(share.processors)} processors; expected mpirun --bind-to none, or "
                f"srun --cpu-bind=none, {otherwise}"
            )


def usable_processors() -> frozenset[int]:
    """Processors that this process may use, as bound by the launcher or the batch system."""
    try:
        return frozenset(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return frozenset(range(os.cpu_count() or 1))
