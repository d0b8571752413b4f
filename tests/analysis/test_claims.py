"""Claims of the paper, judged on given numbers: the paper's own hold, and each claim can fail."""

import math

import pytest

from eiassembly.analysis.claims import (
    SampleTable,
    Series,
    Statement,
    judge,
    means,
    near_rand,
)
from eiassembly.analysis.claims_list import CLAIMS
from eiassembly.analysis.claims_page import FAILS, HOLDS, INCOMPLETE, MISSING, PARTLY, Row, rows_of
from eiassembly.analysis.experiments import Sample
from eiassembly.analysis.survey import ALL_QUANTITIES

ALL = ("rand", "scaled_i", "tuned_i", "tuned_ei")
# Values of rand, Scaled I, Tuned I, Tuned E+I, as the paper has them or its figures suggest.
PAPER = {
    "sequence": {
        "baseline_rate": {"novel": (0.046,)},
        "odor_rate": {"novel": (0.985, 0.445, 1.05, 0.97), "learned": (1.0, 1.01, 1.12, 1.07)},
        "inhibitory_rate": {"novel": (4.4,)},
        "g_oe": {"novel": (0.148,)},
        "recurrent_share": {"novel": (82.6,)},
        "g_syn": {"novel": (1.98,)},
        "correlation": {"novel": (0.045,)},
        "assembly_rate": {"learned": (3.0, 22.5, 7.0, 9.0)},
        "outside_rate": {"learned": (0.9, 0.5, 0.95, 0.9)},
        "cotuning_correlation": {"learned": (0.13, 0.06, 0.33, 0.26)},
        "cotuning_ratio": {"learned": (1.30, 1.13, 1.60, 1.44)},
        "cv_members": {"learned": (0.77, 0.35, 0.80, 0.84)},
        "time_correlation": {"learned": (0.07, 0.58, 0.13, 0.19), "novel": (0.07, 0.06, 0.08, 0.07)},
        "decay_time": {"learned": (30.0, 5000.0, 20.0, 25.0)},
    },
    "shuffled": {"runaway": {"times": (0.79,)}},
    "critical": {"critical_alpha": {"": (None, 6.0)}, "ratio": {"alpha 7": (None, 100.0)}},
}


def samples(networks=("A seed 1", "B seed 1"), **changes):
    """Samples as in the paper, but for changes ``quantity__condition__structure = value``."""
    found = []
    for experiment, quantities in PAPER.items():
        for quantity, conditions in quantities.items():
            for condition, values in conditions.items():
                for structure, value in zip(ALL, values, strict=False):
                    changed = changes.get(f"{quantity}__{condition}__{structure}", value)
                    if changed is not None:
                        found += [
                            Sample(experiment, n, structure, quantity, changed, condition) for n in networks
                        ]
    return found


def verdicts(found):
    return {row.claim.name: row.verdict for row in rows_of(found)}


def test_numbers_of_claims_are_those_of_the_paper_in_their_order():
    names = [claim.name for claim in CLAIMS]
    assert len(set(names)) == len(names)
    groups = list(dict.fromkeys(name[0] for name in names))
    assert groups == [g for g in "RSDPGCM" if g in groups]
    for group in groups:
        numbers = [int(name[1:]) for name in names if name[0] == group]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_claims_look_at_what_is_measured(claim):
    for statement in claim.statements:
        for series in statement.series:
            assert series.quantity in ALL_QUANTITIES[series.experiment]


def test_the_papers_own_numbers_hold():
    found = {name: verdict for name, verdict in verdicts(samples()).items() if name[0] in "RSD"}
    assert set(found.values()) == {HOLDS}


