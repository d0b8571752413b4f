"""What commands share that may run in several processes: one of them speaks, all of them end."""

import contextlib
import ctypes
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from eiassembly.cli.application import describe
from eiassembly.model.errors import EndedError, EnvironmentProblemError
from eiassembly.model.files import ensure_writable_target
from eiassembly.model.launcher import check_kernel, launch, world_of
from eiassembly.model.nest_installation import INSTALL_HINT, NestInstallation
from eiassembly.model.processors import check_processors, is_allowed, own_share
from eiassembly.model.signals import Signals
from eiassembly.model.world import World

_PATIENCE = 2.0
"""Seconds that a rank which has failed in mid-simulation waits for others before it ends them."""


@contextlib.contextmanager
def processes(nest: NestInstallation | None = None) -> Iterator[World]:
    """Run a block in all processes that the launcher started, which end together whatever happens.

    Parameters
    ----------
    nest : NestInstallation, optional
        To check whether it fits the launcher; None for what needs no NEST.

    Raises
    ------
    EnvironmentProblemError
        The processes would not find each other.
    EndedError
        The block has failed on one of several ranks.
    """
    with Signals(deferred=launch().size > 1) as signals:
        world = world_of(nest)
        world.signals = signals
        with one_voice(world):
            yield world


@contextlib.contextmanager
def one_voice(world: World) -> Iterator[None]:
    """Whatever ends the block on one rank ends all ranks, and one of them says it, once.

    Raises
    ------
    EndedError
        On every one of several ranks; a single process keeps its error.
    """
    try:
        yield
    except BaseException as error:
        if world.size == 1:
            raise
        status = error.status if isinstance(error, EndedError) else _end(error, world)
        # mpirun ends all when the first of them leaves: not before it is said what for.
        world.everyone(None)
        raise EndedError(status) from None


def _end(error: BaseException, world: World) -> int:
    message, status = describe(error)
    is_speaker, all_know = (True, True) if world.has_ended else world.fail(_PATIENCE)
    if is_speaker:
        click.echo(_in_detail(error) or message, err=True)
    if not all_know:
        if not is_speaker:
            time.sleep(_PATIENCE)  # the speaker ends this rank
        world.abort(status)
    return status


def _in_detail(error: BaseException) -> str:
    context = click.get_current_context(silent=True)
    debug = context is not None and context.find_root().obj and context.find_root().obj["debug"]
    return "".join(traceback.format_exception(error)) if debug else ""


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


def check_target(world: World, out: Path) -> None:
    """Fail early, before hours of work, when a file cannot be created.

    Raises
    ------
    EnvironmentProblemError
        It cannot.
    """
    with world.together():
        if world.rank == 0:
            ensure_writable_target(out)


def check_room(world: World, threads: int) -> None:
    """Check that every thread can have a processor of its own, unless the environment says never mind.

    Raises
    ------
    EnvironmentProblemError
        There are too few.
    """
    if is_allowed():
        return
    shares = world.everyone(own_share(world))
    with world.together():
        check_processors(shares, threads)


def start_nest(world: World) -> None:
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
    with world.together():
        check_kernel(world, nest.num_processes, nest.Rank())
