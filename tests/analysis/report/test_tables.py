"""Results as JSON and as text."""

import json
import math

import pytest
from run_files import summary_of

from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.dynamics.summary import MEASURES as DYNAMICS
from eiassembly.analysis.measures.observables import MEASURES as OBSERVABLES
from eiassembly.analysis.report.as_json import as_json, write_json
from eiassembly.analysis.report.tables import aligned, as_text, run_tables
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.text import number


def test_json_round_trip_keeps_every_digit(results, tmp_path):
    write_json(summary_of(results), tmp_path / "results.json")
    read = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert read == as_json(summary_of(results))
    for entry, result in zip(read["runs"], results, strict=True):
        assert entry["structure"] == result.label
        for kind, values in entry["observables"].items():
            for measure in OBSERVABLES:
                expected = getattr(result.observables[kind], measure.name)
                assert values[measure.name]["unit"] == measure.unit
                assert values[measure.name]["value"] == (None if math.isnan(expected) else expected)


def test_dynamics_travel_with_their_units(results, tmp_path):
    write_json(summary_of(results), tmp_path / "results.json")
    read = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    for entry, result in zip(read["runs"], results, strict=True):
        for kind, values in entry["dynamics"].items():
            assert list(values) == [measure.name for measure in DYNAMICS]
            for measure in DYNAMICS:
                expected = getattr(result.dynamics[kind].measures, measure.name)
                assert values[measure.name] == {
                    "value": None if math.isnan(expected) else expected,
                    "unit": measure.unit,
                    "verdict": "undefined" if math.isnan(expected) else "",
                }
                assert read["quantities"][measure.name]["title"] == measure.title


def test_measures_that_no_run_can_tell_are_left_out_of_tables(results):
    group = next(group for group in catalogue.GROUPS if group.name == "dynamics")
    table = next(table for table in run_tables(results, group) if table.kind == "novel")
    titles = [measure.title for measure, _ in table.rows]
    assert "CV of intervals, members" not in titles
    assert "Correlation of patterns over time" in titles
    assert "Correlation of patterns over trials" not in titles


def test_findings_rest_on_observables_and_dynamics(results):
    claims = {finding.claim.name for finding in summary_of(results).findings}
    assert {"S2", "S4", "D1"} <= claims
    read = as_json(summary_of(results))["findings"]
    assert claims == {finding["claim"] for finding in read}


def test_ranges_travel_with_the_results(results):
    share = as_json(summary_of(results))["quantities"]["recurrent_share"]
    assert (share["low"], share["high"], share["unit"]) == (78, 90, "%")


def test_text_has_every_run_and_observable_and_says_verdicts_in_words(results):
    text = as_text(summary_of(results))
    for expected in ("learned odors", "novel odors", "rand", "tuned_ei", "below 0.1", "above", "S4"):
        assert expected in text
    for measure in OBSERVABLES:
        assert measure.title in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.14591, "0.146"),
        (2.3, "2.30"),
        (100.0, "100"),
        (-0.5, "−0.500"),
        (0.0, "0.00"),
        (5912.0, "5,910"),
        (999.4, "999"),
        (999.7, "1,000"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert number(value) == text


def test_columns_are_aligned():
    assert aligned([["a", "bbb"], ["cc", "d"]]) == "a   bbb\n--  ---\ncc  d"


def test_an_unwritable_target(results, tmp_path):
    with pytest.raises(EnvironmentProblemError, match="cannot write"):
        write_json(summary_of(results), tmp_path / "nowhere" / "results.json")
