"""Claims about rates, conductances, balance and dynamics (Fig. 1 and 2): R1 to R8, S1 to S8, D1, D2."""

from eiassembly.analysis.claims.claim import (
    EVERY,
    Claim,
    Series,
    Statement,
    Values,
    below,
    descending,
    first_above_second,
    means,
    near_rand,
    within,
)
from eiassembly.analysis.experiments import critical
from eiassembly.analysis.measures.calibration import RUNAWAY

MUCH = 10.0
"""What ≫ is taken to mean in D2: the paper gives no number."""
AS_RAND = 0.05
"""Largest difference from rand, of a correlation, that counts as none in D1: the paper gives no number."""

_RAND = ("rand",)
_SHUFFLES = {
    "times": "every inhibitory spike at a random time",
    "ids": "every inhibitory spike from a random neuron",
    "trains": "inhibitory spike trains exchanged between neurons",
    "jitter 1 ms": "inhibitory spikes shifted by up to 1 ms",
}


def _of(quantity: str, kind: str, groups: tuple[str, ...] = EVERY, title: str = "") -> Series:
    return Series("sequence", quantity, groups, kind, title)


def _outlasts(values: Values) -> bool:
    found = means(values)
    return found["scaled_i"] > MUCH * max(value for s, value in found.items() if s != "scaled_i")


def _runs_away(shuffle: str, text: str) -> Statement:
    return Statement(
        f"With {text} activity runs away with a probability of 0.59 to 0.99",
        (Series("shuffled", "runaway", _RAND, shuffle),), within("rand", 0.59, 0.99),
    )  # fmt: skip


RANDOM = (
    Claim(
        "R1", "Networks without assemblies are almost silent without an odor", "Fig. 1F", "rate < 0.1 Hz",
        (Statement(
            "The rate of E in the second before an odor is below 0.1 Hz",
            (_of("baseline_rate", "novel", _RAND),), below("rand", 0.1),
        ),),
    ),
    Claim(
        "R2", "Odors evoke about 1 Hz", "Fig. 1F", "0.9–1.1 Hz",
        (Statement(
            "The rate of E during an odor is 0.9 to 1.1 Hz",
            (_of("odor_rate", "novel", _RAND),), within("rand", 0.9, 1.1),
        ),),
    ),
    Claim(
        "R3", "I neurons fire more than E neurons", "Methods", "rate of I above rate of E",
        (Statement(
            "The rate of I during an odor is above that of E",
            (_of("inhibitory_rate", "novel", _RAND, "I"), _of("odor_rate", "novel", _RAND, "E")),
            first_above_second("rand"),
        ),),
    ),
    Claim(
        "R4", "Conductance that an odor evokes through mitral cells", "Fig. 1G", "0.03–0.16 nS",
        (Statement(
            "The evoked conductance from OB is 0.03 to 0.16 nS",
            (_of("g_oe", "novel", _RAND),), within("rand", 0.03, 0.16),
        ),),
    ),
    Claim(
        "R5", "Most of the excitation is recurrent", "Fig. 1G", "78–90 %, above 80 %",
        (Statement(
            "The recurrent share of the evoked excitation is 78 to 90 %, and above 80 %",
            (_of("recurrent_share", "novel", _RAND),),
            lambda values: 80 < means(values)["rand"] <= 90,
        ),),
    ),
    Claim(
        "R6", "Conductance that an odor evokes through all synapses", "Fig. 1G", "1–9 nS",
        (Statement(
            "The evoked conductance from all sources is 1 to 9 nS",
            (_of("g_syn", "novel", _RAND),), within("rand", 1, 9),
        ),),
    ),
    Claim(
        "R7", "Responses to different odors are uncorrelated", "Fig. 1H", "correlation −0.15 to 0.15",
        (Statement(
            "The mean correlation between the patterns of different odors is −0.15 to 0.15",
            (_of("correlation", "novel", _RAND),), within("rand", -0.15, 0.15),
        ),),
    ),
    Claim(
        "R8", "With shuffled inhibition activity runs away", "Methods",
        "P = 0.79 ± 0.20; how the spikes were shuffled is not said: every way is judged",
        tuple(_runs_away(shuffle, text) for shuffle, text in _SHUFFLES.items()),
    ),
)  # fmt: skip

