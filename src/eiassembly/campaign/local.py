"""The runs of a campaign on this machine, some at a time."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import click

from eiassembly.campaign.folders import RunFolder, folder_of
from eiassembly.campaign.plan import Campaign
from eiassembly.campaign.states import State, state_of, unfinished
from eiassembly.core.files import make_directory
from eiassembly.core.signals import Signals


@dataclass
class Workers:
    """Processes that work on runs, one run each.

    Parameters
    ----------
    plan : Campaign
        The campaign.
    command : sequence of str
        ``campaign task`` and its arguments, without those of the run.
    """

    plan: Campaign
    command: Sequence[str]
    _processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: bool = False

    def work(self, index: int) -> tuple[State, str]:
        """Work on a run; return what became of it, and a line about that."""
        run = self.plan.runs[index]
        folder = folder_of(self.plan, run)
        make_directory(folder.path)
        threads = str(run.config.simulation.threads)
        arguments = [*self.command, "--run", str(index), "--threads", threads]
        started = time.monotonic()
        self._run(index, [sys.executable, "-m", "eiassembly", *arguments], folder)
        state = state_of(self.plan, run)
        seconds = f"{time.monotonic() - started:.0f} s"
        return state, "; ".join(filter(None, (f"{run.label}: {state.kind}, {seconds}", state.detail)))

    def end(self) -> None:
        """Let all runs make their snapshots; none is begun any more."""
        with self._lock:
            self._ended = True
            for process in self._processes.values():
                process.send_signal(signal.SIGUSR1)

    def _run(self, index: int, command: Sequence[str], folder: RunFolder) -> None:
        with (folder.path / "output").open("ab") as output:
            with self._lock:
                if self._ended:
                    return
                # In a session of its own: Ctrl-C reaches it only by way of `end`.
                process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
                self._processes[index] = process
            process.wait()
        with self._lock:
            del self._processes[index]


def run_all(workers: Workers, states: Sequence[State], at_once: int) -> None:
    """Work on all runs that are left, some at a time; a signal ends them after a snapshot."""
    with Signals(), ThreadPoolExecutor(at_once) as pool:
        try:
            _Queue(workers, states, pool).work()
        except BaseException:
            workers.end()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


class _Queue:
    """Runs that are left to do; each is begun as soon as the one that it needs is done.

    Parameters
    ----------
    workers : _Workers
        Who works on them.
    states : sequence of State
        Of all runs.
    pool : Executor
        How many at a time.
    """

    def __init__(self, workers: Workers, states: Sequence[State], pool: Executor) -> None:
        self._workers, self._pool = workers, pool
        self._left = unfinished(states)
        self._total = len(self._left)
        self._done = {state.run.name for state in states if state.kind == "done"}

    def work(self) -> None:
        """Work on all of them, but on those whose turn does not come."""
        working, n_worked = self._begin(), 0
        while working:
            ended, working = wait(working, return_when=FIRST_COMPLETED)
            for future in ended:
                state, line = future.result()
                n_worked += 1
                click.echo(f"[{n_worked}/{self._total}] {line}", err=True)
                if state.kind == "done":
                    self._done.add(state.run.name)
            working |= self._begin()

    def _begin(self) -> set[Future[tuple[State, str]]]:
        """Begin what has nothing to wait for."""
        runs = self._workers.plan.runs
        ready = [k for k in self._left if (after := runs[k].after) is None or after.name in self._done]
        self._left = [k for k in self._left if k not in ready]
        return {self._pool.submit(self._workers.work, k) for k in ready}
