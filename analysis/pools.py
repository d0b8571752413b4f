"""Neurons that measures of few neurons draw from: members of (pseudo-)assemblies, or the whole population."""

from collections.abc import Sequence

import numpy as np

from eiassembly.analysis.experiments import network_config
from eiassembly.analysis.responses import Roles
from eiassembly.analysis.results import Ids, Run
from eiassembly.connectivity.assemblies import strongest_receivers
from eiassembly.connectivity.exchange import Alone

MEMBERS = 0.025
"""Part of E that an assembly takes where the network has none to look at: 100 of 4000 (Methods)."""


def members_of_odors(run: Run, odors: Sequence[int]) -> tuple[Ids, ...]:
    """E members of the assembly of every odour; of odours that are not stored, of the pseudo-assembly.

    The pseudo-assembly are the E cells that storing the odour would choose: those that receive most contacts
    from its activated mitral cells. They depend on the wiring from OB alone, so they are the same in all
    structures of a network.

    Parameters
    ----------
    run : Run
        A run whose odours include these.
    odors : sequence of int
        Numbers of odours.
    """
    principal = Roles.of(run.wiring).principal
    found = {a.odor: a.of(principal) for a in run.wiring.assemblies if len(a.of(principal))}
    missing = [odor for odor in odors if odor not in found]
    found |= dict(zip(missing, _pseudo_members(run, missing), strict=True))
    return tuple(found[odor] for odor in odors)


def pool_of_odors(run: Run, odors: Sequence[int]) -> Ids:
    """All members of the (pseudo-)assemblies of some odours, increasing ids; see `members_of_odors`."""
    return np.unique(np.concatenate(members_of_odors(run, odors)))


def _pseudo_members(run: Run, odors: Sequence[int]) -> tuple[Ids, ...]:
    roles = Roles.of(run.wiring)
    (source,) = roles.feedforward
    size = run.wiring.population(roles.principal).size
    sizes = [len(a.of(roles.principal)) for a in run.wiring.assemblies] or [round(MEMBERS * size)]
    activated = {odor.number: odor.activated for odor in run.odors.odors}
    return strongest_receivers(
        run.wiring.projection(source, roles.principal),
        size,
        [activated[odor] for odor in odors],
        sizes[0],
        int(network_config(run).get("seed", 0)),
        Alone(),
        list(odors),
    )
