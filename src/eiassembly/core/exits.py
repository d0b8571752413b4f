"""How the end of a command looks: one line for the user, and an exit status."""

import click

from eiassembly.core.errors import EiassemblyError
from eiassembly.core.signals import Interrupted


def describe(error: BaseException) -> tuple[str, int]:
    """Return what an error looks like on the command line, and the exit status it leads to."""
    if isinstance(error, Interrupted):
        return f"eiassembly: {error}", error.status
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return "eiassembly: interrupted", 130
    if isinstance(error, EiassemblyError):
        return f"eiassembly: error: {error}", 1
    first = (str(error) or "no message").splitlines()[0]
    return (
        f"eiassembly: internal error: {type(error).__name__}: {first}; please report it with what "
        "'eiassembly --debug …' prints"
    ), 70
