"""Small networks with two or three populations of neurons, multiple contacts, and assemblies."""

import numpy as np
from random_projections import random_projection

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, Population, two_populations
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.wiring import Wiring

SIZES = {"OB": 15, "E": 40, "I": 30}
PAIRS = (("OB", "E"), ("E", "E"), ("E", "I"), ("I", "E"))
ASSEMBLIES = (
    Assembly(7, {"E": np.array([1, 4, 9]), "I": np.array([2])}),
    Assembly(3, {"E": np.array([5])}),
)


def projections(pairs, sizes, **changes):
    """One projection per pair, each with another strength."""
    return tuple(
        random_projection(
            k, sizes[s], sizes[t], most=3, source=s, target=t, strength=0.1 + k / 7, **changes
        )
        for k, (s, t) in enumerate(pairs)
    )  # fmt: skip


def two(**changes):
    """E and I, the usual names."""
    return Wiring(
        populations=two_populations(EXCITATORY, INHIBITORY, SIZES),
        projections=projections(PAIRS, SIZES, **changes),
        assemblies=ASSEMBLIES,
        description={"origin": "test", "numbers": [1, 2.5, None], "enrichment": {"alpha": 2.0}},
    )


def three():
    """Two inhibitory populations, of which one has members."""
    sizes = {"OB": 15, "E": 40, "FBI": 12, "FFI": 10}
    pairs = (("E", "FBI"), ("OB", "E"), ("E", "E"), ("OB", "FFI"), ("FBI", "E"), ("FFI", "E"), ("FBI", "FBI"))
    neuron = {"E": EXCITATORY, "FBI": INHIBITORY, "FFI": INHIBITORY.model_copy(update={"E_rest": -60.1})}
    return Wiring(
        populations=tuple(
            Population(
                name=name, size=size, neuron=neuron.get(name),
                sign="inhibitory" if name.endswith("I") else "excitatory",
            )
            for name, size in sizes.items()
        ),
        projections=projections(pairs, sizes),
        assemblies=tuple(
            Assembly(k, {"E": np.arange(k, k + 6), "FBI": np.array([k, k + 1])}) for k in range(3)
        ),
        description={"α": "β"},
    )  # fmt: skip


EMPTY = {"sources": np.empty(0, np.int32), "multiplicity": np.empty(0, np.uint8)}
"""Changes that leave a projection without connections; its offsets are zeros."""
