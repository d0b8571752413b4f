"""Memories of runs: from RUN.h5 to tables and figures."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from run_files import presentations, random_wiring, summary_of, write_run

from eiassembly.analysis.experiments import result as results_of_runs
from eiassembly.analysis.experiments.result import analyse_run, compared
from eiassembly.analysis.figures.capacity import draw_capacity
from eiassembly.analysis.figures.morph import draw_completion
from eiassembly.analysis.measures.catalogue import GROUPS
from eiassembly.analysis.measures.memory import memories
from eiassembly.analysis.measures.memory.capacity import capacity
from eiassembly.analysis.measures.memory.completion import CompletionCurve
from eiassembly.analysis.measures.memory.memories import (
    counterparts,
    memories_of,
    memory_as_json,
    overlap_courses,
)
from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.report.as_json import as_json
from eiassembly.analysis.report.export import WRITERS, write_results
from eiassembly.analysis.report.html import write_report
from eiassembly.analysis.report.survey import survey
from eiassembly.analysis.report.tables import as_text, run_tables
from eiassembly.analysis.runs.labels import structure_look
from eiassembly.analysis.runs.run import open_runs
from eiassembly.connectivity.statistics.overlaps import Overlaps

MEASURES = {
    "shared_members", "shared_by_chance", "own_overlap", "other_overlap", "retrieved",
    "amplification_inside", "amplification_outside",
}  # fmt: skip
NO_SPIKES = (np.empty(0, np.int64), np.empty(0, np.int64))


def driven_spikes(wiring, per_member):
    """Every member of a presented odor's assembly fires so often in the first 1.5 s, other cells once."""
    steps, ids = [], []
    for p in presentations():
        onset = round(p.onset / 0.1)
        members = next((a.excitatory for a in wiring.assemblies if a.odor == p.odor), np.empty(0, np.int64))
        for cell in range(wiring.population("E").size):
            times = np.arange(per_member if cell in members else 1)
            steps.append(onset + 100 + 400 * times)
            ids.append(np.full(len(times), cell))
    order = np.argsort(np.concatenate(steps), kind="stable")
    return np.concatenate(steps)[order], np.concatenate(ids)[order]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A rand network and its structured counterpart, whose members fire 3 and 12 spikes per odor."""
    folder, paths = tmp_path_factory.mktemp("pair"), []
    for structure, per_member in (("rand", 3), ("tuned_ei", 12)):
        wiring = random_wiring(1, structure)
        spikes = {"OB": NO_SPIKES, "E": driven_spikes(wiring, per_member), "I": NO_SPIKES}
        paths.append(write_run(folder / f"{structure}.h5", wiring, spikes, presentations(), 13000.0))
    return [(run, measure(run)) for run in open_runs(paths)]


def test_overlaps_of_a_run_are_the_difference_of_rates(pair):
    _, (run, responses) = pair
    found = memories_of(run, responses)
    # Members 0–5 and 4–9 of 40 cells: two of the six are shared.
    own, other = (12 - 1) / 1.5, (2 * 11 / 6 - 4 * 11 / 34) / 1.5
    np.testing.assert_allclose(found.overlaps, [[own, other], [other, own], [0, 0], [0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.own, own)
    np.testing.assert_array_equal(found.retrieval.memory[:2], [0, 1])


def test_structural_overlaps_are_those_of_the_network(pair):
    run, responses = pair[0]
    (found,) = memories_of(run, responses).structural
    np.testing.assert_array_equal(found.shared, [[6, 2], [2, 6]])
    assert found.expected_mean() == Overlaps.of("E", 40, run.wiring.assemblies).expected_mean() == 36 / 40


def test_overlap_over_time_sums_to_that_of_the_window(pair):
    _, (run, responses) = pair
    memories, shown = memories_of(run, responses), run.presentations[1]
    courses = overlap_courses(run, "E", memories, shown, np.arange(-500.0, 1501, 50))
    assert courses.shape == (40, 2)
    np.testing.assert_array_equal(courses[:10], 0)
    np.testing.assert_allclose(courses[10:].mean(axis=0), memories.overlaps[1])


def test_amplification_of_a_pair_of_runs(pair):
    rand, structured = compared([analyse_run(run) for run, _ in pair])
    assert rand.memory.amplification is None
    assert structured.memory.amplification.inside == pytest.approx(4)
    assert structured.memory.amplification.outside == pytest.approx(1)


def test_a_counterpart_has_the_same_odors_and_the_same_input(pair):
    rand, structured = (run for run, _ in pair)
    assert counterparts([structured, rand]) == {0: 1}
    assert counterparts([structured, replace(rand, odors_hash="other")]) == {}
    assert counterparts([structured, structured]) == {}


def test_networks_of_different_seeds_are_no_pair(results):
    """The four runs of the fixture were wired with different seeds."""
    assert counterparts([result.run for result in results]) == {}


def test_a_network_without_assemblies_has_no_memories(pair, tmp_path):
    wiring = replace(random_wiring(), assemblies=())
    silent = dict.fromkeys(("OB", "E", "I"), NO_SPIKES)
    run = open_runs([write_run(tmp_path / "none.h5", wiring, silent, presentations(), 13000.0)])[0]
    without, rand = compared([analyse_run(run), analyse_run(pair[0][0])])
    assert without.memory is None
    assert memory_as_json(None) is None
    assert without.samples
    assert not set(MEASURES) & {sample.measure for sample in without.samples}
    (table,) = run_tables([without, rand], GROUPS[-1])
    shared = {measure.name: values for measure, values in table.rows}["shared_members"]
    assert shared == (pytest.approx(np.nan, nan_ok=True), 2)


def test_samples_say_what_was_measured(pair):
    results = compared([analyse_run(run) for run, _ in pair])
    samples = [sample for one in results for sample in one.samples if not sample.condition]
    values = {(sample.run, sample.measure): sample.value for sample in samples}
    assert {name for _, name in values} == MEASURES
    assert values["tuned_ei", "retrieved"] == 100
    assert values["rand", "own_overlap"] == pytest.approx(2 / 1.5)
    assert values["tuned_ei", "own_overlap"] == pytest.approx(11 / 1.5)
    assert np.isnan(values["rand", "amplification_inside"])
    assert values["tuned_ei", "amplification_inside"] == pytest.approx(4)


def test_memories_are_measured_once_for_everything_that_is_written(pair, tmp_path, monkeypatch):
    """Table, report, JSON, HDF5 and CSV of one command: runs are measured once, pairs compared once."""
    counted = Counter()

    def counting(module, name):
        function = getattr(module, name)

        def wrapped(*given):
            counted[name] += 1
            return function(*given)

        monkeypatch.setattr(module, name, wrapped)

    for name in ("memories_of", "amplification", "activity_overlaps", "chance_deviation"):
        counting(memories, name)
    for name in ("observables", "dynamics", "measure"):
        counting(results_of_runs, name)
    found = survey([run for run, _ in pair])
    as_text(found)
    write_report(found, tmp_path / "report.html")
    for suffix in WRITERS:
        write_results(found, tmp_path / f"results{suffix}")
    of_figures = counted.pop("activity_overlaps")  # which are over time
    assert of_figures > 2
    assert counted == {
        "measure": 2, "memories_of": 2, "chance_deviation": 2, "amplification": 1,
        "observables": 4, "dynamics": 4,
    }  # fmt: skip


def test_results_hold_the_memories(results):
    read = json.loads(json.dumps(as_json(summary_of(results)), allow_nan=False))
    for entry, result in zip(read["runs"], results, strict=True):
        activity = entry["memory"]["activity_overlap"]
        np.testing.assert_allclose(activity["overlap_Hz"], memories_of(result.run, result.responses).overlaps)
        assert activity["memories"] == [0, 1]
        assert entry["memory"]["structural_overlap"][0]["expected_mean"] == pytest.approx(0.9)
    assert "Odors whose memory is retrieved" in as_text(summary_of(results))


def test_completion_and_capacity_are_drawn_as_measured():
    look, ax = structure_look("scaled_i"), Figure().subplots()
    curve = CompletionCurve(np.array([0.1, 0.5]), np.array([0.0, 0.9]))
    draw_completion(ax, [(look, curve)])
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[0.1, 0.0], [0.5, 0.9]])
    ax = Figure().subplots()
    numbers, ratios = np.array([5.0, 10]), np.array([1.0, 1.3])
    draw_capacity(ax, [(look, numbers, ratios)])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), ratios)
    assert capacity(numbers, ratios, 1.0).crossing == pytest.approx(7.5)
