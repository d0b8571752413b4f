"""Neurons whose output is blocked for a while: inactivation of interneurons in a part of the protocol.

A silenced neuron keeps integrating, spiking and being recorded; what it fires in the window is not
transmitted, as if its output weights were 0 in the step of the spike (Meissner-Bernard et al., bioRxiv
10.1101/2024.04.09.588702).
"""

from collections.abc import Sequence

from eiassembly.config.interventions.silence import Silence
from eiassembly.model.protocol.abilities import BLOCK
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.interventions import Interventions, SilentNeurons
from eiassembly.model.protocol.selection import chosen_ids, windows_of

NEEDS = (BLOCK,)


def effects(requested: Sequence[Silence], context: Context) -> Interventions:
    """Return who is silenced when; windows of a neuron add up.

    Raises
    ------
    ConfigError
        Names what does not fit the network, the odors or the time step.
    """
    return Interventions(
        silent=tuple(context.each("silence", requested, lambda one: [_silent(one, context)]))
    )


def _silent(requested: Silence, context: Context) -> SilentNeurons:
    ids = chosen_ids(requested, context.wiring, "silence")
    return SilentNeurons(requested.population, ids, windows_of(requested, context.presentations, context.dt))