@pytest.mark.parametrize(
    ("change", "value", "claims"),
    [
        ("baseline_rate__novel__rand", 0.1, {"R1"}),
        ("odor_rate__novel__rand", 1.11, {"R2", "S3"}),
        ("inhibitory_rate__novel__rand", 0.9, {"R3"}),
        ("g_oe__novel__rand", 0.17, {"R4"}),
        ("recurrent_share__novel__rand", 79.0, {"R5"}),
        ("recurrent_share__novel__rand", 91.0, {"R5"}),
        ("g_syn__novel__rand", 0.9, {"R6"}),
        ("correlation__novel__rand", 0.16, {"R7"}),
        ("runaway__times__rand", 0.58, {"R8"}),
        ("critical_alpha____scaled_i", 5.4, {"S1"}),
        ("ratio__alpha 7__scaled_i", 19.0, {"S1"}),
        ("odor_rate__learned__scaled_i", 1.16, {"S2"}),
        ("odor_rate__learned__tuned_ei", 0.84, {"S2"}),
        ("odor_rate__novel__tuned_i", 1.11, {"S3"}),
        ("odor_rate__novel__scaled_i", 0.71, {"S3"}),
        ("assembly_rate__learned__tuned_i", 2.9, {"S4"}),
        ("assembly_rate__learned__scaled_i", 8.0, {"S4"}),
        ("outside_rate__learned__scaled_i", 0.91, {"S5"}),
        ("cotuning_correlation__learned__tuned_i", 0.12, {"S6"}),
        ("cotuning_correlation__learned__scaled_i", 0.14, {"S6"}),
        ("cotuning_ratio__learned__tuned_ei", 1.29, {"S7"}),
        ("cv_members__learned__tuned_i", 0.34, {"S8"}),
        ("time_correlation__learned__tuned_i", 0.06, {"D1"}),
        ("time_correlation__novel__scaled_i", 0.01, {"D1"}),
        ("decay_time__learned__scaled_i", 290.0, {"D2"}),
    ],
)
def test_each_claim_can_fail(change, value, claims):
    found = verdicts(samples(**{change: value}))
    assert {name for name, verdict in found.items() if verdict in (FAILS, PARTLY)} == claims


def test_what_was_not_run_is_not_judged():
    only_rand = [s for s in samples() if s.structure == "rand" and s.quantity != "decay_time"]
    found = verdicts(only_rand)
    assert found["R1"] == HOLDS
    assert found["S4"] == found["D2"] == MISSING
    assert set(verdicts([]).values()) == {MISSING}
    without_tuned = [s for s in samples() if not s.structure.startswith("tuned")]
    assert verdicts(without_tuned)["S3"] == INCOMPLETE


def test_structures_are_compared_over_the_networks_they_share():
    """A network that only one structure was run with would be a difference between networks."""
    found = [*samples(["A seed 1"]), Sample("sequence", "D seed 9", "scaled_i", "odor_rate", 50.0, "learned")]
    rows = {row.claim.name: row for row in rows_of(found)}
    assert rows["S2"].verdict == HOLDS
    assert rows["S2"].judged[0].n_networks == 1
    apart = [s for s in samples(["A seed 1"]) if s.structure == "rand"]
    apart += [s for s in samples(["B seed 1"]) if s.structure != "rand"]
    assert verdicts(apart)["S4"] == MISSING


def test_undefined_values_are_not_judged():
    assert verdicts(samples(cotuning_ratio__learned__rand=math.nan))["S7"] == MISSING


def test_numbers_are_listed_with_names_spread_and_unit():
    found = samples(["A seed 1"]) + samples(["B seed 1"], outside_rate__learned__scaled_i=0.6)
    row = next(row for row in rows_of(found) if row.claim.name == "S5")
    assert row.judged[0].measured == "rand 0.900 ± 0, Scaled I 0.550 ± 0.071 Hz (n = 2)"
    one = next(row for row in rows_of(samples(["A seed 1"])) if row.claim.name == "R3")
    assert one.judged[0].measured == "I: rand 4.40 Hz (n = 1); E: rand 0.985 Hz (n = 1)"


def test_several_values_of_a_network_are_averaged():
    series = Series("morph", "index", ("rand",))
    table = SampleTable(
        tuple(Sample("morph", "A", "rand", "index", v, c) for v, c in [(1.0, "x"), (3.0, "y")])
    )
    assert means(table.values(series)) == {"rand": 2.0}
    assert means(table.values(Series("morph", "index", ("rand",), "y"))) == {"rand": 3.0}


def test_a_tolerance_is_relative_or_a_difference():
    values = {"rand": {"A": 0.1}, "tuned_ei": {"A": 0.14}}
    assert not near_rand(0.05)(values)
    assert near_rand(0.05, difference=True)(values)


def test_a_claim_of_which_one_part_fails_holds_in_part():
    claim = CLAIMS[0]
    series = claim.statements[0].series
    both = tuple(Statement("", series, lambda values, holds=holds: holds) for holds in (True, False))
    table = SampleTable(tuple(samples()))
    for statements, verdict in ((both, PARTLY), (both[:1], HOLDS), (both[1:], FAILS)):
        claim_ = type(claim)("X1", "", "", "", statements)
        assert Row(claim_, judge(claim_, table, ALL_QUANTITIES)).verdict == verdict
