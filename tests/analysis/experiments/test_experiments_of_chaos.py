"""Experiments of chaos on written runs with known answers: twins, trials, shuffles, the headline."""

import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest
from run_files import presentations, random_spikes, random_wiring, write_run

from eiassembly.analysis.experiments import shuffled, trials
from eiassembly.analysis.experiments import twins as experiment_twins
from eiassembly.analysis.experiments.headline import NOT_MEASURABLE, table
from eiassembly.analysis.experiments.lyapunov import read_lyapunov
from eiassembly.analysis.measures.dynamics.lyapunov import mean_rate, passage_exponents
from eiassembly.analysis.measures.measure import Sample
from eiassembly.analysis.runs.run import open_run
from eiassembly.core import schema
from eiassembly.model.lyapunov import file as growth_file
from eiassembly.model.lyapunov.file import Epoch, GrowthFile

WIRING = random_wiring()
TABLE = presentations("ll")
"""Odors from 1 to 3 and from 4 to 6 s."""
DURATION = 7000.0


def written(path: Path, spikes, **simulation):
    write_run(path, WIRING, spikes, TABLE, DURATION)
    with h5py.File(path, "r+") as h5:
        del h5[schema.CONFIG]
        h5[schema.CONFIG] = json.dumps({"simulation": {"dt": 0.1, **simulation}})
    return open_run(path)


def set_kind(path, kind):
    """Say in the file that the odors are of a kind."""
    with h5py.File(path, "r+") as h5:
        group = h5[schema.ODORS]
        del group["description"]
        group["description"] = json.dumps({"config": {"odors": {"kind": kind}}})


@pytest.fixture
def spikes():
    rng = np.random.default_rng(3)
    return {
        name: random_spikes(rng, WIRING.population(name).size, 70_000, rate)
        for name, rate in (("OB", 6.0), ("E", 8.0), ("I", 5.0))
    }


def without(spikes, first, last):
    """Spikes of E without those of some steps."""
    steps, ids = spikes["E"]
    kept = (steps <= first) | (steps > last)
    return {**spikes, "E": (steps[kept], ids[kept])}


def changed(*times):
    return [{"population": "E", "id": 3, "at": time, "change": "add"} for time in times]


def values(measured, condition):
    return {s.measure: s.value for s in measured.samples() if s.condition == condition}


def twins(tmp_path, spikes, other, *times):
    runs = (
        written(tmp_path / "other.h5", other, perturb=changed(*times)),
        written(tmp_path / "one.h5", spikes),
    )
    assert [experiment_twins.recognises(run) for run in runs] == [True, False]
    return experiment_twins.measure(runs[:1], runs[1:])


def test_twins_that_part_and_find_together(tmp_path, spikes):
    """One twin is silent from 10 ms after the change to 100 ms after the odor."""
    found = values(twins(tmp_path, spikes, without(spikes, 11_600, 31_000), 1150.0), "learned odor")
    lost = spikes["E"][0]
    assert found["differing_5"] == 0
    assert found["differing_50"] == np.sum((lost > 11_600) & (lost <= 12_000))
    assert found["saturation"] == 1
    assert math.isnan(found["frozen_correlation"])  # a silent pattern correlates with nothing
    assert 0 < found["reset_time"] <= 100
    assert (found["reset_share"], found["late_differing"], found["same_response"]) == (1, 0, 1)


def test_identical_twins_stay_at_distance_zero(tmp_path, spikes):
    found = values(twins(tmp_path, spikes, spikes, 1150.0), "learned odor")
    assert (found["saturation"], found["differing_50"], found["reset_time"]) == (0, 0, 0)
    assert found["frozen_correlation"] == pytest.approx(1)


def test_twins_that_never_find_together_count_once(tmp_path, spikes):
    measured = twins(tmp_path, spikes, without(spikes, 11_600, 65_000), 1150.0, 4150.0)
    (only,) = measured.results
    assert only.courses.n_changes == 1
    found = values(measured, "learned odor")
    assert math.isnan(found["reset_time"])
    assert found["reset_share"] == 0
    assert found["late_differing"] > 0


def test_a_change_in_baseline_that_is_forgotten(tmp_path, spikes):
    found = values(twins(tmp_path, spikes, without(spikes, 5_010, 6_000), 500.0), "baseline")
    assert found["differing_20"] > 0
    assert 0 < found["reset_time"] <= 100
    assert found["same_response"] == 1


def test_a_run_without_its_twin_is_left_out(tmp_path, spikes):
    run = written(tmp_path / "other.h5", spikes, perturb=changed(1150.0))
    other = written(tmp_path / "delayed.h5", spikes, delay=1.7)
    assert experiment_twins.measure([run], [other]).results == ()


