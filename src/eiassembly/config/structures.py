"""What the published structures ask for: who is a member, who receives how much from whom.

Two populations: Meissner-Bernard, Zenke & Friedrich, eLife 13:RP96303 (2025), Methods "Assemblies" and
Fig. 2. Three populations: Meissner-Bernard et al., bioRxiv 10.1101/2024.04.09.588702, *measured* in the
authors' matrices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from eiassembly.config.parameters import PRESETS, ProjectionParameters

Pair = tuple[str, str]
"""(source, target) of a projection."""


@dataclass(frozen=True)
class Members:
    """How many neurons of a population belong to an assembly at scale 1, and from whom they receive most.

    Parameters
    ----------
    size : int
        Members of an assembly.
    by : str
        Population whose active cells (of OB) or whose members choose them: E members receive most from the
        odor's mitral cells, feedback neurons from the E members.
    """

    size: int
    by: str


@dataclass(frozen=True)
class Structure:
    """What storing the memories asks of a network.

    Parameters
    ----------
    members : mapping of str to Members
        By population, in an order in which those who choose come before those who are chosen.
    within : mapping of Pair to float
        Contacts a member receives from the other members of its assembly.
    chi : float
        Factor of the strength of ``scaled``.
    scaled : Pair
        The projection that is scaled.
    added : mapping of Pair to float
        Connection probabilities of projections that the preset lacks; with the strength of ``like``.
    like : Pair
        Projection of the preset with the strength of the added ones.
    """

    members: Mapping[str, Members]
    within: Mapping[Pair, float] = field(default_factory=lambda: MappingProxyType({}))
    chi: float = 1.0
    scaled: Pair = ("I", "E")
    added: Mapping[Pair, float] = field(default_factory=lambda: MappingProxyType({}))
    like: Pair = ("E", "I")

    def rewirable(self, pair: Pair) -> bool:
        """Whether a projection may be rewired: between members, from or to E."""
        return "E" in pair and all(name in self.members for name in pair)


_EE, _IE, _EI = ("E", "E"), ("I", "E"), ("E", "I")
_FBE, _FFE, _EFB, _EFF = ("FBI", "E"), ("FFI", "E"), ("E", "FBI"), ("E", "FFI")

_OF_TWO = Structure({"E": Members(100, "OB"), "I": Members(25, "E")})
_TWO: Mapping[str, Structure] = MappingProxyType(
    {
        "rand": _OF_TWO,
        "scaled_i": replace(_OF_TWO, within={_EE: 25}, chi=1.4),
        "tuned_i": replace(_OF_TWO, within={_EE: 25, _IE: 25}),
        "tuned_ei": replace(_OF_TWO, within={_EE: 25, _IE: 5, _EI: 25}),
        "scaled_adjust": replace(_OF_TWO, within={_EE: 19}, chi=1.07),
        "tuned_adjust": replace(_OF_TWO, within={_EE: 25, _IE: 13, _EI: 25}),
    }
)

# Members and contacts are those of most of the authors' structured networks; the others have 60 E and 15 FBI
# members (contacts 20 and 12) or 100 and 25 (25 and 18 to 22). Theirs with the structure e_assemblies have 15
# to 18 contacts from E, those with ff_assembly 5 to 13 from FBI and 3 to 7 from FFI.
_OF_THREE = Structure({"E": Members(80, "OB"), "FBI": Members(10, "E")}, scaled=_FBE, like=_EFB)
_THREE: Mapping[str, Structure] = MappingProxyType(
    {
        "rand": _OF_THREE,
        "tuned_i": replace(_OF_THREE, within={_EE: 20, _FBE: 10}),
        "e_assemblies": replace(_OF_THREE, within={_EE: 17}, chi=1.04),
        "ff_assembly": replace(
            _OF_THREE,
            members={"E": Members(80, "OB"), "FBI": Members(5, "E"), "FFI": Members(5, "OB")},
            within={_EE: 20, _FBE: 5, _FFE: 3},
        ),
        "fb_component": replace(_OF_THREE, within={_EE: 20, _FBE: 10}, added={_EFF: 0.02}),
    }
)

# What differs in a network: C has half the connections from E to I, simple half of those from E to E and
# twice those from I to E. The figures of simple are those of the authors' matrix E_1 with Tuned E+I.
EXCEPTIONS: Mapping[str, Mapping[Pair, int]] = MappingProxyType(
    {"C": {_EI: 13}, "simple": {_EE: 18, _EI: 22}}
)
EXCEPTIONS_TUNED_EI: Mapping[str, Mapping[Pair, int]] = MappingProxyType({"simple": {_IE: 6}})


def published_structures(preset: str) -> Mapping[str, Structure]:
    """Return what the structures of a preset ask for, by name, without the exceptions of single networks."""
    return _THREE if "FBI" in PRESETS[preset].by_name else _TWO


def ratio_pairs(structure: Structure) -> dict[str, Pair]:
    """Return the projections whose density within assemblies is called α, β, γ (Fig. 1).

    β and γ are of the inhibitory population that has members; not known where there are several.
    """
    inhibitory = [name for name in structure.members if name != "E"]
    pairs: dict[str, Pair] = {"alpha": _EE}
    if len(inhibitory) == 1:
        pairs |= {"beta": (inhibitory[0], "E"), "gamma": ("E", inhibitory[0])}
    return pairs


def projections_of(preset: str, structure: str) -> tuple[ProjectionParameters, ...]:
    """Return the published projections of a preset, and those that a structure adds."""
    projections = PRESETS[preset].projections
    asked = published_structures(preset)[structure]
    by_pair = {pair_of(p.name): p for p in projections}
    return projections + tuple(
        by_pair[asked.like].model_copy(update={"source": source, "target": target, "probability": p})
        for (source, target), p in asked.added.items()
    )


def pair_of(name: str) -> Pair:
    """Return (source, target) of a projection's name, ``SOURCE_to_TARGET``."""
    source, target = name.split("_to_")
    return source, target
