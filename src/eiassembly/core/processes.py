"""What commands share that may run in several processes: one of them reports, all of them end."""

import contextlib
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from eiassembly.core.communicator import Communicator
from eiassembly.core.errors import EndedError
from eiassembly.core.exits import describe
from eiassembly.core.files import ensure_writable_target
from eiassembly.core.launcher import communicator_of, launch
from eiassembly.core.nest_installation import NestInstallation
from eiassembly.core.processors import check_processors, is_allowed, own_share
from eiassembly.core.signals import Signals

_PATIENCE = 2.0
"""Seconds that a rank which has failed in mid-simulation waits for others before it ends them."""


@contextlib.contextmanager
def processes(nest: NestInstallation | None = None) -> Iterator[Communicator]:
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
        communicator = communicator_of(nest)
        communicator.signals = signals
        with one_error_report(communicator):
            yield communicator


@contextlib.contextmanager
def one_error_report(communicator: Communicator) -> Iterator[None]:
    """Whatever ends the block on one rank ends all ranks, and one of them says it, once.

    Raises
    ------
    EndedError
        On every one of several ranks; a single process keeps its error.
    """
    try:
        yield
    except BaseException as error:
        if communicator.size == 1:
            raise
        status = error.status if isinstance(error, EndedError) else _end(error, communicator)
        # mpirun ends all when the first of them leaves: not before it is said what for.
        communicator.allgather(None)
        raise EndedError(status) from None


def _end(error: BaseException, communicator: Communicator) -> int:
    message, status = describe(error)
    is_reporter, all_know = (True, True) if communicator.has_ended else communicator.fail(_PATIENCE)
    if is_reporter:
        click.echo(_in_detail(error) or message, err=True)
    if not all_know:
        if not is_reporter:
            time.sleep(_PATIENCE)  # the reporting rank ends this one
        communicator.abort(status)
    return status


def _in_detail(error: BaseException) -> str:
    context = click.get_current_context(silent=True)
    debug = context is not None and context.find_root().obj and context.find_root().obj["debug"]
    return "".join(traceback.format_exception(error)) if debug else ""


def check_target(communicator: Communicator, out: Path) -> None:
    """Fail early, before hours of work, when a file cannot be created.

    Raises
    ------
    EnvironmentProblemError
        It cannot.
    """
    with communicator.collective():
        if communicator.rank == 0:
            ensure_writable_target(out)


def check_room(communicator: Communicator, threads: int) -> None:
    """Check that every thread can have a processor of its own, unless the environment says never mind.

    Raises
    ------
    EnvironmentProblemError
        There are too few.
    """
    if is_allowed():
        return
    shares = communicator.allgather(own_share(communicator))
    with communicator.collective():
        check_processors(shares, threads)
