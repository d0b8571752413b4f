"""Neurons whose spikes reach nobody for a while: inactivation of interneurons in a part of the protocol.

A silenced neuron keeps integrating, spiking and being recorded; what it fires in the window is not sent, as
if its output weights were 0 in the step of the spike (Meissner-Bernard et al., bioRxiv
10.1101/2024.04.09.588702).
"""

from collections.abc import Sequence

from eiassembly.config.interventions.silence import Silence
from eiassembly.model.protocol.abilities import BLOCK
from eiassembly.model.protocol.context import Setting
from eiassembly.model.protocol.interventions import Interventions, SilentNeurons
from eiassembly.model.protocol.selection import chosen_ids, windows_of

NEEDS = (BLOCK,)


def effects(asked: Sequence[Silence], setting: Setting) -> Interventions:
    """Return who is silenced when; windows of a neuron add up.

    Raises
    ------
    ConfigError
        Names what does not fit the network, the odors or the time step.
    """
    return Interventions(silent=tuple(setting.each("silence", asked, lambda one: [_silent(one, setting)])))


def _silent(asked: Silence, setting: Setting) -> SilentNeurons:
    ids = chosen_ids(asked, setting.wiring, "silence")
    return SilentNeurons(asked.population, ids, windows_of(asked, setting.presentations, setting.dt))
