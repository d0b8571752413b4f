"""Networks that smell the same odors: one folder with their files, their simulations side by side."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eiassembly.campaign.parallel import run_commands
from eiassembly.config.config import Config
from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.connectivity.build import build
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.errors import ConfigError
from eiassembly.core.files import make_directory
from eiassembly.odors import file as odor_file
from eiassembly.odors.schedules import suitable_odor_set


@dataclass(frozen=True)
class Batch:
    """Files of networks of one odor set.

    Parameters
    ----------
    folder : Path
        Where they are.
    configs : mapping of str to Config
        By the names of the networks; they have the same odors.
    """

    folder: Path
    configs: Mapping[str, Config]

    @property
    def odors(self) -> Path:
        """ODORS.h5."""
        return self.folder / "odors.h5"

    def network(self, name: str) -> Path:
        """NET.h5 of a network."""
        return self.folder / "networks" / f"{name}.h5"

    def run(self, name: str) -> Path:
        """RUN.h5 of a network."""
        return self.folder / "runs" / f"{name}.h5"

    def make_folders(self) -> None:
        """Make the folders of the files."""
        for directory in (self.network("").parent, self.run("").parent):
            make_directory(directory)

    def draw_odors(self) -> None:
        """Write ODORS.h5."""
        odor_file.save(suitable_odor_set(next(iter(self.configs.values()))), self.odors)

    def build(self, name: str) -> None:
        """Write NET.h5 of a network."""
        network_file.save(build(self.configs[name]), self.network(name))

    def simulate(self, in_detail: bool = True, neuron: str | None = None) -> None:
        """Fill the processors with simulations that have nothing to wait for in each other.

        Parameters
        ----------
        in_detail : bool
            Report the progress of each of them, not only its end.
        neuron : str, optional
            ``nest`` for NEST's own neurons.

        Raises
        ------
        ConfigError
            Something is to be done to neurons: only ``run`` and ``simulate`` do that.
        """
        for name in INTERVENTIONS:
            if any(getattr(config.simulation, name) for config in self.configs.values()):
                raise ConfigError(f"simulation.{name}: expected none where several networks are simulated")
        most = max(config.simulation.threads for config in self.configs.values())
        options = [f"--neuron={neuron}"] if neuron else []
        commands = {name: [*self._command(name), *options] for name in self.configs}
        run_commands(commands, max(1, (os.cpu_count() or 1) // most), in_detail)

    def _command(self, name: str) -> Sequence[str]:
        settings = ("delay", "threads", "block")
        options = [f"--{key}={getattr(self.configs[name].simulation, key)}" for key in settings]
        files = (str(self.network(name)), str(self.odors), f"--out={self.run(name)}")
        return ("simulate", *files, *options)
