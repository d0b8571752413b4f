"""How a simulation is begun: with which neuron, and in which processes."""

import os
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from eiassembly.config.neurons import NEURONS
from eiassembly.core.communicator import Communicator
from eiassembly.core.errors import ConfigError, EnvironmentProblemError
from eiassembly.core.nest_installation import NestInstallation, find_nest
from eiassembly.core.processes import check_room, check_target, processes
from eiassembly.core.processors import limit_spinning
from eiassembly.model.neuron.compile import compiled_module
from eiassembly.model.simulation.request import Request
from eiassembly.model.simulation.start import start_nest
from eiassembly.model.simulation.stock_cost import cost_of_stock_neurons


def settings(model: type, **values: Any) -> Any:
    """Make settings of command-line values; None means the default.

    Raises
    ------
    ConfigError
        Names the option and what was expected.
    """
    try:
        return model(**{key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        problem = error.errors()[0]
        if problem["type"] == "value_error":
            raise ConfigError(f"--{problem['ctx']['error']}") from error
        expected = problem["msg"].removeprefix("Input should be ")
        option = str(problem["loc"][0]).replace("_", "-")
        raise ConfigError(f"--{option}: expected {expected}, found {problem['input']}") from error


def default_threads() -> int:
    """Return what Slurm grants to a task, else 1.

    Raises
    ------
    ConfigError
        ``SLURM_CPUS_PER_TASK`` is no number.
    """
    granted = os.environ.get("SLURM_CPUS_PER_TASK", "1")
    if not granted.isdigit() or granted == "0":
        raise ConfigError(f"SLURM_CPUS_PER_TASK: expected a number of processors, found {granted}")
    return int(granted)


def exact_neuron(nest: NestInstallation) -> Path:
    """Return the compiled extension module, compiled now if need be.

    Raises
    ------
    EnvironmentProblemError
        It cannot be had; with what is missing and how to get it. Nothing is ever taken in its place:
        NEST's own neurons give other spikes.
    """
    try:
        return compiled_module(nest)
    except EnvironmentProblemError as error:
        raise EnvironmentProblemError(f"{error} (or --neuron nest: {cost_of_stock_neurons()})") from error


def require_neuron(neuron: str | None) -> None:
    """Check, before hours of other work, that there is NEST and the neuron that is asked for.

    Raises
    ------
    EnvironmentProblemError
        One of them is missing.
    """
    nest = find_nest()
    if neuron is None or NEURONS[neuron].is_compiled:
        exact_neuron(nest)


def _agreed_module(nest: NestInstallation, neuron: str, communicator: Communicator) -> Path | None:
    """Compiled extension module, None if NEST's own neurons are asked for; an error on a rank ends all."""
    if not NEURONS[neuron].is_compiled:
        if communicator.rank == 0:
            click.echo(f"eiassembly: {cost_of_stock_neurons()}", err=True)
        return None
    with communicator.collective():
        return exact_neuron(nest)


def run_simulation(request: Request) -> None:
    """Simulate in all processes that this one has been started with.

    Raises
    ------
    EiassemblyError
        Bad files or settings, an environment that does not fit, a result that cannot be written.
    """
    nest = find_nest()
    with processes(nest) as communicator:
        is_new = simulate_collectively(communicator, nest, request)
    if communicator.rank == 0:
        click.echo(f"{request.out}: {'written' if is_new else 'complete already'}")


def simulate_collectively(communicator: Communicator, nest: NestInstallation, request: Request) -> bool:
    """Simulate in processes that have found each other; as `run_simulation`, which finds them.

    Returns
    -------
    bool
        Whether anything was simulated: not if the run that is to be resumed is complete.
    """
    check_target(communicator, request.out)
    if not request.oversubscribe:
        check_room(communicator, request.execution.threads)
    module = _agreed_module(nest, request.dynamics.neuron, communicator)
    limit_spinning()
    start_nest(communicator)
    from eiassembly.model.simulation.simulate import simulate

    return simulate(request, communicator, module)
