"""Statements of the paper about structures, judged on given numbers."""

import math
from dataclasses import replace

import pytest

from eiassembly.analysis.comparison import findings
from eiassembly.analysis.observables import QUANTITIES, Observables

BLANK = Observables(**{name: math.nan for name, _ in QUANTITIES})
AS_IN_THE_PAPER = {
    "rand": (1.0, 3.0, 0.9, 0.13, 1.30, 1.0),
    "scaled_i": (1.05, 22.0, 0.5, 0.06, 1.13, 0.45),
    "tuned_i": (1.1, 7.0, 0.95, 0.26, 1.44, 1.02),
    "tuned_ei": (1.08, 9.0, 0.9, 0.33, 1.6, 0.97),
}


def runs(**changes):
    """Structure → kind → observables, as in the paper but for ``structure__quantity`` changes."""
    found = {}
    for structure, (rate, inside, outside, correlation, ratio, novel) in AS_IN_THE_PAPER.items():
        learned = replace(
            BLANK, odor_rate=rate, assembly_rate=inside, outside_rate=outside,
            cotuning_correlation=correlation, cotuning_ratio=ratio,
        )  # fmt: skip
        found[structure] = {"learned": learned, "novel": replace(BLANK, odor_rate=novel)}
    for key, value in changes.items():
        structure, kind, quantity = key.split("__")
        found[structure][kind] = replace(found[structure][kind], **{quantity: value})
    return found


def failing(found):
    return [finding.claim for finding in findings(found) if not finding.holds]


def test_the_papers_own_numbers_hold():
    assert [finding.claim for finding in findings(runs())] == ["S2", "S2", "S3", "S3", "S4", "S5", "S6", "S7"]
    assert failing(runs()) == []


@pytest.mark.parametrize(
    ("change", "value", "claim"),
    [
        ("scaled_i__learned__odor_rate", 1.16, "S2"),
        ("tuned_ei__learned__odor_rate", 0.84, "S2"),
        ("tuned_i__novel__odor_rate", 1.11, "S3"),
        ("scaled_i__novel__odor_rate", 0.71, "S3"),
        ("tuned_i__learned__assembly_rate", 2.9, "S4"),
        ("scaled_i__learned__assembly_rate", 8.0, "S4"),
        ("scaled_i__learned__outside_rate", 0.91, "S5"),
        ("tuned_i__learned__cotuning_correlation", 0.12, "S6"),
        ("scaled_i__learned__cotuning_correlation", 0.14, "S6"),
        ("tuned_ei__learned__cotuning_ratio", 1.29, "S7"),
    ],
)
def test_each_statement_can_fail(change, value, claim):
    assert failing(runs(**{change: value})) == [claim]


def test_statements_about_structures_that_were_not_run_are_left_out():
    found = {s: kinds for s, kinds in runs().items() if s in ("rand", "tuned_i")}
    assert [finding.claim for finding in findings(found)] == ["S2", "S3", "S7"]
    assert findings({"rand": runs()["rand"]}) == ()
    assert findings({}) == ()


def test_undefined_values_are_not_judged():
    found = runs(rand__learned__cotuning_ratio=math.nan)
    assert "S7" not in [finding.claim for finding in findings(found)]


def test_numbers_are_listed_with_names_and_unit():
    found = {f.claim: f.measured for f in findings(runs())}
    assert found["S5"] == "rand 0.9, Scaled I 0.5 Hz"
