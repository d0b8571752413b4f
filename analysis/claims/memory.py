"""Claims about more memories that overlap (Fig. 6): M1 to M4."""

from eiassembly.analysis.claims.claim import Claim, Series, Statement, Values, means, within
from eiassembly.analysis.measures.memory.capacity import TOLERANCE

_TUNED, _SCALED = ("tuned_ei",), ("scaled_i",)


def _of(quantity: str, groups: tuple[str, ...], condition: str, title: str = "") -> Series:
    return Series("added", quantity, groups, condition, title)


def _correlations(groups: tuple[str, ...]) -> tuple[Series, ...]:
    return tuple(_of("correlation", groups, name, name) for name in ("input", "before", "after"))


def _apart(outside: Values, before: Values, after: Values) -> bool:
    return means(after)["tuned_ei"] <= means(outside)["tuned_ei"]


def _together(outside: Values, before: Values, after: Values) -> bool:
    return means(after)["scaled_i"] > max(means(before)["scaled_i"], means(outside)["scaled_i"])


def _raised_one_way(there: Values, back: Values) -> bool:
    return means(there)["tuned_ei"] > max(1.0, means(back)["tuned_ei"])


MEMORY = (
    Claim(
        "M1", "Two more memories that overlap leave the rates of Tuned E+I alone, those of Scaled I rise",
        "Fig. 6B, C", "below 15 % in Tuned E+I; clear rise in Scaled I, taken as above 15 %",
        (
            Statement(
                "In Tuned E+I storing two more odors changes the rate that they evoke by less than 15 %",
                (_of("rate_ratio", _TUNED, "stored"),), within("tuned_ei", 1 - TOLERANCE, 1 + TOLERANCE),
            ),
            Statement(
                "In Scaled I the rate rises by more than 15 %",
                (_of("rate_ratio", _SCALED, "stored"),),
                lambda values: means(values)["scaled_i"] > 1 + TOLERANCE,
            ),
        ),
    ),
    Claim(
        "M2", "The patterns of the two separate in Tuned E+I, converge in Scaled I", "Fig. 6C",
        "yes; taken as correlations against those of the inputs",
        (
            Statement(
                "In Tuned E+I, once both are stored, the responses correlate no more than the inputs",
                _correlations(_TUNED), _apart,
            ),
            Statement(
                "In Scaled I they correlate more than the inputs, and more than before",
                _correlations(_SCALED), _together,
            ),
        ),
    ),
    Claim(
        "M3", "Storing raises d_M from the stored odors to others, more than back", "Fig. 6 suppl. 1", "yes",
        (Statement(
            "In Tuned E+I d_M from stored to other odors rises, and more than from these to the stored ones",
            (
                _of("mahalanobis_ratio", _TUNED, "stored to unstored", "stored to others"),
                _of("mahalanobis_ratio", _TUNED, "unstored to stored", "others to stored"),
            ),
            _raised_one_way,
        ),),
    ),
    Claim(
        "M4", "The two assemblies share 16 % of their neurons", "Fig. 6", "10–22 %",
        (Statement(
            "Assemblies of odors that share half of their mitral cells share 10 to 22 % of their neurons",
            (_of("shared_members", _TUNED, ""),), within("tuned_ei", 10, 22),
        ),),
    ),
)  # fmt: skip
