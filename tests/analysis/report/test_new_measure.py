"""A measure is one record: once it is in the catalogue it is in every table and file, and can be claimed."""

import csv
import json
from collections import Counter
from dataclasses import replace

import h5py
import pytest
from run_files import summary_of

from eiassembly.analysis.claims.claim import Claim, SampleTable, Series, Statement, judge
from eiassembly.analysis.experiments.all import all_measures
from eiassembly.analysis.measures import catalogue
from eiassembly.analysis.measures.measure import Measure, Sample, by_name, value_of
from eiassembly.analysis.report.as_frame import results_frame
from eiassembly.analysis.report.claims_page import claimable, write_samples
from eiassembly.analysis.report.export import WRITERS, write_results
from eiassembly.analysis.report.html import render
from eiassembly.analysis.report.tables import as_text


@pytest.fixture
def new(monkeypatch):
    """Two more measures, one by the kind of odor and one of whole runs, and how often they are asked for."""
    asked = Counter()

    def fastest(result, kind):
        asked["fastest", result.label, kind] += 1
        return result.responses.of_kind(kind).rates.max()

    def stored(result, condition):
        asked["stored", result.label, condition] += 1
        return len(result.memory.memories.odors)

    added = (
        Measure(
            "fastest", "Rate of the fastest cell", "Hz", "ours", high=1e6, group="dynamics", function=fastest
        ),
        Measure("stored", "Memories of the network", "memories", "ours", group="memories", function=stored),
    )
    monkeypatch.setattr(catalogue, "MEASURES", (*catalogue.MEASURES, *added))
    return asked


def test_it_is_in_every_table_and_file_and_measured_once(new, results, tmp_path):
    one = replace(results[3])  # not measured so far
    found, rate = summary_of([one]), one.responses.of_kind("novel").rates.max()
    text, page = as_text(found), render(found)
    for suffix in WRITERS:
        write_results(found, tmp_path / f"results{suffix}")
    write_samples(claimable(found.samples), tmp_path / "claims.csv")

    for title in ("Rate of the fastest cell", "Memories of the network"):
        assert title in text
        assert title in page
    assert f'{rate:#.3g}<span class="verdict inside">in range</span>' in page
    values = {}
    for name in ("results", "claims"):
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        key = "measure" if name == "results" else "quantity"
        values[name] = {(row[key], row["condition"], row["unit"]): row["value"] for row in rows}
        assert float(values[name]["fastest", "novel", "Hz"]) == rate
        assert float(values[name]["stored", "", "memories"]) == 2
    read = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert read["runs"][0]["dynamics"]["novel"]["fastest"] == {
        "value": rate, "unit": "Hz", "verdict": "in range",
    }  # fmt: skip
    assert read["runs"][0]["memories"]["stored"]["value"] == 2
    assert read["quantities"]["fastest"]["title"] == "Rate of the fastest cell"
    with h5py.File(tmp_path / "results.h5") as h5:
        assert json.loads(h5["results"].asstr()[()])["runs"] == read["runs"]
    assert set(new.values()) == {1}
    assert {name for name, _, _ in new} == {"fastest", "stored"}


def test_it_is_in_the_table_for_notebooks(new, results):
    pytest.importorskip("pandas")
    table = results_frame(summary_of([replace(results[3])]))
    (value,) = table[(table.measure == "stored") & (table.label == "tuned_ei")].value
    assert value == 2


@pytest.mark.parametrize("name", ["stored", "retrieved"])
def test_it_can_be_claimed(name, new, results):
    series = Series("sequence", name, ("tuned",), "")
    claim = Claim("X1", "", "", "", (Statement("", (series,), lambda values: values["tuned_ei"]["A"] >= 0),))
    (judged,) = judge(claim, SampleTable(summary_of([replace(results[3])]).samples), all_measures())
    assert judged.holds
    assert judged.units == ({"stored": "memories", "retrieved": "%"}[name],)


def test_of_undefined_values_nothing_is_claimed():
    """They are no zeros: the network is left out, and a structure that has no other is not judged."""
    statement = Statement("", (Series("x", "m", ("rand", "scaled_i")),), lambda values: True)
    measures = {"x": by_name(Measure("m", "M", "ms", "ours"))}

    def judged(*rand):
        samples = [Sample("x", f"A{k}", "rand", "m", value) for k, value in enumerate(rand)]
        samples += [Sample("x", f"A{k}", "scaled_i", "m", 1.0) for k in range(len(rand))]
        return judge(Claim("X1", "", "", "", (statement,)), SampleTable(tuple(samples)), measures)[0]

    assert judged(1.0, 2.0).n_networks == 2
    assert judged(1.0, float("nan")).n_networks == 1
    assert judged(float("nan"), float("nan")).holds is None


def test_every_name_is_there_once():
    for measures in all_measures().values():
        assert measures
    assert len(by_name(*catalogue.MEASURES)) == len(catalogue.MEASURES)
    with pytest.raises(ValueError, match="each name once, found m, m"):
        by_name(Measure("m", "M", "1", "ours"), Measure("m", "N", "1", "ours"))


def test_every_measure_has_a_group_and_a_function():
    assert {measure.group for measure in catalogue.MEASURES} == {group.name for group in catalogue.GROUPS}
    assert all(measure.function for measure in catalogue.MEASURES)
    with pytest.raises(ValueError, match="measure m: expected a function"):
        value_of(Measure("m", "M", "1", "ours"), None, "")
