"""A network that all processes of a run build together, each the inputs of its own neurons."""

from contextlib import ExitStack
from pathlib import Path

from eiassembly.config.config import Config
from eiassembly.config.network import NetworkConfig
from eiassembly.connectivity.build import build, populations_of
from eiassembly.connectivity.files.network import write_slices
from eiassembly.core.communicator import Communicator
from eiassembly.core.hdf5 import created


def build_network(config: Config, out: Path, communicator: Communicator) -> int:
    """Wire the configured network and write NET.h5; called by all processes alike.

    No process ever holds more than a slice of about the same number of targets per population: rank 0 writes
    the slices of the others one by one.

    Parameters
    ----------
    config : Config
        What to build.
    out : Path
        NET.h5.
    communicator : Communicator
        The processes of this run.

    Returns
    -------
    int
        Contacts in the whole network.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    wiring = build(config, own_targets(config.network, communicator.rank, communicator.size), communicator)
    with ExitStack() as stack:
        with communicator.collective():
            h5 = stack.enter_context(created(out)) if communicator.rank == 0 else None
        write_slices(h5, wiring, communicator)
        n_contacts = sum(
            communicator.allgather(sum(projection.n_contacts for projection in wiring.projections))
        )
        with communicator.collective():
            pass  # the file is renamed only if all are well
    return int(n_contacts)


def own_targets(network: NetworkConfig, rank: int, n_ranks: int) -> dict[str, slice]:
    """Return a rank's share of every population: contiguous, in the order of the ranks."""
    return {
        population.name: slice(population.size * rank // n_ranks, population.size * (rank + 1) // n_ranks)
        for population in populations_of(network)
    }
