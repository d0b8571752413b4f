"""Claims about morphs and partial stimulation (Fig. 3): P1 to P4."""

from eiassembly.analysis.claims.claim import Claim, Series, Statement, Values, descending, means

SILENT = 0.1
"""Rate below which neurons count as not recruited in P4, Hz: that of the baseline (Fig. 1F)."""


def _of_morph(quantity: str, groups: tuple[str, ...]) -> Series:
    """All morphs of a network, both ways."""
    return Series("morph", quantity, groups)


def _recruited(groups: tuple[str, ...], cells: str) -> Series:
    return Series("partial", "rate_change", groups, cells, cells)


def _rest_joins(rest: Values, others: Values) -> bool:
    joined, silent = means(rest), means(others)
    return all(joined[s] > SILENT > silent[s] for s in joined)


def _steepest_in_scaled(values: Values) -> bool:
    return all(descending("scaled_i", other)(values) for other in ("tuned", "rand"))


def _small_positive(values: Values) -> bool:
    found = means(values)
    tuned = [value for s, value in found.items() if s.startswith("tuned")]
    return found["scaled_i"] > max(tuned) and min(tuned) > max(0.0, found["rand"])


COMPLETION = (
    Claim(
        "P1", "Rand and tuned networks separate patterns along a morph", "Fig. 3B",
        "output ≤ input correlation at all points",
        (Statement(
            "No place of a morph has more output than input correlation with the learned odor",
            (_of_morph("completion_above", ("rand", "tuned")),),
            lambda values: max(means(values).values()) == 0,
        ),),
    ),
    Claim(
        "P2", "Scaled I completes patterns near the learned odor, with a steep rise", "Fig. 3B",
        "some points above; steepest of all",
        (
            Statement(
                "In Scaled I some places have more output than input correlation",
                (_of_morph("completion_above", ("scaled_i",)),), lambda values: means(values)["scaled_i"] > 0,
            ),
            Statement(
                "The output correlation rises more steeply in Scaled I than in rand and tuned networks",
                (_of_morph("completion_slope", ("scaled_i", "rand", "tuned")),),
                _steepest_in_scaled,
            ),
        ),
    ),
    Claim(
        "P3", "Net recurrent current rises near the learned odor: a little when tuned, much in Scaled I",
        "Fig. 3E, F", "Scaled I above tuned, tuned positive and above rand",
        (Statement(
            "Towards the learned odor the net recurrent current rises most in Scaled I, in tuned networks "
            "more than in rand and above 0",
            (_of_morph("current_change", ("scaled_i", "tuned", "rand")),), _small_positive,
        ),),
    ),
    Claim(
        "P4", "Stimulating a part of an assembly recruits the rest", "Fig. 3 suppl. 1",
        "members without current up, others not; taken as 0.1 Hz",
        (Statement(
            "In all networks with assemblies members without current gain more than 0.1 Hz, other cells less",
            (_recruited(("scaled_i", "tuned"), "rest"), _recruited(("scaled_i", "tuned"), "others")),
            _rest_joins,
        ),),
    ),
)  # fmt: skip
