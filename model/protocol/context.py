"""The network and the odors that a protocol has to fit, and what does not fit by its name."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from eiassembly.config.interventions.selection import Timed
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.arrays import Ids
from eiassembly.core.errors import ConfigError
from eiassembly.core.grid import in_steps
from eiassembly.core.toml import Origin, located
from eiassembly.model.protocol.selection import check_apart, windows_of
from eiassembly.odors.odors import Presentation

Requested = TypeVar("Requested")
Resolved = TypeVar("Resolved")


@dataclass(frozen=True, eq=False)
class Context:
    """What a protocol has to fit.

    Parameters
    ----------
    wiring : Wiring
        Sizes of the populations and assemblies.
    presentations : sequence of Presentation
        When which odor is presented.
    n_steps : int
        Length of the odors' protocol.
    n_simulated : int
        Steps that are simulated.
    dt : float
        Time step, ms.
    origin : str or TomlText
        Where the tables come from, for errors.
    folder : Path, optional
        Of RUN.h5: runs that are not found from where the command is run are looked for from there.
    """

    wiring: Wiring
    presentations: Sequence[Presentation]
    n_steps: int
    n_simulated: int
    dt: float
    origin: Origin
    folder: Path = Path()

    def each(
        self, name: str, requested: Sequence[Requested], meaning: Callable[[Requested], Iterable[Resolved]]
    ) -> Iterator[Resolved]:
        """Find out what tables of one kind mean; what does not fit is named with its table."""
        for index, one in enumerate(requested):
            try:
                yield from meaning(one)
            except ValueError as error:
                raise ConfigError(located(self.origin, f"{name}.{index}.{error}")) from error

    def step(self, time: float) -> int:
        """Return a time ``at`` [ms] in steps; ValueError if it is none, or after the end."""
        if time >= self.n_steps * self.dt:
            raise ValueError(f"at: expected less than {self.n_steps * self.dt:g} ms, found {time:g} ms")
        try:
            return in_steps(time, self.dt)
        except ValueError as error:
            raise ValueError(f"at: {error}") from error

    def windows(self, timed: Timed) -> Ids:
        """Return windows in steps; ValueError if they overlap or begin after the end."""
        windows = windows_of(timed, self.presentations, self.dt)
        key = "windows" if timed.windows is not None else "around"
        check_apart(windows, self.dt, key)
        if (latest := windows[:, 0].max(initial=-1)) >= self.n_steps:
            end = f"{self.n_steps * self.dt:g} ms"
            raise ValueError(f"{key}: expected to begin before {end}, found {latest * self.dt:g} ms")
        return windows
