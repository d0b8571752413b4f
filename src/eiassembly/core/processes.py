"""What commands share that may run in several processes: one of them speaks, all of them end."""

import contextlib
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from eiassembly.core.communicator import World
from eiassembly.core.errors import EndedError
from eiassembly.core.exits import describe
from eiassembly.core.files import ensure_writable_target
from eiassembly.core.launcher import launch, world_of
from eiassembly.core.nest_installation import NestInstallation
from eiassembly.core.processors import check_processors, is_allowed, own_share
from eiassembly.core.signals import Signals

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
