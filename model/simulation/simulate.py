"""A simulation from files to a file: read, check what fits, build the network, run."""

import time
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import h5py
import nest
import numpy as np

from eiassembly.config.simulation import INTERVENTIONS, Dynamics, Execution
from eiassembly.connectivity.files.network import read_wiring
from eiassembly.connectivity.files.projections import read_projection
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.communicator import World
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import opened
from eiassembly.core.grid import in_steps
from eiassembly.core.schema import NETWORK_FORMAT, VERSION
from eiassembly.core.toml import TomlText
from eiassembly.model.output.run_file import RunWriter, run_file
from eiassembly.model.protocol.context import Setting
from eiassembly.model.protocol.resolve import interventions
from eiassembly.model.simulation.backend import Cells
from eiassembly.model.simulation.exact import ExactCells
from eiassembly.model.simulation.loop import BlockLoop, Plan, first_ids
from eiassembly.model.simulation.network import Network, check_recordables, reset_kernel
from eiassembly.model.simulation.resume import (
    check_nothing_in_the_past,
    is_done,
    read_before,
    recover_run,
    resumed_from,
)
from eiassembly.model.simulation.stock import StockCells
from eiassembly.odors.file import OdorStream


def simulate(
    network: Path,
    odors: Path,
    out: Path,
    dynamics: Dynamics,
    execution: Execution,
    world: World,
    module: Path | None = None,
    origin: TomlText | None = None,
    before: Path | None = None,
) -> bool:
    """Simulate a network with an odor set and write RUN.h5; called by all processes alike.

    Parameters
    ----------
    network, odors : Path
        NET.h5 and ODORS.h5.
    out : Path
        RUN.h5; while the run lasts it is called RUN.h5.partial.
    dynamics, execution : Dynamics, Execution
        How to simulate.
    world : World
        The processes of this run.
    module : Path, optional
        Compiled extension module; needed for ``dynamics.neuron == "extension"``.
    origin : TomlText, optional
        File with the protocol, to name lines of what does not fit.
    before : Path, optional
        RUN.h5 whose last snapshot is gone on from; by default the neurons are at rest.

    Returns
    -------
    bool
        Whether anything was simulated: not if the run that is to be resumed is complete.

    Raises
    ------
    FileFormatError, ConfigError, EnvironmentProblemError
        Bad files, files that do not fit each other, what NEST refuses, a result that cannot be written.
    """
    job = _Job(network, odors, out, dynamics, execution, world, module, origin, before)
    try:
        return _simulate(job)
    except nest.NESTError as error:
        raise ConfigError(f"{network}: NEST refuses it: {' '.join(str(error).split())}") from error


@dataclass(frozen=True)
class _Job:
    """What `simulate` is called with."""

    network: Path
    odors: Path
    out: Path
    dynamics: Dynamics
    execution: Execution
    world: World
    module: Path | None
    origin: TomlText | None
    before: Path | None


def _simulate(job: _Job) -> bool:
    started = time.perf_counter()
    dynamics, world = job.dynamics, job.world
    with ExitStack() as stack:
        with world.together():
            plan, wiring = _planned(job, stack)
        resumed = None
        if job.execution.resume:
            with world.together():
                wanted = plan.wanted(_content_hash(job.network))
                is_complete = is_done(job.out, wanted)
                history = partial(plan.protocol.history, delay=dynamics.delay_steps)
                resumed = resumed_from(job.out, wanted, history)
            if is_complete:
                return False
        reset_kernel(dynamics.dt, job.execution.threads)
        with world.together():
            cells = cells_for(dynamics, job.execution, job.module)
            check_recordables(wiring, cells, dynamics.record)
        loaded = time.perf_counter()
        start = resumed or (plan.before.snapshot if plan.before else None)
        protocol = plan.protocol.continued(start) if start else plan.protocol
        built = Network(wiring, cells, dynamics, protocol, start)
        del wiring  # NEST holds the connections now
        timings = {"load": loaded - started, "build": time.perf_counter() - loaded}
        stack.enter_context(world.signals.deferring())
        with world.together():
            writer = stack.enter_context(_writer(job.out, dynamics.dt, world, go_on=resumed is not None))
        run = BlockLoop(plan, built, world, writer, timings)
        run.all_blocks(start.step if start else 0, go_on=resumed is not None)
        run.finish(stack.close)
    return True


