"""Small networks with feedback and feedforward inhibition, with the projections of the published ones."""

import numpy as np
from random_projections import random_projection

from eiassembly.config.parameters import PRESETS, three_populations
from eiassembly.connectivity.wiring import Wiring

SIZES = {"OB": 40, "E": 60, "FBI": 20, "FFI": 16}
DRIVE = {"OB": 10.0, "E": 8.0, "FBI": 1.0, "FFI": 1.0}
"""Few inputs must do what many do in the published networks."""


def small_network(seed: int) -> Wiring:
    """A random network that fires."""
    rng = np.random.default_rng(seed)
    return Wiring(
        populations=three_populations(SIZES),
        projections=tuple(
            random_projection(
                int(rng.integers(10**6)), SIZES[p.source], SIZES[p.target], 0.3, 3, p.source, p.target,
                strength=p.strength * DRIVE[p.source],
            )
            for p in PRESETS["dp3_A"].projections
        ),
        description={"preset": "dp3_A", "structure": "rand", "seed": seed},
    )  # fmt: skip
