"""The published structures: how each is named and drawn, who is a member, who receives how much from whom.

`STRUCTURES` is the one table: a structure that is added there can be asked for in a configuration, and has
its place and colour in all tables and figures.

Two populations: Meissner-Bernard, Zenke & Friedrich, eLife 13:RP96303 (2025), Methods "Assemblies" and
Fig. 2. Three populations: Meissner-Bernard et al., bioRxiv 10.1101/2024.04.09.588702, *measured* in the
authors' matrices.
"""

from collections.abc import Iterable, Mapping
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
class StructureNumbers:
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
    exceptions : mapping of str to mapping of Pair to float
        By preset: what differs from ``within`` there.
    """

    members: Mapping[str, Members]
    within: Mapping[Pair, float] = field(default_factory=lambda: MappingProxyType({}))
    chi: float = 1.0
    scaled: Pair = ("I", "E")
    added: Mapping[Pair, float] = field(default_factory=lambda: MappingProxyType({}))
    like: Pair = ("E", "I")
    exceptions: Mapping[str, Mapping[Pair, float]] = field(default_factory=lambda: MappingProxyType({}))

    def rewirable(self, pair: Pair) -> bool:
        """Whether a projection may be rewired: between members, from or to E."""
        return "E" in pair and all(name in self.members for name in pair)


@dataclass(frozen=True)
class Structure:
    """How a structure is named and drawn, and its numbers.

    Parameters
    ----------
    label : str
        As in the paper's figures.
    color, line : str
        Of its own among structures and populations (`analysis.runs.labels`); a line style of matplotlib.
    of_two, of_three : StructureNumbers, optional
        In networks with one kind of inhibitory neurons, and with two; without, there is none.
    """

    label: str
    color: str
    line: str
    of_two: StructureNumbers | None = None
    of_three: StructureNumbers | None = None


_EE, _IE, _EI = ("E", "E"), ("I", "E"), ("E", "I")
_FBE, _FFE, _EFB, _EFF = ("FBI", "E"), ("FFI", "E"), ("E", "FBI"), ("E", "FFI")

# C has half the connections from E to I, simple half of those from E to E and twice those from I to E. The
# figures of simple are those of the authors' matrix E_1 with Tuned E+I.
_SIMPLE = {_EE: 18, _EI: 22}
_EXCEPTIONS: Mapping[str, Mapping[Pair, float]] = MappingProxyType({"C": {_EI: 13}, "simple": _SIMPLE})

_OF_TWO = StructureNumbers({"E": Members(100, "OB"), "I": Members(25, "E")}, exceptions=_EXCEPTIONS)
# Members and contacts are those of most of the authors' structured networks; the others have 60 E and 15 FBI
# members (contacts 20 and 12) or 100 and 25 (25 and 18 to 22). Theirs with the structure e_assemblies have 15
# to 18 contacts from E, those with ff_assembly 5 to 13 from FBI and 3 to 7 from FFI.
_OF_THREE = StructureNumbers({"E": Members(80, "OB"), "FBI": Members(10, "E")}, scaled=_FBE, like=_EFB)

STRUCTURES: Mapping[str, Structure] = MappingProxyType(
    {
        "rand": Structure("rand", "#333333", "-", _OF_TWO, _OF_THREE),
        "scaled_i": Structure("Scaled I", "#D55E00", "-", replace(_OF_TWO, within={_EE: 25}, chi=1.4)),
        "tuned_i": Structure(
            "Tuned I",
            "#56B4E9",
            "-",
            replace(_OF_TWO, within={_EE: 25, _IE: 25}),
            replace(_OF_THREE, within={_EE: 20, _FBE: 10}),
        ),
        "tuned_ei": Structure(
            "Tuned E+I",
            "#0072B2",
            "--",
            replace(
                _OF_TWO,
                within={_EE: 25, _IE: 5, _EI: 25},
                exceptions={**_EXCEPTIONS, "simple": {**_SIMPLE, _IE: 6}},
            ),
        ),
        "scaled_adjust": Structure(
            "Scaled[adjust]", "#E69F00", "--", replace(_OF_TWO, within={_EE: 19}, chi=1.07)
        ),
        "tuned_adjust": Structure(
            "Tuned[adjust]", "#332288", ":", replace(_OF_TWO, within={_EE: 25, _IE: 13, _EI: 25})
        ),
        "e_assemblies": Structure(
            "E assemblies", "#CC6677", "-.", of_three=replace(_OF_THREE, within={_EE: 17}, chi=1.04)
        ),
        "ff_assembly": Structure(
            "FF assembly",
            "#44AA99",
            "-.",
            of_three=replace(
                _OF_THREE,
                members={"E": Members(80, "OB"), "FBI": Members(5, "E"), "FFI": Members(5, "OB")},
                within={_EE: 20, _FBE: 5, _FFE: 3},
            ),
        ),
        "fb_component": Structure(
            "FB component",
            "#6699CC",
            "-.",
            of_three=replace(_OF_THREE, within={_EE: 20, _FBE: 10}, added={_EFF: 0.02}),
        ),
    }
)
"""By name, in the order of tables and figures.

The colours are those of Okabe & Ito and of Tol: Scaled networks are warm, tuned ones blue, rand is dark grey.
Structures also differ by line style, for print.
"""
COMPARED = ("rand", "scaled_i", "tuned_i", "tuned_ei")
"""Those that the paper compares throughout (Fig. 2)."""


def place_of(name: str) -> int:
    """Return the place of a structure in `STRUCTURES`; unknown ones come after all of them."""
    return list(STRUCTURES).index(name) if name in STRUCTURES else len(STRUCTURES)


def in_order(names: Iterable[str]) -> list[str]:
    """Sort names of structures as in `STRUCTURES`, each once; unknown ones stay in their order."""
    return sorted(dict.fromkeys(names), key=place_of)


def published_structures(preset: str) -> Mapping[str, StructureNumbers]:
    """Return what the structures that a preset has ask for, by name."""
    three = "FBI" in PRESETS[preset].by_name
    numbers = {name: s.of_three if three else s.of_two for name, s in STRUCTURES.items()}
    return {name: found for name, found in numbers.items() if found is not None}


def ratio_pairs(structure: StructureNumbers) -> dict[str, Pair]:
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
    requested = published_structures(preset)[structure]
    by_pair = {pair_of(p.name): p for p in projections}
    return projections + tuple(
        by_pair[requested.like].model_copy(update={"source": source, "target": target, "probability": p})
        for (source, target), p in requested.added.items()
    )


def pair_of(name: str) -> Pair:
    """Return (source, target) of a projection's name, ``SOURCE_to_TARGET``."""
    source, target = name.split("_to_")
    return source, target
