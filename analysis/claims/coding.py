"""Claims about geometry and classification (Fig. 4 and 5): G1 to G6, C1 to C6."""

from itertools import chain

from eiassembly.analysis.claims.claim import (
    Claim,
    Series,
    Statement,
    Values,
    descending,
    first_above_second,
    means,
    near_rand,
    within,
)

MUCH = 2.0
"""What ≫ is taken to mean for participation ratios in G1: the paper gives no number."""
SIGNIFICANT = 0.01
"""Probability below which a difference over networks counts (Fig. 5C)."""
HYSTERESIS = 0.05
"""Path dependence above which there is hysteresis in C6: ours; chance gives 0."""

_RAND, _TUNED, _EVERY = ("rand",), ("tuned",), ("rand", "tuned", "scaled_i")
_GROUP = "assemblies"
"""Neurons that are drawn: members of the (pseudo-)assemblies."""
_PAIRS = ("learned to novel", "novel to learned", "learned to learned", "novel to novel")


def _of(quantity: str, groups: tuple[str, ...], condition: str, title: str = "") -> Series:
    return Series("subspace", quantity, groups, condition, title)


def _both_kinds(quantity: str, groups: tuple[str, ...], sampled_from: str = "") -> tuple[Series, Series]:
    """Learned and novel odors, to be compared with each other."""
    conditions = [f"{kind}, {sampled_from}" if sampled_from else kind for kind in ("learned", "novel")]
    learned, novel = (_of(quantity, groups, c, c.split(",")[0]) for c in conditions)
    return learned, novel


def _ratio_falls(values: Values) -> bool:
    found = means(values)
    tuned = [value for s, value in found.items() if s.startswith("tuned")]
    return found["rand"] > max(tuned) and min(tuned) > MUCH * found["scaled_i"]


def _most_raised(learned_to_novel: Values, *others: Values) -> bool:
    """Whether learned to novel is raised most over rand, in Tuned E+I."""

    def raised(values: Values) -> float:
        found = means(values)
        return found["tuned_ei"] / found["rand"]

    return raised(learned_to_novel) > max(1.0, *map(raised, others))


def _significant(learned: Values, novel: Values) -> bool | None:
    """Paired t-test over networks, one-sided; of one network nothing can be said."""
    # SciPy's statistics take a while to import.
    from scipy.stats import ttest_rel

    first, second = learned["tuned_ei"], novel["tuned_ei"]
    pairs = [(first[network], second[network]) for network in sorted(first)]
    if len(pairs) < 2:
        return None
    return bool(ttest_rel(*zip(*pairs, strict=True), alternative="greater").pvalue < SIGNIFICANT)


def _best_tuned(values: Values) -> bool:
    found = means(values)
    tuned = [value for s, value in found.items() if s.startswith("tuned")]
    return min(tuned) > max(found["rand"], found["scaled_i"])


def _only_scaled(values: Values) -> bool:
    found = means(values)
    others = (value for s, value in found.items() if s != "scaled_i")
    return found["scaled_i"] > HYSTERESIS >= max(others)


