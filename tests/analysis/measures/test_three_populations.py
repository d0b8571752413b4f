"""Runs with feedback and feedforward inhibition: the same measures, and the rate of either kind of neuron."""

from dataclasses import replace

import numpy as np
import pytest
from run_files import presentations, random_spikes, summary_of, write_random_run, write_run
from three_populations import small_network

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.figures.rates_over_time import time_courses
from eiassembly.analysis.report.as_json import as_json
from eiassembly.analysis.report.html import render
from eiassembly.analysis.report.tables import as_text
from eiassembly.analysis.runs.run import open_run
from eiassembly.connectivity.assembly import Assembly

RATES = {"OB": 6.0, "E": 2.0, "FBI": 3.0, "FFI": 9.0}
DURATION = 13000.0


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    rng = np.random.default_rng(2)
    assemblies = (Assembly(0, {"E": np.arange(6), "FBI": np.arange(3)}),)
    wiring = replace(small_network(1), assemblies=assemblies)
    spikes = {
        name: random_spikes(rng, wiring.population(name).size, round(DURATION / 0.1), rate)
        for name, rate in RATES.items()
    }
    path = tmp_path_factory.mktemp("three") / "three.h5"
    return analyse_run(open_run(write_run(path, wiring, spikes, presentations(), DURATION)))


def test_rates_of_either_kind(result):
    found = result.responses.mean_rates
    assert list(found) == ["E", "FBI", "FFI"]
    for name, rate in found.items():
        assert rate == pytest.approx(RATES[name], rel=0.15)
    sizes = [result.run.wiring.population(name).size for name in ("FBI", "FFI")]
    assert result.responses.inhibitory_rates.mean() == pytest.approx(
        np.average([found["FBI"], found["FFI"]], weights=sizes)
    )


def test_conductances_of_all_sources(result):
    responses = result.responses
    np.testing.assert_allclose(
        responses.inhibition, responses.conductances["FBI"] + responses.conductances["FFI"]
    )
    assert time_courses(result, "learned").rates.keys() >= {"E", "FBI", "FFI", "inside", "outside"}


def test_tables_say_the_rates_of_either_kind_only_where_there_are_two(result, tmp_path):
    other = analyse_run(open_run(write_random_run(tmp_path / "two.h5")))
    lines = as_text(summary_of([result, other])).splitlines()
    (row, *_) = [line.split() for line in lines if line.startswith("Odor rate, FFI")]
    assert row[-1] == "–"
    assert float(row[-2]) == pytest.approx(9, rel=0.15)
    assert "FBI" not in as_text(summary_of([other]))
    rates = as_json(summary_of([result, other]))["runs"][0]["rates_Hz"]["novel"]
    assert rates["FFI"] == result.responses.of_kind("novel").mean_rates["FFI"]


def test_the_report_shows_them(result):
    page = render(summary_of([result]))
    for expected in ("Odor rate, FBI", "Odor rate, FFI", "20 FBI", "16 FFI"):
        assert expected in page
