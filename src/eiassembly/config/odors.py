"""The stimulus: a section of the configuration with keys of its own for every kind of protocol."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from eiassembly.core.records import Section, Seed

Count = Annotated[int, Field(ge=1)]
MIXTURES = 1_000_000
"""Numbers from here on are those of mixtures, the others those of pure odors."""
Number = Annotated[int, Field(ge=0, lt=MIXTURES)]


class Odors(Section):
    """Odors and spike trains, however they are presented (Methods, "Olfactory bulb input")."""

    seed: Seed = Field(default=1, description="of odors and spike trains [-], ours")
    decay: Literal["measured", "text"] = Field(
        default="measured",
        description="time constants of the mitral cells' responses [-], 1.1, 1.6, 2.2 s measured in the "
        "published odor sets or 1, 2, 4 s as in Methods",
    )
    novel_pool: int = Field(
        default=1125,
        ge=225,
        le=1125,
        description="mitral cells that novel odors draw theirs from, at scale 1; 750 measured in the "
        "published set of novel odors, 1125 in that of learned ones [1], Methods",
    )
    overlap_with: int | None = Field(
        default=None, ge=0, description="learned odor that novel ones share cells with [1], Fig. 6"
    )
    family: Literal["chain", "square"] | None = Field(
        default=None,
        description="novel odors share cells with the one before (chain), or four at a time with both "
        "neighbours as corners of a square [-], Fig. 6",
    )
    share: float = Field(
        default=0.5, ge=0, le=1, description="part of activated and inhibited cells they share [1], Fig. 6"
    )
    baseline: float = Field(default=1000.0, ge=0, description="before every odor [ms], Methods")
    duration: float = Field(default=2000.0, gt=0, description="of every odor [ms], Methods")

    @model_validator(mode="after")
    def _whole_pool_for_relations(self) -> "Odors":
        whole = Odors.model_fields["novel_pool"].default
        if self.novel_pool < whole and (self.family is not None or self.overlap_with is not None):
            raise ValueError(
                f"novel_pool: expected {whole} with a family or overlap_with, found {self.novel_pool}"
            )
        return self

    @model_validator(mode="after")
    def _one_relation(self) -> "Odors":
        if self.family is not None and self.overlap_with is not None:
            raise ValueError(f"family: expected no overlap_with beside it, found {self.family!r}")
        if self.family == "square" and self.share > 0.5:
            raise ValueError(
                f"share: expected at most 0.5 with family 'square', where opposite corners share nothing, "
                f"found {self.share:g}"
            )
        return self


class CountedOdors(Odors):
    """Baseline and odor in turn: the first few learned and novel odors."""

    learned: int = Field(default=0, ge=0, description="learned odors presented [1], Methods: 10")
    novel: int = Field(default=10, ge=0, description="novel odors presented [1], Methods")

    @model_validator(mode="after")
    def _not_empty(self) -> "CountedOdors":
        if self.learned + self.novel == 0:
            raise ValueError("novel: expected at least 1 when learned is 0, found 0")
        return self


class SequenceOdors(CountedOdors):
    """Every odor once."""

    kind: Literal["sequence"] = Field(default="sequence", description="protocol [-], Methods")


class TrialOdors(CountedOdors):
    """Every odor several times, with other spikes."""

    kind: Literal["trials"] = Field(default="trials", description="protocol [-], Fig. 2 s2D")
    learned: int = Field(default=1, ge=0, description="learned odors presented [1], ours")
    novel: int = Field(default=1, ge=0, description="novel odors presented [1], ours")
    trials: Count = Field(default=10, description="presentations of every odor [1], ours")
    order: Literal["interleaved", "blocked"] = Field(
        default="interleaved", description="all odors in turn, or one after the other [-], ours"
    )


class MorphOdors(Odors):
    """From one odor to another, whose cells replace those of the first step by step."""

    kind: Literal["morph"] = Field(default="morph", description="protocol [-], Fig. 3")
    first: Number | None = Field(
        default=None, description="odor it starts from, default: the first novel one [1], Fig. 3"
    )
    last: Number = Field(default=0, description="odor it leads to [1], Fig. 3: a learned one")
    steps: Count = Field(default=10, description="steps between the two [1], ours")
    direction: Literal["up", "down", "both"] = Field(
        default="up", description="from first to last, back, or there and back [-], ours"
    )
    trials: Count = Field(default=1, description="times the morph is presented [1], ours")


class SubspaceOdors(Odors):
    """Trajectories through a square of mixtures with pure odors at its corners."""

    kind: Literal["subspace"] = Field(default="subspace", description="protocol [-], Fig. 4")
    corners: Annotated[list[Number], Field(min_length=4, max_length=4)] | None = Field(
        default=None,
        description="odors top left, top right, bottom right, bottom left; default: two learned and two "
        "novel ones, or four of a family [1], Fig. 4 and Fig. 6",
    )
    trajectories: int = Field(default=8, ge=1, le=8, description="paths through all 121 places [1], Methods")
    baseline: float = Field(default=2000.0, ge=0, description="before every trajectory [ms], Methods")
    duration: float = Field(default=1000.0, gt=0, description="at every place [ms], Methods")

    @model_validator(mode="after")
    def _four_corners(self) -> "SubspaceOdors":
        if self.corners is not None and len(set(self.corners)) < 4:
            raise ValueError(f"corners: expected four different odors, found {self.corners}")
        return self


def _tag(odors: Any) -> Any:
    """Name the kind, in brackets to tell it from a key."""
    kind = odors.get("kind", "sequence") if isinstance(odors, Mapping) else getattr(odors, "kind", "sequence")
    return f"[{kind}]"


OdorsConfig = Annotated[
    Annotated[SequenceOdors, Tag("[sequence]")]
    | Annotated[TrialOdors, Tag("[trials]")]
    | Annotated[MorphOdors, Tag("[morph]")]
    | Annotated[SubspaceOdors, Tag("[subspace]")],
    Discriminator(_tag),
]
"""The section ``[odors]``: which keys there are depends on ``kind``."""
