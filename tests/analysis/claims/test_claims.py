"""Claims of the paper, judged on given numbers: the paper's own hold, and each claim can fail."""

import math

import pytest

from eiassembly.analysis.claims.claim import SampleTable, Series, Statement, judge, means, near_rand
from eiassembly.analysis.claims.paper import CLAIMS
from eiassembly.analysis.experiments.all import all_measures
from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.report.claims_page import FAILS, HOLDS, INCOMPLETE, MISSING, PARTLY, Row, rows_of

ALL = ("rand", "scaled_i", "tuned_i", "tuned_ei", "scaled_adjust", "tuned_adjust")
# Values in this order, as the paper has them or its figures suggest.
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
    "shuffled": {"runaway": {shuffle: (0.79,) for shuffle in ("times", "ids", "trains", "jitter 1 ms")}},
    "critical": {"critical_alpha": {"": (None, 6.0)}, "ratio": {"alpha 7": (None, 100.0)}},
    "trials": {"resampled_response": {"learned odor": (0.47, 0.97, 0.65, 0.7)}},
    "morph": {
        "completion_above": {"15 to 0": (0.0, 3.0, 0.0, 0.0)},
        "completion_slope": {"15 to 0": (1.0, 5.0, 1.5, 2.0)},
        "current_change": {"15 to 0": (0.0, 90.0, 10.0, 12.0)},
    },
    "partial": {"rate_change": {"rest": (0.2, 25.0, 8.0, 12.0), "others": (0.0, -0.1, 0.05, 0.05)}},
    "subspace": {
        "participation_ratio": {"all": (70.0, 2.0, 40.0, 30.0, 10.0), "novel": (60.0, 4.0, 58.0, 61.0)},
        "first_variance": {
            "learned": (90.0, 7000.0, 400.0, 500.0, 900.0, 100.0), "novel": (90.0, 700.0, 90.0, 90.0),
        },
        "angle": {"learned": (1.0, 1.0, 0.9, 0.9), "novel": (1.0, 1.0, 1.0, 1.0)},
        "n_clusters": {"": (3.0, 3.0)},
        "cluster_index": {"": (0.45, 0.9, 0.5, 0.55, 0.6)},
        "mahalanobis": {
            "learned to novel, assemblies": (18.0, 30.0, 24.0, 28.0),
            "novel to learned, assemblies": (20.0, 77.0, 20.0, 23.0),
            "learned to learned, assemblies": (20.0, 77.0, 20.0, 23.0),
            "novel to novel, assemblies": (20.0, 77.0, 20.0, 20.0),
        },
        "mahalanobis_asymmetry": {"assemblies": (0.9, 0.9, 1.2, 1.2)},
        "qda_correct": {
            "learned, assemblies": (0.6, None, 0.7, 0.8), "novel, assemblies": (0.6, None, 0.6, 0.6),
        },
        "qda_refused": {"assemblies": (0.0, 1.0, 0.0, 0.0)},
        "regression_error": {"learned, assemblies": (0.006, 0.009, 0.005, 0.004)},
        "svm_accuracy": {"learned, assemblies": (0.69, 0.65, 0.72, 0.75)},
        "path_dependence": {"assemblies": (0.0, 0.3, 0.0, 0.0)},
    },
    "added": {
        "rate_ratio": {"stored": (None, 3.0, None, 1.1)},
        "correlation": {
            "input": (None, 0.4, None, 0.4), "before": (None, 0.3, None, 0.3),
            "after": (None, 0.9, None, 0.35),
        },
        "mahalanobis_ratio": {
            "stored to unstored": (None, None, None, 1.3), "unstored to stored": (None, None, None, 1.1),
        },
        "shared_members": {"": (None, None, None, 16.0)},
    },
}  # fmt: skip


