"""Work on one run of a campaign, in one process or in many."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from eiassembly.campaign.batch import Batch
from eiassembly.campaign.folders import DONE, FAILED, STOPPED, RunFolder, folder_of
from eiassembly.campaign.locking import locked
from eiassembly.campaign.plan import Campaign, PlannedRun
from eiassembly.campaign.states import problem_with, state_of
from eiassembly.config.neurons import NEURONS
from eiassembly.config.simulation import Execution
from eiassembly.connectivity.build_parallel import build_network
from eiassembly.core.communicator import Communicator
from eiassembly.core.errors import ConfigError, EndedError, EnvironmentProblemError, FileFormatError
from eiassembly.core.files import make_directory
from eiassembly.core.nest_installation import NestInstallation
from eiassembly.core.signals import Interrupted
from eiassembly.model.simulation.request import Request
from eiassembly.model.simulation.resume import recover_run
from eiassembly.model.simulation.session import simulate_collectively
from eiassembly.model.state.progress import run_state


def chosen(campaign: Campaign, which: str) -> PlannedRun:
    """Return a run by its number, from 0, or by its name.

    Raises
    ------
    ConfigError
        There is none.
    """
    if which.isdigit() and int(which) < len(campaign.runs):
        return campaign.runs[int(which)]
    for run in campaign.runs:
        if which in (run.name, run.label):
            return run
    raise ConfigError(f"--run: expected a number from 0 to {len(campaign.runs) - 1} or a name, found {which}")


@dataclass(frozen=True)
class Task:
    """Work on one run; all processes call the methods alike."""

    campaign: Campaign
    run: PlannedRun
    threads: int
    communicator: Communicator
    nest: NestInstallation

    @cached_property
    def folder(self) -> RunFolder:
        """Files of the run."""
        return folder_of(self.campaign, self.run)

    def do(self) -> None:
        """Be the only one who works on the run, and do what is left to do."""
        with ExitStack() as stack:
            with self.communicator.collective():
                if self.communicator.rank == 0:
                    make_directory(self.folder.path)
                    stack.enter_context(locked(self.folder.lock))
            if self._is_done():
                return
            with self.communicator.collective():
                if self.communicator.rank == 0:
                    _check_ready(self.campaign, self.run)
            with self._noted():
                self._prepare()
                self._simulate()
            if self.communicator.rank == 0:
                # The result has a copy of the one, and the spikes of the other.
                self.folder.network.unlink(missing_ok=True)
                self.folder.odors.unlink(missing_ok=True)

    def _is_done(self) -> bool:
        """Whether there is nothing to do, as rank 0 sees it: other machines may see old files."""
        is_done = False
        with self.communicator.collective():
            if self.communicator.rank == 0 and self.folder.run.is_file():
                is_done = not problem_with(self.folder, self.run)
        return any(self.communicator.allgather(is_done))

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Write to the log that the block begins and how it ends, on the rank that knows."""
        if self.communicator.rank == 0:
            self.folder.note_start(self.communicator.size, self.threads)
        try:
            yield
        except EndedError:
            raise
        except Interrupted as error:
            self.folder.note(STOPPED, str(error))
            raise
        except BaseException as error:
            self.folder.note(FAILED, str(error) or type(error).__name__)
            raise
        if self.communicator.rank == 0:
            self.folder.note(DONE)

    def _prepare(self) -> None:
        """Build the network, all processes together, and draw the odors."""
        with self.communicator.collective():
            if self.communicator.rank == 0:
                _clear_the_way(self.folder, self.run)
        build_network(self.run.config, self.folder.network, self.communicator)
        with self.communicator.collective():
            if self.communicator.rank == 0:
                Batch(self.folder.path, {self.run.label: self.run.config}).draw_odors()

    def _simulate(self) -> None:
        folder, how = self.folder, self.campaign.how
        every = how.checkpoint_every if NEURONS[how.neuron].is_compiled else None
        execution = Execution(
            threads=self.threads,
            block=self.run.config.simulation.block,
            checkpoint_every=every,
            resume=every is not None,
        )
        files = folder.network, folder.odors, folder.run
        simulate_collectively(self.communicator, self.nest, Request(*files, self.run.dynamics, execution))


def _check_ready(campaign: Campaign, run: PlannedRun) -> None:
    """Refuse a run that needs another one which is not done."""
    if run.after is None or (found := state_of(campaign, run.after)).kind == "done":
        return
    state = ": ".join(filter(None, (found.kind, found.detail)))
    raise EnvironmentProblemError(f"{run.name}: waits for {run.after.name}, which is {state}")


def _clear_the_way(folder: RunFolder, run: PlannedRun) -> None:
    """Set aside what is no result and no beginning of one."""
    if folder.run.is_file() and problem_with(folder, run):
        folder.set_aside(folder.run)
    if folder.partial.is_file():
        recover_run(folder.run)
        try:
            run_state(folder.partial)
        except FileFormatError:
            folder.set_aside(folder.partial)
