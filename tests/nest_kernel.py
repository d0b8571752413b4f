"""An empty NEST with our extension, for tests that drive its models directly."""

import functools
from pathlib import Path
from types import ModuleType

from eiassembly.core.nest_installation import find_nest
from eiassembly.model.neuron.compile import compiled_module

NEURON = "alif_cond_exp_euler"
SOURCE = "spike_train_source"
CONTACT = "contact_synapse"


@functools.cache
def extension() -> Path:
    """The compiled extension module; compiled the first time that anybody needs it."""
    return compiled_module(find_nest())


def fresh_kernel(threads: int = 1, dt: float = 0.1) -> ModuleType:
    """The module nest, reset. Imported here only: collecting tests must not start NEST (or MPI)."""
    import nest

    from eiassembly.model.simulation.network import reset_kernel

    reset_kernel(dt, threads)
    nest.Install(str(extension()))
    return nest


def contact(port: int = 1, delay: float = 0.1) -> dict[str, object]:
    """Synapse specification of a contact onto a port (1, 2, …) of our neuron."""
    return {"synapse_model": CONTACT, "receptor_type": port, "delay": delay}
