"""What the published structures ask for: inputs from within an assembly, and the factor of inhibition.

Meissner-Bernard, Zenke & Friedrich, eLife 13:RP96303 (2025), Methods "Assemblies" and Fig. 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from eiassembly.model.config import NetworkConfig

Pair = tuple[str, str]


@dataclass(frozen=True)
class Structure:
    """Contacts a member receives from the other members of its assembly, by (source, target); factor chi."""

    within: Mapping[Pair, float] = field(default_factory=lambda: MappingProxyType({}))
    chi: float = 1.0


_EE, _IE, _EI = ("E", "E"), ("I", "E"), ("E", "I")

_PUBLISHED = MappingProxyType(
    {
        "rand": Structure(),
        "scaled_i": Structure({_EE: 25}, chi=1.4),
        "tuned_i": Structure({_EE: 25, _IE: 25}),
        "tuned_ei": Structure({_EE: 25, _IE: 5, _EI: 25}),
        "scaled_adjust": Structure({_EE: 19}, chi=1.07),
        "tuned_adjust": Structure({_EE: 25, _IE: 13, _EI: 25}),
    }
)

# What differs in a network: C has half the connections from E to I, simple half of those from E to E and
# twice those from I to E. The figures of simple are those of the authors' matrix E_1 with Tuned E+I.
_EXCEPTIONS: Mapping[str, Mapping[Pair, int]] = MappingProxyType(
    {"C": {_EI: 13}, "simple": {_EE: 18, _EI: 22}}
)
_EXCEPTIONS_TUNED_EI: Mapping[str, Mapping[Pair, int]] = MappingProxyType({"simple": {_IE: 6}})


def structure_of(network: NetworkConfig) -> Structure:
    """Return the published structure with the exceptions of the preset and the configured overrides."""
    published = _PUBLISHED[network.structure]
    exceptions = dict(_EXCEPTIONS.get(network.preset, {}))
    if network.structure == "tuned_ei":
        exceptions |= _EXCEPTIONS_TUNED_EI.get(network.preset, {})
    within: dict[Pair, float] = {pair: exceptions.get(pair, n) for pair, n in published.within.items()}
    within |= {_pair(name): count for name, count in network.within.items()}
    chi = published.chi if network.chi is None else network.chi
    return Structure(within, chi)


def _pair(name: str) -> Pair:
    source, target = name.split("_to_")
    return source, target