def test_trials_with_the_same_spikes_correlate_fully(tmp_path, spikes):
    """The second trial repeats the first: no variability is left for the network to make."""
    steps, ids = spikes["E"]
    first = steps <= 30_000
    same = {
        **spikes,
        "E": (np.append(steps[first], steps[first] + 30_000), np.append(ids[first], ids[first])),
    }
    repeated = tuple(type(p)(p.onset, p.offset, 0, p.kind) for p in TABLE)
    run = open_run(write_run(tmp_path / "run.h5", WIRING, same, repeated, DURATION))
    assert not trials.recognises(run)
    set_kind(run.path, "trials")
    run = open_run(run.path)
    assert trials.recognises(run)
    found = values(trials.measure([run], []), "learned odor")
    assert found["resampled_correlation"] == pytest.approx(1)
    assert found["resampled_response"] == pytest.approx(1)
    assert found["fano_others"] == 0
    assert math.isnan(found["chaos_share"])


def test_share_of_the_network(tmp_path, spikes):
    """Independent trials, identical twins: all variability is that of the input."""
    repeated = tuple(type(p)(p.onset, p.offset, 0, p.kind) for p in TABLE)
    paths = [write_run(tmp_path / f"{n}.h5", WIRING, spikes, repeated, DURATION) for n in ("a", "b")]
    for path in paths:
        set_kind(path, "trials")
    with h5py.File(paths[1], "r+") as h5:
        del h5[schema.CONFIG]
        h5[schema.CONFIG] = json.dumps({"simulation": {"dt": 0.1, "perturb": changed(1150.0)}})
    run, twin = map(open_run, paths)
    found = values(trials.measure([run], [twin]), "learned odor")
    assert abs(found["resampled_correlation"]) < 0.15
    assert found["chaos_share"] == pytest.approx(0, abs=1e-12)


def test_runaway_is_counted_where_inhibition_was_shuffled(tmp_path, spikes):
    """E fires at 40 Hz in the second odor; the replay covers that one, or both."""
    rng = np.random.default_rng(1)
    steps, ids = random_spikes(rng, 40, 20_000, 40.0)
    steps = np.append(spikes["E"][0], steps + 40_000)
    order = np.argsort(steps, kind="stable")
    e = steps[order], np.append(spikes["E"][1], ids)[order]
    replay = {"population": "I", "run": "r.h5", "shuffle": "ids", "around": [0.0, -500.0]}
    for odors, expected in ((None, 0.5), ([1], 1.0), ([0], 0.0)):
        more = {} if odors is None else {"odors": odors}
        run = written(tmp_path / "run.h5", {**spikes, "E": e}, replay=[replay | more])
        assert shuffled.recognises(run)
        assert values(shuffled.measure([run], []), "ids")["runaway"] == expected
    whole = written(tmp_path / "run.h5", spikes, replay=[{**replay, "shuffle": "none"}])
    assert not shuffled.recognises(whole)


def test_exponents_of_a_file(tmp_path):
    times = 2.0 * np.arange(1, 51)
    epochs = tuple(
        Epoch(name, odor, 500.0, 5.0, 2.0, np.full((2, 10), rate), np.exp(rate * times / 1000)[None] / 50)
        for name, odor, rate in (("baseline", -1, -20.0), ("learned", 0, 90.0))
    )
    file = GrowthFile("n", "o", 0.1, 0.1, 1, np.array([1e-6, 1.0]), epochs, {"structure": "rand"})
    growth_file.save(file, tmp_path / "l.h5")
    found = {(s.measure, s.condition): s.value for s in read_lyapunov([tmp_path / "l.h5"]).samples()}
    assert found["exponent", "baseline, 1e-06 mV"] == -20
    assert found["exponent", "learned odor, 1 mV"] == pytest.approx(90)
    assert found["passage_exponent", "learned odor, 0.4 mV"] == pytest.approx(90)
    assert math.isnan(found["passage_exponent", "baseline, 0.4 mV"])
    assert found["one_spike", "learned odor"] == pytest.approx(np.exp(0.9) / 50)


def test_rates_and_passages():
    assert mean_rate(np.array([1.0, 3.0])).running.tolist() == [1, 2]
    assert mean_rate(np.array([1.0, -np.inf])).value == -math.inf
    times = np.arange(1.0, 6.0)
    distances = np.array([[1.0, 2.0, 4.0, 4.0, 4.0], [1.0, 1.0, 1.0, 1.0, 2.0]])
    # From 1 to 2: one step and four; from 2 to 4: one step, and one that never gets there.
    np.testing.assert_allclose(
        passage_exponents(times, distances, np.array([1.0, 2.0, 4.0, 8.0])),
        [2 * np.log(2) / 5, np.log(2), np.nan],
    )


def test_the_table_says_what_cannot_be_measured():
    samples = [
        Sample("trials", "A", "rand", "fano_before", math.nan, "learned odor"),
        Sample("twins", "A", "scaled_i", "reset_time", math.nan, "learned odor"),
        Sample("twins", "A", "rand", "reset_time", 400.0, "learned odor"),
        Sample("twins", "B", "rand", "reset_time", 300.0, "learned odor"),
    ]
    lines = table(samples).splitlines()
    assert len(lines) == 6  # with a note below
    assert NOT_MEASURABLE in next(line for line in lines if "Fano" in line)
    assert "| 350 ± 71 | never | – | – |" in next(line for line in lines if "time until" in line)