GEOMETRY = (
    Claim(
        "G1", "Learning reduces the dimension moderately in tuned networks, drastically in Scaled I",
        "Fig. 4F", "rand above tuned ≫ Scaled I; ≫ taken as 2 ×",
        (Statement(
            "The participation ratio of all patterns falls from rand to tuned networks, in Scaled I to less "
            "than half of theirs",
            (_of("participation_ratio", _EVERY, "all"),), _ratio_falls,
        ),),
    ),
    Claim(
        "G2", "For novel odors tuned networks have the dimension of rand", "Fig. 4F", "within 15 %",
        (Statement(
            "The participation ratio of patterns related to novel odors is that of rand, within 15 %",
            (_of("participation_ratio", ("rand", "tuned"), "novel"),), near_rand(0.15),
        ),),
    ),
    Claim(
        "G3", "In tuned networks learned odors vary along few components", "Fig. 4G",
        "learned above novel in tuned networks",
        (Statement(
            "The variance along the first components near learned odors is above that near novel ones",
            _both_kinds("first_variance", _TUNED), first_above_second(),
        ),),
    ),
    Claim(
        "G4", "Angles between neighbours: 1 rad in rand, smaller near learned odors when tuned", "Fig. 4H",
        "≈ 1 rad, taken as 0.9 to 1.1; learned below novel",
        (
            Statement(
                "In rand the mean angle near pure odors is 0.9 to 1.1 rad",
                (_of("angle", _RAND, "learned", "learned"), _of("angle", _RAND, "novel", "novel")),
                lambda learned, novel: all(within("rand", 0.9, 1.1)(values) for values in (learned, novel)),
            ),
            Statement(
                "In tuned networks angles near learned odors are smaller than near novel ones",
                _both_kinds("angle", _TUNED)[::-1], first_above_second(),
            ),
        ),
    ),
    Claim(
        "G5", "Patterns form three clusters in Scaled I, a continuum in tuned networks", "Fig. 4D, E",
        "cluster index and number",
        (
            Statement(
                "In Scaled I there are three clusters in the plane of the first two components",
                (_of("n_clusters", ("scaled_i",), ""),), within("scaled_i", 2.5, 3.5),
            ),
            Statement(
                "The cluster index is higher in Scaled I than in tuned networks",
                (_of("cluster_index", ("scaled_i", "tuned"), ""),), descending("scaled_i", "tuned"),
            ),
        ),
    ),
    Claim(
        "G6", "The geometry goes with co-tuning: Tuned[adjust] loses it, Scaled[adjust] gains it",
        "Fig. 4 suppl. 3", "taken as changes of variance, dimension and clusters",
        (
            Statement(
                "Near learned odors Tuned[adjust] varies less along the first components than Tuned E+I",
                (_of("first_variance", ("tuned_ei", "tuned_adjust"), "learned"),),
                descending("tuned_ei", "tuned_adjust"),
            ),
            Statement(
                "Scaled[adjust] has a higher participation ratio than Scaled I",
                (_of("participation_ratio", ("scaled_i", "scaled_adjust"), "all"),),
                descending("scaled_adjust", "scaled_i"),
            ),
            Statement(
                "Scaled[adjust] has a lower cluster index than Scaled I",
                (_of("cluster_index", ("scaled_i", "scaled_adjust"), ""),),
                descending("scaled_i", "scaled_adjust"),
            ),
        ),
    ),
)  # fmt: skip

CLASSIFICATION = (
    Claim(
        "C1", "d_M from learned to novel odors is raised most, and asymmetric, in Tuned E+I", "Fig. 5B",
        "yes",
        (
            Statement(
                "In Tuned E+I d_M from learned odors to novel classes is raised most over that of rand",
                tuple(
                    _of("mahalanobis", ("rand", "tuned_ei"), f"{pair}, {_GROUP}", pair)
                    for pair in _PAIRS
                ),
                _most_raised,
            ),
            Statement(
                "In Tuned E+I d_M from learned to novel is larger than from novel to learned",
                (_of("mahalanobis_asymmetry", ("tuned_ei",), _GROUP),),
                lambda values: means(values)["tuned_ei"] > 1,
            ),
        ),
    ),
    Claim(
        "C2", "In Tuned E+I learned odors are classified better than novel ones", "Fig. 5C",
        "QDA, p < 0.01 over networks",
        (Statement(
            "QDA is right more often for learned than for novel odors in Tuned E+I, p < 0.01 (paired t-test)",
            _both_kinds("qda_correct", ("tuned_ei",), _GROUP), _significant,
        ),),
    ),
    Claim(
        "C3", "QDA is impossible in Scaled I: covariances are singular", "Methods", "refused",
        (Statement(
            "QDA is refused in Scaled I, and in no other structure",
            (_of("qda_refused", _EVERY, _GROUP),),
            lambda values: (
                set(values["scaled_i"].values()) == {1.0}
                and set(chain(*(v.values() for s, v in values.items() if s != "scaled_i"))) == {0.0}
            ),
        ),),
    ),
    Claim(
        "C4", "Concentration of learned odors: regression worst in Scaled I, best in tuned networks",
        "Fig. 5E", "ordering of errors",
        (Statement(
            "The squared error for learned odors falls from Scaled I to rand to tuned networks",
            (_of("regression_error", _EVERY, f"learned, {_GROUP}"),), descending("scaled_i", "rand", "tuned"),
        ),),
    ),
    Claim(
        "C5", "Six classes of concentration are told apart best in tuned networks", "Fig. 5F", "ordering",
        (Statement(
            "For learned odors the accuracy of the support vector machine is highest in tuned networks",
            (_of("svm_accuracy", _EVERY, f"learned, {_GROUP}"),), _best_tuned,
        ),),
    ),
    Claim(
        "C6", "Template matching has hysteresis in Scaled I only", "Fig. 5 suppl. 2",
        "yes; taken as a path dependence above 0.05",
        (Statement(
            "Which class a mixture is assigned to depends on the path in Scaled I, in no other structure",
            (_of("path_dependence", _EVERY, _GROUP),), _only_scaled,
        ),),
    ),
)  # fmt: skip

CODING = (*GEOMETRY, *CLASSIFICATION)