def samples(networks=("A seed 1", "B seed 1", "C seed 1"), **changes):
    """Samples as in the paper, but for changes ``quantity__condition__structure = value``."""
    found = []
    for experiment, quantities in PAPER.items():
        for quantity, conditions in quantities.items():
            for condition, values in conditions.items():
                for structure, value in zip(ALL, values, strict=False):
                    changed = changes.get(f"{quantity}__{condition}__{structure}", value)
                    if changed is not None:
                        # Of a test over networks the differences must not be all the same.
                        step = 0.01 if condition.startswith("learned, ") else 0.0
                        found += [
                            Sample(experiment, n, structure, quantity, changed + step * k, condition)
                            for k, n in enumerate(networks)
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
            assert series.measure in all_measures()[series.experiment]


def test_the_papers_own_numbers_hold():
    assert {name for name, verdict in verdicts(samples()).items() if verdict != HOLDS} == set()


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
        ("runaway__jitter 1 ms__rand", 1.0, {"R8"}),
        ("resampled_response__learned odor__tuned_i", 0.4, {"D1"}),
        ("completion_above__15 to 0__tuned_ei", 1.0, {"P1"}),
        ("completion_above__15 to 0__scaled_i", 0.0, {"P2"}),
        ("completion_slope__15 to 0__rand", 5.1, {"P2"}),
        ("current_change__15 to 0__tuned_i", -1.0, {"P3"}),
        ("current_change__15 to 0__scaled_i", 11.0, {"P3"}),
        ("rate_change__rest__tuned_i", 0.05, {"P4"}),
        ("rate_change__others__tuned_ei", 0.2, {"P4"}),
        ("participation_ratio__all__tuned_ei", 3.9, {"G1"}),
        ("participation_ratio__all__tuned_i", 71.0, {"G1"}),
        ("participation_ratio__novel__tuned_i", 50.0, {"G2"}),
        ("first_variance__novel__tuned_i", 500.0, {"G3"}),
        ("angle__novel__rand", 1.15, {"G4"}),
        ("angle__learned__tuned_i", 1.05, {"G4"}),
        ("n_clusters____scaled_i", 2.0, {"G5"}),
        ("cluster_index____tuned_i", 0.95, {"G5"}),
        ("cluster_index____scaled_adjust", 0.95, {"G6"}),
        ("first_variance__learned__tuned_adjust", 600.0, {"G6"}),
        ("participation_ratio__all__scaled_adjust", 1.0, {"G6"}),
        ("mahalanobis__novel to learned, assemblies__tuned_ei", 40.0, {"C1"}),
        ("mahalanobis_asymmetry__assemblies__tuned_ei", 0.9, {"C1"}),
        ("qda_correct__learned, assemblies__tuned_ei", 0.5, {"C2"}),
        ("qda_refused__assemblies__scaled_i", 0.0, {"C3"}),
        ("qda_refused__assemblies__rand", 1.0, {"C3"}),
        ("regression_error__learned, assemblies__rand", 0.001, {"C4"}),
        ("svm_accuracy__learned, assemblies__scaled_i", 0.8, {"C5"}),
        ("path_dependence__assemblies__tuned_i", 0.1, {"C6"}),
        ("path_dependence__assemblies__scaled_i", 0.04, {"C6"}),
        ("rate_ratio__stored__tuned_ei", 1.16, {"M1"}),
        ("rate_ratio__stored__scaled_i", 1.1, {"M1"}),
        ("correlation__after__tuned_ei", 0.5, {"M2"}),
        ("correlation__after__scaled_i", 0.35, {"M2"}),
        ("mahalanobis_ratio__stored to unstored__tuned_ei", 1.05, {"M3"}),
        ("shared_members____tuned_ei", 23.0, {"M4"}),
    ],
)
def test_each_claim_can_fail(change, value, claims):
    found = verdicts(samples(**{change: value}))
    assert {name for name, verdict in found.items() if verdict in (FAILS, PARTLY)} == claims


def test_what_was_not_run_is_not_judged():
    only_rand = [s for s in samples() if s.structure == "rand" and s.measure != "decay_time"]
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


def test_one_network_is_too_few_for_a_test_over_networks():
    assert verdicts(samples(["A seed 1"]))["C2"] == MISSING


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
        assert Row(claim_, judge(claim_, table, all_measures())).verdict == verdict
