"""The section ``[simulation]`` of a configuration, and how a network is simulated.

Everything that may change the spikes, and everything that may not.
"""

from typing import Any

from pydantic import Field, PositiveFloat, model_validator

from eiassembly.config.interventions.all import INTERVENTIONS, with_interventions
from eiassembly.config.neurons import NeuronName
from eiassembly.config.parameters import DT
from eiassembly.core.grid import in_steps
from eiassembly.core.records import Frozen, Section


@with_interventions(tuple)
class Dynamics(Frozen):
    """Settings that shape the result; they are part of a run's configuration."""

    dt: PositiveFloat = Field(default=DT, description="time step [ms], Methods")
    delay: PositiveFloat = Field(
        default=DT, description="synaptic delay [ms]; one step is the published scheme, Methods"
    )
    duration: PositiveFloat | None = Field(
        default=None, description="simulated time [ms], default: the odors' whole protocol, Methods"
    )
    neuron: NeuronName = Field(
        default="extension", description="our exact neuron or the stock NEST neurons [-], Methods"
    )
    record: tuple[str, ...] = Field(default=(), description="V_m, z, g_<population> to record [-], Methods")
    every: PositiveFloat = Field(default=1.0, description="interval of the recording [ms], our choice")
    cells: int = Field(default=10, ge=1, description="cells recorded per population [1], our choice")

    @model_validator(mode="after")
    def _on_the_grid(self) -> "Dynamics":
        for name in ("delay", "duration", "every"):
            value = getattr(self, name)
            if value is not None:
                try:
                    steps = in_steps(value, self.dt)
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from error
                if steps == 0:
                    raise ValueError(f"{name}: expected at least {self.dt} ms, found {value} ms")
        return self

    @property
    def delay_steps(self) -> int:
        """Delay in steps."""
        return in_steps(self.delay, self.dt)


class Execution(Frozen):
    """Settings that must not change the result: they are part of the provenance only."""

    threads: int = Field(default=1, ge=1, le=1024, description="threads per process [1], our choice")
    block: PositiveFloat = Field(
        default=1000.0, description="simulated time between writes to the file [ms], our choice"
    )
    checkpoint_every: PositiveFloat | None = Field(
        default=None, description="simulated time between snapshots to continue from [ms], our choice"
    )
    resume: bool = Field(
        default=False, description="go on where an interrupted run has ended [-], our choice"
    )


@with_interventions(list)
class SimulationConfig(Section):
    """How it is simulated."""

    dt: float = Field(default=DT, gt=0, le=1, description="time step [ms], Methods")
    delay: float = Field(default=DT, gt=0, description="transmission delay [ms], Methods: one step")
    threads: int = Field(default=2, ge=1, le=1024, description="threads per process [1], ours")
    block: float = Field(default=1000.0, gt=0, description="time between writes to the run file [ms], ours")

    @model_validator(mode="after")
    def _multiples_of_dt(self) -> "SimulationConfig":
        for name in ("delay", "block"):
            value = getattr(self, name)
            if abs(value / self.dt - round(value / self.dt)) > 1e-6 or value < self.dt / 2:
                raise ValueError(f"{name}: expected a multiple of dt = {self.dt:g} ms, found {value:g}")
        return self

    def dynamics(self, **more: Any) -> Dynamics:
        """Return what of it shapes the result, with more settings that a configuration does not have."""
        interventions = {name: tuple(getattr(self, name)) for name in INTERVENTIONS}
        return Dynamics(dt=self.dt, delay=self.delay, **interventions, **more)