def _planned(job: _Job, stack: ExitStack) -> tuple[Plan, Wiring]:
    """Read what is to be simulated, and check that it fits."""
    network, dynamics = job.network, job.dynamics
    if job.out.resolve() in [path.resolve() for path in (network, job.odors, job.before) if path]:
        raise ConfigError(f"--out: expected another file than what is simulated, found {job.out}")
    stream = stack.enter_context(closing(OdorStream(job.odors)))
    if job.world.rank == 0:
        stream.check()
    n_steps = _n_steps(dynamics, stream)
    wiring = _own_part(network, job.world)
    source = _source(wiring, stream, network)
    sizes = {p.name: p.size for p in wiring.populations}
    lengths = (stream.odor_set.n_steps, n_steps)
    origin = job.origin or str(network)
    setting = Setting(wiring, stream.odor_set.presentations, *lengths, dynamics.dt, origin, job.out.parent)
    protocol = interventions(dynamics, setting)
    if job.before and not (dynamics.neuron == "extension" and job.module):
        raise ConfigError("--from-snapshot: expected the exact neuron, found NEST's, which have no snapshots")
    before = read_before(job.before, wiring, dynamics, n_steps) if job.before else None
    if before:
        check_nothing_in_the_past(protocol, before.snapshot.step, dynamics.dt)
    if job.execution.resume and job.world.rank == 0:
        recover_run(job.out)
    what = (wiring.description, sizes, source, protocol, before)
    return Plan(network, stream, dynamics, job.execution, n_steps, *what), wiring


def _content_hash(network: Path) -> str:
    with opened(network, NETWORK_FORMAT, VERSION) as h5:
        return str(h5.attrs["content_hash"])


def _writer(out: Path, dt: float, world: World, go_on: bool) -> AbstractContextManager[RunWriter | None]:
    return run_file(out, dt, go_on) if world.rank == 0 else nullcontext()


def _n_steps(dynamics: Dynamics, stream: OdorStream) -> int:
    odor_set, odors = stream.odor_set, stream.path
    if abs(odor_set.dt - dynamics.dt) > 1e-9:
        raise ConfigError(f"{odors}: dt: expected {dynamics.dt} ms, found {odor_set.dt} ms")
    if dynamics.duration is None:
        return odor_set.n_steps
    steps = in_steps(dynamics.duration, dynamics.dt)
    if steps > odor_set.n_steps:
        raise ConfigError(
            f"--duration: expected at most {odor_set.duration:g} ms ({odors}), found {dynamics.duration:g} ms"
        )
    return steps


def _source(wiring: Wiring, stream: OdorStream, network: Path) -> str:
    """Name of the one population that takes the given spike trains."""
    n_mitral, odors = stream.odor_set.n_mitral, stream.path
    sources = [p for p in wiring.populations if p.neuron is None]
    if len(sources) != 1 or sources[0].size != n_mitral:
        sizes = " and ".join(str(p.size) for p in sources) or "none"
        raise ConfigError(f"{network}: mitral cells: expected the {n_mitral} of {odors}, found {sizes}")
    return sources[0].name


def _own_part(network: Path, world: World) -> Wiring:
    """Read the connections onto the targets that NEST puts on this rank: node id modulo ranks, from 1."""
    with opened(network, NETWORK_FORMAT, VERSION) as h5:
        if world.size == 1:
            return read_wiring(h5)
        populations = h5["populations"]
        sizes = {str(name): int(populations[name].attrs["size"]) for name in populations.attrs["order"]}
        first = first_ids(sizes)
        wiring = read_wiring(
            h5, {name: slice((world.rank - first[name]) % world.size, None, world.size) for name in sizes}
        )
        projections = (_never_empty(p, h5["projections"][p.name]) for p in wiring.projections)
        return replace(wiring, projections=tuple(projections))


def _never_empty(projection: Projection, group: h5py.Group) -> Projection:
    """Add what ends on another rank, and is not made there, to nothing: NEST fails over empty arrays."""
    if len(projection.sources):
        return projection
    some = int(np.argmax(np.diff(group["offsets"][:])))
    return read_projection(group, slice(some, some + 1))


def cells_for(dynamics: Dynamics, execution: Execution, module: Path | None) -> Cells:
    """Return the cells of a simulation; the exact ones need the compiled module.

    Raises
    ------
    ConfigError
        Something is asked for that only the exact ones can do.
    EnvironmentProblemError
        NEST does not load the module.
    """
    if dynamics.neuron == "extension" and module:
        return ExactCells(module)
    refused: dict[str, tuple[object, str]] = {
        "silence": (dynamics.silence, "cannot be silenced"),
        **{name: (getattr(dynamics, name), "know no protocols") for name in INTERVENTIONS[1:]},
        "--checkpoint-every": (execution.checkpoint_every, "have no snapshots"),
    }
    for name, (value, reason) in refused.items():
        if value:
            raise ConfigError(
                f"{name}: expected the exact neuron (--neuron extension), found {StockCells.kind}, "
                f"which {reason}"
            )
    return StockCells()
