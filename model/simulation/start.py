"""Start NEST, quietly, once the processes have found each other."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

from eiassembly.core.communicator import Communicator
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.launcher import check_kernel
from eiassembly.core.nest_installation import INSTALL_HINT


@contextlib.contextmanager
def _quiet_start() -> Iterator[None]:
    """Keep NEST's banner out of the output (Python's stream, and C's), and our arguments from NEST."""
    _flush()
    kept, arguments = os.dup(1), sys.argv
    with open(os.devnull, "wb") as null:
        os.dup2(null.fileno(), 1)
    # NEST reads them as its own, and ends on names that are not in the encoding of the locale.
    sys.argv = ["eiassembly"]
    try:
        yield
    finally:
        sys.argv = arguments
        _flush()  # what still waits in a buffer would come after the descriptor is back
        os.dup2(kept, 1)
        os.close(kept)


def _flush() -> None:
    sys.stdout.flush()
    ctypes.CDLL(None).fflush(None)  # every stream of the C library, which C++ shares


@contextlib.contextmanager
def _not_installed(*names: str) -> Iterator[None]:
    """Hide packages that NEST imports where they are, for plots and tables: longer than the rest of it."""
    kept = {name: sys.modules.get(name) for name in names}
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment]  # as the import system understands it
    try:
        yield
    finally:
        for name, module in kept.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


def start_nest(communicator: Communicator) -> None:
    """Import NEST, which starts it, and check that it sees the same processes.

    Raises
    ------
    EnvironmentProblemError
        It does not load, or sees others.
    """
    try:
        with _quiet_start(), _not_installed("matplotlib", "pandas"):
            import nest
    except ImportError as error:
        hint = (
            "it is built with another MPI than was found, see docs/mpi.md"
            if "libmpi" in str(error)
            else INSTALL_HINT
        )
        raise EnvironmentProblemError(f"NEST does not load: {error}; {hint}") from error
    with communicator.collective():
        check_kernel(communicator, nest.num_processes, nest.Rank())