STRUCTURED = (
    Claim(
        "S1", "E assemblies alone become unstable at a critical density", "Fig. 2B",
        "critical α ≈ 6, runaway above",
        (
            Statement(
                "Activity runs away at a critical α that is 6 when rounded",
                (Series(critical.NAME, "critical_alpha", ("scaled_i",)),),
                within("scaled_i", 5.5, 6.5),
            ),
            Statement(
                f"With α = 7 the rate is more than {RUNAWAY:g} times that of rand",
                (Series(critical.NAME, "ratio", ("scaled_i",), "alpha 7"),),
                lambda values: means(values)["scaled_i"] > RUNAWAY,
            ),
        ),
    ),
    Claim(
        "S2", "With inhibition, learned odors evoke the rate of rand", "Fig. 2C, F",
        "≈ 1 Hz; taken as within 15 % of rand (Methods)",
        (
            Statement(
                "Scaled I answers learned odors at the rate of rand, within 15 %",
                (_of("odor_rate", "learned", ("rand", "scaled_i")),), near_rand(0.15),
            ),
            Statement(
                "Tuned networks answer learned odors at the rate of rand, within 15 %",
                (_of("odor_rate", "learned", ("rand", "tuned")),), near_rand(0.15),
            ),
        ),
    ),
    Claim(
        "S3", "Novel odors: tuned networks as rand, Scaled I lower", "Fig. 2F",
        "tuned within 10 % of rand; Scaled I below 0.7 × rand",
        (
            Statement(
                "Tuned networks answer novel odors at the rate of rand, within 10 %",
                (_of("odor_rate", "novel", ("rand", "tuned")),), near_rand(0.1),
            ),
            Statement(
                "Scaled I answers novel odors at less than 0.7 times the rate of rand",
                (_of("odor_rate", "novel", ("rand", "scaled_i")),),
                lambda values: means(values)["scaled_i"] < 0.7 * means(values)["rand"],
            ),
        ),
    ),
    Claim(
        "S4", "Assemblies fire most in Scaled I", "Fig. 2E, G", "Scaled I above tuned above rand",
        (Statement(
            "Assemblies fire most in Scaled I, then in tuned networks, least in rand",
            (_of("assembly_rate", "learned"),), descending("scaled_i", "tuned", "rand"),
        ),),
    ),
    Claim(
        "S5", "In Scaled I all other neurons are suppressed", "Fig. 2G", "rate over that of rand below 1",
        (Statement(
            "Outside the assembly Scaled I is suppressed below rand",
            (_of("outside_rate", "learned", ("rand", "scaled_i")),), descending("rand", "scaled_i"),
        ),),
    ),
    Claim(
        "S6", "E and I conductances are correlated in tuned networks", "Fig. 2H",
        "tuned above rand above Scaled I",
        (Statement(
            "E and I conductances correlate most in tuned networks, least in Scaled I",
            (_of("cotuning_correlation", "learned"),), descending("tuned", "rand", "scaled_i"),
        ),),
    ),
    Claim(
        "S7", "Conductances keep close to the axis of balance in tuned networks", "Fig. 2I",
        "tuned above rand",
        (Statement(
            "Conductances keep closer to the axis of balance in tuned networks than in rand",
            (_of("cotuning_ratio", "learned", ("rand", "tuned")),), descending("tuned", "rand"),
        ),),
    ),
    Claim(
        "S8", "Members fire regularly in Scaled I, irregularly in tuned networks", "Fig. 2 suppl. 2C",
        "ordering of CV",
        (Statement(
            "Members fire regularly in Scaled I, irregularly in tuned networks",
            (_of("cv_members", "learned", ("scaled_i", "tuned")),), descending("tuned", "scaled_i"),
        ),),
    ),
)  # fmt: skip

DYNAMIC = (
    Claim(
        "D1", "Patterns over time are stable in Scaled I, modestly in tuned networks", "Fig. 2E, suppl. 2D",
        "ordering; novel odors as rand, taken as within 0.05",
        (
            Statement(
                "Patterns of learned odors correlate over time most in Scaled I, modestly in tuned networks",
                (_of("time_correlation", "learned"),), descending("scaled_i", "tuned", "rand"),
            ),
            Statement(
                "Responses to learned odors correlate over trials most in Scaled I, modestly when tuned",
                (Series("trials", "resampled_response", EVERY, "learned odor"),),
                descending("scaled_i", "tuned", "rand"),
            ),
            Statement(
                "Patterns of novel odors correlate over time as in rand, within 0.05",
                (_of("time_correlation", "novel"),), near_rand(AS_RAND, difference=True),
            ),
        ),
    ),
    Claim(
        "D2", "Activity outlasts the odor in Scaled I only", "Fig. 2E", "decay time ≫, taken as 10 ×",
        (Statement(
            "Activity outlasts learned odors in Scaled I only: its decay takes over 10 times as long",
            (_of("decay_time", "learned"),), _outlasts,
        ),),
    ),
)  # fmt: skip

ACTIVITY = (*RANDOM, *STRUCTURED, *DYNAMIC)
