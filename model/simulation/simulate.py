"""A simulation from files to a file: read, check what fits, build the network, run."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import cast

import h5py
import nest
import numpy as np

from eiassembly.config.neurons import NEURONS
from eiassembly.config.simulation import Dynamics
from eiassembly.connectivity.files.network import read_wiring
from eiassembly.connectivity.files.projections import read_projection
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.communicator import Communicator
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import opened
from eiassembly.core.grid import in_steps
from eiassembly.core.schema import NETWORK_FORMAT, VERSION
from eiassembly.model.output.run_file import RunWriter, run_file
from eiassembly.model.protocol.abilities import SNAPSHOT, Ability
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.resolve import abilities_needed, interventions
from eiassembly.model.simulation.backend import Backend, check_abilities
from eiassembly.model.simulation.loop import BlockLoop, RunPlan, first_ids
from eiassembly.model.simulation.network import Network, check_recordables, reset_kernel
from eiassembly.model.simulation.request import Request
from eiassembly.model.simulation.resume import (
    check_nothing_in_the_past,
    is_done,
    read_before,
    recover_run,
    resumed_from,
)
from eiassembly.odors.file import OdorStream


def simulate(request: Request, communicator: Communicator, module: Path | None = None) -> bool:
    """Simulate a network with an odor set and write RUN.h5; called by all processes alike.

    Parameters
    ----------
    request : Request
        What to simulate, and how.
    communicator : Communicator
        The processes of this run.
    module : Path, optional
        Compiled extension module, for neurons that are in it.

    Returns
    -------
    bool
        Whether anything was simulated: not if the run that is to be resumed is complete.

    Raises
    ------
    FileFormatError, ConfigError, EnvironmentProblemError
        Bad files, files that do not fit each other, what NEST refuses, a result that cannot be written.
    """
    try:
        return _simulate(request, communicator, module)
    except nest.NESTError as error:
        raise ConfigError(f"{request.network}: NEST refuses it: {' '.join(str(error).split())}") from error


def _simulate(request: Request, communicator: Communicator, module: Path | None) -> bool:
    started = time.perf_counter()
    dynamics, execution = request.dynamics, request.execution
    backend = backend_of(dynamics.neuron)
    with ExitStack() as stack:
        with communicator.collective():
            plan, wiring = _planned(request, communicator, backend, stack)
        resumed = None
        if execution.resume:
            with communicator.collective():
                wanted = plan.wanted(_content_hash(request.network))
                is_complete = is_done(request.out, wanted)
                history = partial(plan.protocol.history, delay=dynamics.delay_steps)
                resumed = resumed_from(request.out, wanted, history)
            if is_complete:
                return False
        reset_kernel(dynamics.dt, execution.threads)
        with communicator.collective():
            cells = backend.make(module)
            check_recordables(wiring, backend, dynamics.record)
        loaded = time.perf_counter()
        start = resumed or (plan.before.snapshot if plan.before else None)
        protocol = plan.protocol.continued(start) if start else plan.protocol
        built = Network(wiring, cells, dynamics, protocol, start)
        del wiring  # NEST holds the connections now
        timings = {"load": loaded - started, "build": time.perf_counter() - loaded}
        stack.enter_context(communicator.signals.deferring())
        with communicator.collective():
            writer = stack.enter_context(
                _writer(request.out, dynamics.dt, communicator, go_on=resumed is not None)
            )
        run = BlockLoop(plan, built, communicator, writer, timings)
        run.all_blocks(start.step if start else 0, go_on=resumed is not None)
        run.finish(stack.close)
    return True


def _planned(
    request: Request, communicator: Communicator, backend: Backend, stack: ExitStack
) -> tuple[RunPlan, Wiring]:
    """Read what is to be simulated, and check that it fits."""
    network, dynamics, out = request.network, request.dynamics, request.out
    if out.resolve() in [path.resolve() for path in (network, request.odors, request.before) if path]:
        raise ConfigError(f"--out: expected another file than what is simulated, found {out}")
    stream = stack.enter_context(closing(OdorStream(request.odors)))
    if communicator.rank == 0:
        stream.check()
    n_steps = _n_steps(dynamics, stream)
    wiring = _own_part(network, communicator)
    source = _source(wiring, stream, network)
    sizes = {p.name: p.size for p in wiring.populations}
    lengths = (stream.odor_set.n_steps, n_steps)
    origin = request.origin or str(network)
    context = Context(wiring, stream.odor_set.presentations, *lengths, dynamics.dt, origin, out.parent)
    protocol = interventions(dynamics, context)
    check_abilities(backend, needed(request))
    before = read_before(request.before, wiring, dynamics, n_steps) if request.before else None
    if before:
        check_nothing_in_the_past(protocol, before.snapshot.step, dynamics.dt)
    if request.execution.resume and communicator.rank == 0:
        recover_run(out)
    return RunPlan(request, stream, n_steps, wiring.description, sizes, source, protocol, before), wiring


def _content_hash(network: Path) -> str:
    with opened(network, NETWORK_FORMAT, VERSION) as h5:
        return str(h5.attrs["content_hash"])


def _writer(
    out: Path, dt: float, communicator: Communicator, go_on: bool
) -> AbstractContextManager[RunWriter | None]:
    return run_file(out, dt, go_on) if communicator.rank == 0 else nullcontext()


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


def _own_part(network: Path, communicator: Communicator) -> Wiring:
    """Read the connections onto the targets that NEST puts on this rank: node id modulo ranks, from 1."""
    with opened(network, NETWORK_FORMAT, VERSION) as h5:
        if communicator.size == 1:
            return read_wiring(h5)
        populations = h5["populations"]
        sizes = {str(name): int(populations[name].attrs["size"]) for name in populations.attrs["order"]}
        first = first_ids(sizes)
        wiring = read_wiring(
            h5,
            {
                name: slice((communicator.rank - first[name]) % communicator.size, None, communicator.size)
                for name in sizes
            },
        )
        projections = (_never_empty(p, h5["projections"][p.name]) for p in wiring.projections)
        return replace(wiring, projections=tuple(projections))


def _never_empty(projection: Projection, group: h5py.Group) -> Projection:
    """Add what ends on another rank, and is not made there, to nothing: NEST fails over empty arrays."""
    if len(projection.sources):
        return projection
    some = int(np.argmax(np.diff(group["offsets"][:])))
    return read_projection(group, slice(some, some + 1))


def backend_of(neuron: str) -> Backend:
    """Return the backend of a neuron of `config.neurons`."""
    module = import_module(f"eiassembly.model.simulation.{NEURONS[neuron].backend}")
    return cast(Backend, module.BACKEND)


def needed(request: Request) -> Iterator[tuple[str, Sequence[Ability]]]:
    """Yield what is asked of the neurons, by key or option, and the abilities that it needs."""
    yield from abilities_needed(request.dynamics).items()
    if request.execution.checkpoint_every:
        yield "--checkpoint-every", (SNAPSHOT,)
    if request.before:
        yield "--from-snapshot", (SNAPSHOT,)
