"""Networks of a hundred neurons and odors for them: everything about memories in milliseconds."""

import numpy as np
from random_projections import part, random_projection

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, two_populations
from eiassembly.connectivity.memories.rule import Rule
from eiassembly.connectivity.wiring import Wiring
from eiassembly.odors.odors import Odor

SIZES = {"OB": 60, "E": 80, "I": 40}
PAIRS = (("OB", "E"), ("OB", "I"), ("E", "E"), ("E", "I"), ("I", "E"), ("I", "I"))


def small_network(seed, most=2):
    """A random network of all six projections."""
    return Wiring(
        populations=two_populations(EXCITATORY, INHIBITORY, SIZES),
        projections=tuple(
            random_projection(10 * seed + k, SIZES[s], SIZES[t], 0.5, most=most, source=s, target=t)
            for k, (s, t) in enumerate(PAIRS)
        ),
    )


def some_odor(number, seed=0):
    """An odor that activates 20 of 60 mitral cells."""
    rng = np.random.default_rng([number, seed])
    cells = rng.permutation(SIZES["OB"])
    activated, inhibited = cells[:20], cells[20:30]
    ones, tens = np.ones(20), np.ones(10)
    return Odor(number, activated, ones, ones, ones, inhibited, tens, tens)


def small_rule(seed=1, **changes):
    """Assemblies of 12 E and 6 I neurons, all three projections rewired."""
    fields = {
        "members": {"E": 12, "I": 6},
        "chosen_by": {"E": "OB", "I": "E"},
        "within": {("E", "E"): 12, ("I", "E"): 5, ("E", "I"): 12},
        "seed": seed,
    }
    return Rule(**(fields | changes))


def slice_of(wiring, targets):
    """The targets of one rank."""
    own = [part(p, targets[p.target]) for p in wiring.projections]
    return wiring.replacing(own)


def same(a, b):
    """Two wirings are the same: content, and what is on record of every memory."""
    assert a.content_hash() == b.content_hash()
    assert [assembly.odor for assembly in a.assemblies] == [assembly.odor for assembly in b.assemblies]
    for one, other in zip(a.assemblies, b.assemblies, strict=True):
        assert rows_of(one) == rows_of(other)


def rows_of(assembly):
    """What storing a memory has moved: {projection: [(target, gained, lost)]}."""
    if assembly.moves is None:
        return None
    return {
        name: list(zip(m.targets.tolist(), m.gained.tolist(), m.lost.tolist(), strict=True))
        for name, m in assembly.moves.items()
    }
