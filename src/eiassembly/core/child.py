"""A command of ours in a process of its own: its progress as a bar, its errors as exceptions."""

import os
import re
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tqdm.auto import tqdm

from eiassembly.core.errors import EiassemblyError, EnvironmentProblemError

_SAYS = "eiassembly: "
_ERROR, _WARNING = f"{_SAYS}error: ", f"{_SAYS}warning: "
_CLICKS_ERROR = "Error: "
_NEWS = "compil"
"""What begins so takes a while without any progress; the rest is for logs, or mpirun's."""
_PROGRESS = re.compile(r"simulated ([\d.]+) of ([\d.]+) s\b")
_PATIENCE = 30.0
"""Seconds that a process gets to end after a signal: a simulation ends with the block it is in."""
_OVERSUBSCRIBED = {
    "OMPI_MCA_rmaps_base_oversubscribe": "1",  # Open MPI 4
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # Open MPI 5
}
"""What an mpirun is told where there may be more ranks than processors; that of MPICH does not ask."""


class Bar:
    """How much of a simulation is done, in a notebook or on a terminal, from when something is known of it.

    Parameters
    ----------
    is_shown : bool
        False for none.
    """

    def __init__(self, is_shown: bool):
        self._is_shown = is_shown
        self._bar: tqdm | None = None

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *reason: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, done: float, total: float) -> None:
        """Show that so much of the whole is done, s."""
        if self._bar is None:
            layout = "{l_bar}{bar}| {n:.1f}/{total:.1f} s simulated [{elapsed}<{remaining}]"
            # None: not where standard error is a file.
            self._bar = tqdm(total=total, bar_format=layout, disable=None if self._is_shown else True)
        self._bar.update(done - self._bar.n)


def run_child(
    arguments: Sequence[str], ranks: int = 1, oversubscribe: bool = False, bar: bool = True
) -> None:
    """Run a command of ours and wait for its end.

    Parameters
    ----------
    arguments : sequence of str
        Of ``eiassembly``.
    ranks : int
        Processes; more than one are started by mpirun.
    oversubscribe : bool
        Whether mpirun may start more than there are processors.
    bar : bool
        Show a bar in a notebook and on a terminal.

    Raises
    ------
    EiassemblyError
        What the command has said is wrong, in its words.
    EnvironmentProblemError
        There is no mpirun.
    KeyboardInterrupt
        It was interrupted, and so the command, which has ended.
    """
    # Without -P a folder of the user's could take the place of a module.
    command = [*_launcher(ranks), sys.executable, "-P", "-m", "eiassembly", *arguments]
    environment = os.environ | (_OVERSUBSCRIBED if oversubscribe and ranks > 1 else {})
    said: list[str] = []
    with Bar(bar) as shown, _started(command, environment) as process:
        for line in process.stderr or ():
            _pass_on(line.rstrip(), said, shown)
    if process.returncode != 0:
        raise EiassemblyError(_reason(said, process.returncode))


def _launcher(ranks: int) -> list[str]:
    if ranks == 1:
        return []
    if ranks < 1:
        raise EiassemblyError(f"ranks: expected at least 1, found {ranks}")
    # That of the environment of this Python comes first: notebooks run without it being activated.
    beside = Path(sys.executable).parent
    found = shutil.which("mpirun", path=f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
    if found is None:
        raise EnvironmentProblemError(f"ranks = {ranks}: expected an mpirun, found none; see docs/mpi.md")
    return [found, "-n", str(ranks)]


@contextmanager
def _started(command: Sequence[str], environment: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """Start a process that has ended when the block has, however it ends."""
    # In a process group of its own, an interrupt from the keyboard reaches it once: from here.
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, encoding="utf-8", errors="replace", process_group=0,
    ) as process:  # fmt: skip
        try:
            yield process
        except BaseException:
            _end(process)
            raise


def _end(process: "subprocess.Popen[str]") -> None:
    """Interrupt a process as the keyboard would, and do not wait for ever."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
            # What it says must be read, or it waits for a reader.
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=_PATIENCE)
                return
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _pass_on(line: str, said: list[str], bar: Bar) -> None:
    """Show progress and news, give warnings, and keep the rest in case it says what is wrong."""
    found = _PROGRESS.match(line)
    if found:
        bar.update(float(found[1]), float(found[2]))
    elif line.startswith(_WARNING):
        warnings.warn(line.removeprefix(_WARNING), RuntimeWarning, stacklevel=4)
    elif line.startswith(_NEWS):
        print(line, file=sys.stderr, flush=True)
    elif line:
        said.append(line)


def _reason(said: Sequence[str], status: int) -> str:
    """Return what a command that failed has said; mpirun says more than that."""
    for prefix in (_ERROR, _SAYS, _CLICKS_ERROR):
        for line in said:
            if line.startswith(prefix):
                return line.removeprefix(prefix)
    return said[-1] if said else f"the simulation ended with status {status}"
