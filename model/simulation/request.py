"""A simulation as it is asked for: the one record that is handed on to everything that simulates."""

from dataclasses import dataclass
from pathlib import Path

from eiassembly.config.simulation import Dynamics, Execution
from eiassembly.core.toml import TomlText


@dataclass(frozen=True)
class Request:
    """One simulation that is asked for.

    Parameters
    ----------
    network, odors, out : Path
        NET.h5, ODORS.h5 and RUN.h5; while the run lasts the last one is called RUN.h5.partial.
    dynamics, execution : Dynamics, Execution
        How to simulate.
    oversubscribe : bool
        Allow more threads than processors.
    origin : TomlText, optional
        File with what is to be done to neurons, to name its lines.
    before : Path, optional
        RUN.h5 whose last snapshot is continued from; by default the neurons are at rest.
    """

    network: Path
    odors: Path
    out: Path
    dynamics: Dynamics
    execution: Execution
    oversubscribe: bool = False
    origin: TomlText | None = None
    before: Path | None = None
