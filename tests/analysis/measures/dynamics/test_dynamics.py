"""Dynamics of whole runs: made-up activity whose every measure is known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from run_files import SIZES, presentations, random_spikes, random_wiring, write_random_run, write_run

from eiassembly.analysis.measures.dynamics.summary import MEASURES, dynamics
from eiassembly.analysis.measures.observables import observables
from eiassembly.analysis.measures.rates import binned_counts, counts
from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.runs.run import open_run
from eiassembly.analysis.runs.spikes import Spikes
from eiassembly.connectivity.assembly import Assembly
from eiassembly.core.grid import Window
from eiassembly.odors.odors import Presentation

MEMBERS = np.arange(10)


def run_with(path, events, table=None, duration=5000.0, n_cells=40):
    """A run in which only E fires: ``events`` are (steps, ids)."""
    wiring = random_wiring(sizes=SIZES | {"E": n_cells})
    wiring = replace(wiring, assemblies=(Assembly(0, {"E": MEMBERS}),))
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64))
    order = np.lexsort((events[1], events[0]))
    spikes = {"OB": nothing, "E": (events[0][order], events[1][order]), "I": nothing}
    return open_run(write_run(path, wiring, spikes, table or presentations("l"), duration))


def joined(*parts):
    return np.concatenate([steps for steps, _ in parts]), np.concatenate([ids for _, ids in parts])


def regular(cells, first, last, every):
    steps = np.arange(first + every, last + 1, every)
    return np.tile(steps, len(cells)), np.repeat(cells, len(steps))


@pytest.fixture
def rng():
    return np.random.default_rng(12)


def test_regular_members_among_poisson_others(tmp_path, rng):
    """Members fire every 40 ms and go on after the odor; the others are Poisson and stop."""
    steps, ids = random_spikes(rng, 400, 20_000, 30.0)
    poisson = (steps + 10_000, ids)
    others = tuple(values[poisson[1] >= len(MEMBERS)] for values in poisson)
    members = regular(MEMBERS, 10_000, 45_000, 400)
    run = run_with(tmp_path / "run.h5", joined(members, others), n_cells=400)
    found = dynamics(run, run.presentations).measures
    assert found.cv_members == found.cv2_members == found.lv_members == pytest.approx(0, abs=1e-12)
    for name in ("cv_others", "cv2_others", "lv_others", "fano_time_others"):
        assert getattr(found, name) == pytest.approx(1, abs=0.05), name
    per_bin = [2, 3] * 7 + [2]
    assert found.fano_time_members == pytest.approx(np.var(per_bin, ddof=1) / np.mean(per_bin))
    assert found.persistence == pytest.approx(1, rel=0.05)
    assert found.decay_time > 5000
    assert math.isnan(found.cv_before)
    assert math.isnan(found.fano_members)


def test_fixed_and_changing_patterns(tmp_path, rng):
    active = rng.permutation(400)[:100]
    fixed = run_with(tmp_path / "fixed.h5", regular(active, 10_000, 30_000, 250), n_cells=400)
    poisson = random_spikes(rng, 400, 20_000, 10.0)
    changing = run_with(tmp_path / "changing.h5", (poisson[0] + 10_000, poisson[1]), n_cells=400)
    found = dynamics(fixed, fixed.presentations)
    assert found.measures.time_correlation == pytest.approx(1)
    assert found.measures.pattern_time == pytest.approx(1400)
    assert found.patterns.within.shape == (30, 30)
    assert np.isnan(found.patterns.within[0]).all()
    assert abs(dynamics(changing, changing.presentations).measures.time_correlation) < 0.02


def test_decay_after_offset(tmp_path, rng):
    """Rates fall with 60 ms from 100 Hz at offset; before it they are 100 Hz."""
    tau, number = 60.0, 100 * 0.06
    ids = np.repeat(MEMBERS, 60)
    steps = rng.integers(10_000, 30_000, len(ids) * 3)
    late = rng.exponential(tau / 0.1, round(number * len(MEMBERS) * 200)).astype(int) + 30_001
    late = late[late <= 40_000]
    cells = rng.integers(0, len(MEMBERS), len(late))
    run = run_with(
        tmp_path / "run.h5", joined((steps, rng.integers(0, len(MEMBERS), len(steps))), (late, cells))
    )
    found = dynamics(run, run.presentations)
    assert found.measures.decay_time == pytest.approx(tau, rel=0.05)
    assert found.measures.persistence < 0.05
    assert found.offsets.before == {"members": 0.0, "all": 0.0}
    total = found.offsets.rates["members"][found.offsets.times > 0].sum() * 0.01 * len(MEMBERS)
    assert total == pytest.approx(len(late))


def repeated(odors):
    onsets = 1000.0 + 3000.0 * np.arange(len(odors))
    return tuple(
        Presentation(float(t), float(t + 2000), odor, "learned")
        for t, odor in zip(onsets, odors, strict=True)
    )


def test_identical_trials_have_no_fano_factor_and_correlate_perfectly(tmp_path, rng):
    trial = random_spikes(rng, 40, 30_000, 8.0)
    events = joined(*[(trial[0] + 30_000 * k, trial[1]) for k in range(3)])
    run = run_with(tmp_path / "run.h5", events, repeated([0, 0, 0]), 9500.0)
    found = dynamics(run, run.presentations)
    measures = found.measures
    assert (measures.fano_members, measures.fano_others, measures.fano_before) == (0, 0, 0)
    np.testing.assert_allclose(found.patterns.between.diagonal(), 1)
    np.testing.assert_allclose(found.patterns.between, found.patterns.within, atol=1e-12)


def test_poisson_trials(tmp_path, rng):
    run = run_with(
        tmp_path / "run.h5", random_spikes(rng, 300, 365_000, 20.0), repeated([0] * 12), 36500.0, n_cells=300
    )
    measures = dynamics(run, run.presentations).measures
    assert measures.fano_others == pytest.approx(1, abs=0.06)
    assert measures.fano_before == pytest.approx(1, abs=0.08)
    assert abs(measures.quenching) < 0.1
    assert abs(measures.trial_correlation) < 0.02


def test_odors_without_an_assembly_have_no_members(tmp_path, rng):
    table = tuple(replace(p, odor=7, kind="novel") for p in presentations("n"))
    run = run_with(tmp_path / "run.h5", random_spikes(rng, 40, 50_000, 20.0), table)
    found = dynamics(run, run.presentations)
    assert len(found.variability.cv.others) == 40
    assert not len(found.variability.cv.members)
    assert math.isnan(found.measures.decay_time)
    assert found.measures.persistence_all == pytest.approx(1, abs=0.3)


def test_activity_that_did_not_rise_has_no_decay_time(tmp_path, rng):
    run = run_with(tmp_path / "run.h5", random_spikes(rng, 40, 50_000, 20.0))
    measures = dynamics(run, run.presentations).measures
    assert math.isnan(measures.decay_time)
    assert abs(measures.offset_excess) < 10
    assert measures.persistence == pytest.approx(1, abs=0.3)


def test_only_a_free_second_is_before_an_odor(tmp_path, rng):
    """The second odor of two that follow each other has no baseline: the first is not taken for it."""
    first, second = Presentation(1000.0, 2000.0, 0, "learned"), Presentation(2000.0, 3000.0, 1, "learned")
    during_the_first = rng.integers(10_001, 20_000, 4000)
    events = joined((during_the_first, rng.integers(0, 40, 4000)))
    run = run_with(tmp_path / "run.h5", events, (first, second), 5000.0)
    responses = measure(run)
    np.testing.assert_array_equal(responses.baseline, [0, math.nan])
    for g in responses.before.values():
        np.testing.assert_array_equal(np.isnan(g), [False, True])
    found = observables(responses, run.wiring)
    assert found.baseline_rate == 0
    assert found.g_syn > 0
    assert not len(dynamics(run, run.presentations).variability.cv.before)
    alone = dynamics(run, (second,))
    assert math.isnan(alone.measures.decay_time)
    assert math.isnan(alone.offsets.before["all"])


def test_odors_that_follow_at_once_tell_nothing_about_persistence(tmp_path, rng):
    table = (Presentation(1000.0, 3000.0, 0, "learned"), Presentation(3500.0, 5500.0, 1, "learned"))
    run = run_with(tmp_path / "run.h5", random_spikes(rng, 40, 60_000, 20.0), table, 6000.0)
    found = dynamics(run, run.presentations)
    assert found.offsets.n_presentations == 0
    assert math.isnan(found.measures.persistence)
    assert math.isnan(found.measures.decay_time)


def test_silence_is_undefined_throughout(tmp_path):
    run = run_with(tmp_path / "run.h5", (np.empty(0, np.int64), np.empty(0, np.int64)))
    measures = dynamics(run, run.presentations).measures
    assert measures.offset_excess == 0
    assert all(math.isnan(getattr(measures, m.name)) for m in MEASURES if m.name != "offset_excess")


def test_reading_by_window_gives_the_same_numbers(tmp_path):
    whole, run = (open_run(write_random_run(tmp_path / "run.h5")) for _ in range(2))
    assert whole.spikes
    expected = dynamics(whole, whole.presentations).measures
    found = dynamics(run, run.presentations).measures
    assert "spikes" not in vars(run)
    np.testing.assert_equal(vars(found), vars(expected))


def test_binned_counts_equal_counts_in_windows(rng):
    spikes = Spikes(30, *random_spikes(rng, 30, 20_000, 12.0))
    windows = [Window(5000 + 250 * k, 5250 + 250 * k, 25.0) for k in range(12)]
    np.testing.assert_array_equal(binned_counts(spikes, 0.1, 500.0, 25.0, 12), counts(spikes, windows))
