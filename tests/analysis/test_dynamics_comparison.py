"""Statements of the paper about dynamics, judged on given numbers."""

import math
from dataclasses import replace

import pytest

from eiassembly.analysis.dynamics import DYNAMICS, Dynamics
from eiassembly.analysis.dynamics_comparison import dynamics_findings

BLANK = Dynamics(**{name: math.nan for name, _ in DYNAMICS})
AS_IN_THE_PAPER = {
    "rand": (0.77, 0.07, 30.0, 0.07),
    "scaled_i": (0.35, 0.58, 5000.0, 0.06),
    "tuned_i": (0.80, 0.13, 20.0, 0.08),
    "tuned_ei": (0.84, 0.19, 25.0, 0.07),
}


def runs(**changes):
    found = {}
    for structure, (cv, correlation, decay_time, novel) in AS_IN_THE_PAPER.items():
        learned = replace(BLANK, cv_members=cv, time_correlation=correlation, decay_time=decay_time)
        found[structure] = {"learned": learned, "novel": replace(BLANK, time_correlation=novel)}
    for key, value in changes.items():
        structure, kind, quantity = key.split("__")
        found[structure][kind] = replace(found[structure][kind], **{quantity: value})
    return found


def failing(found):
    return [finding.claim for finding in dynamics_findings(found) if not finding.holds]


def test_what_the_paper_says_holds():
    assert [finding.claim for finding in dynamics_findings(runs())] == ["S8", "D1", "D1", "D2"]
    assert failing(runs()) == []


@pytest.mark.parametrize(
    ("change", "value", "claim"),
    [
        ("tuned_i__learned__cv_members", 0.34, "S8"),
        ("scaled_i__learned__cv_members", 0.81, "S8"),
        ("tuned_ei__learned__time_correlation", 0.06, "D1"),
        ("scaled_i__learned__time_correlation", 0.18, "D1"),
        ("tuned_i__novel__time_correlation", 0.13, "D1"),
        ("tuned_i__learned__decay_time", 501.0, "D2"),
        ("scaled_i__learned__decay_time", 290.0, "D2"),
    ],
)
def test_each_statement_can_fail(change, value, claim):
    assert failing(runs(**{change: value})) == [claim]


def test_structures_where_nothing_outlasts_the_odor_count_as_shorter():
    nothing = {f"{s}__learned__{q}": v for s in ("rand", "tuned_i") for q, v in
               (("decay_time", math.nan), ("offset_excess", 0.01))}  # fmt: skip
    found = dynamics_findings(runs(**nothing))[-1]
    assert found.claim == "D2"
    assert found.holds
    assert found.measured.startswith("rand 0, Scaled I 5,000")
    silent = {"scaled_i__learned__decay_time": math.nan, "scaled_i__learned__offset_excess": 0.0}
    assert failing(runs(**silent)) == ["D2"]


def test_without_free_offsets_nothing_is_said_about_decay():
    nothing = {f"{s}__learned__decay_time": math.nan for s in AS_IN_THE_PAPER}
    assert "D2" not in [finding.claim for finding in dynamics_findings(runs(**nothing))]


def test_statements_about_structures_that_were_not_run_are_left_out():
    without = {structure: kinds for structure, kinds in runs().items() if structure != "scaled_i"}
    assert dynamics_findings(without) == ()


def test_measures_are_listed_with_their_unit():
    assert dynamics_findings(runs())[-1].measured == "rand 30, Scaled I 5,000, Tuned I 20, Tuned E+I 25 ms"
