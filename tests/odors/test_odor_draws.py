"""Odors and spike trains: the authors' statistics, Poisson theory, and windows that join."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from authors_data import ODORS, needs_authors_data
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from simulations import given_spikes

from eiassembly.config.config import parse_config
from eiassembly.odors.draw import learned_odors, novel_odors, odor_of
from eiassembly.odors.matlab import import_odors
from eiassembly.odors.schedules import draw_odor_set, recipe
from eiassembly.odors.spike_trains import SpikeTrains


def configured(**odors):
    return parse_config({"odors": odors}, "test")


@pytest.fixture(scope="module")
def drawn():
    return draw_odor_set(configured(learned=10, novel=10))


def rates(odor_set, first, last, select):
    """Mean rate [Hz] of selected cells from ``first`` to ``last`` ms after the onset of their odor."""
    odors = {odor.number: odor for odor in odor_set.odors}
    found = []
    for p in odor_set.presentations:
        steps = (round((p.onset + first) / odor_set.dt), round((p.onset + last) / odor_set.dt))
        counts = np.bincount(given_spikes(odor_set, *steps)[1], minlength=odor_set.n_mitral)
        found.append(counts[select(odors[p.odor])].mean() / (last - first) * 1000)
    return np.mean(found)


def class_of(decays, k):
    return lambda odor: odor.activated[odor.decay == decays[k]]


def others(odor):
    return np.setdiff1d(np.arange(1500), np.concatenate([odor.activated, odor.inhibited]))


def test_definitions_follow_methods():
    for odor in (*learned_odors(configured()), *novel_odors(configured())):
        assert len(np.unique(np.concatenate([odor.activated, odor.inhibited]))) == 225
        assert (len(odor.activated), len(odor.inhibited)) == (150, 75)
        assert set(odor.rate) <= set(range(8, 33))
        assert set(odor.inhibited_rate) <= set(range(6))
        assert odor.latency.min() >= 0
        assert odor.latency.max() <= 200
        assert np.unique(odor.decay, return_counts=True)[1].tolist() == [50, 50, 50]


@pytest.mark.parametrize(
    ("decay", "constants"), [("measured", [1100, 1600, 2200]), ("text", [1000, 2000, 4000])]
)
def test_decay_constants(decay, constants):
    assert np.unique(learned_odors(configured(decay=decay))[0].decay).tolist() == constants


def test_odors_share_about_twenty_cells():
    odors = (*learned_odors(configured()), *novel_odors(configured()))
    shared = [
        len(np.intersect1d(a.activated, b.activated)) for a in odors for b in odors if a.number < b.number
    ]
    assert np.mean(shared) == pytest.approx(150 * 150 / 1125, rel=0.05)
    assert max(odor.activated.max() for odor in odors) < 1125


def test_numbers_and_order(drawn):
    assert [odor.number for odor in drawn.odors] == list(range(25))
    assert [p.odor for p in drawn.presentations] == [*range(15, 25), *range(10)]
    assert [p.kind for p in drawn.presentations] == ["novel"] * 10 + ["learned"] * 10
    assert [(p.onset, p.offset) for p in drawn.presentations[:2]] == [(1000, 3000), (4000, 6000)]
    assert drawn.duration == 60_000


def test_novel_odors_do_not_depend_on_the_number_of_learned_ones():
    fewer = parse_config({"network": {"assemblies": 5}}, "test")
    for a, b in zip(novel_odors(fewer), novel_odors(configured()), strict=True):
        np.testing.assert_array_equal(a.activated, b.activated)
        assert b.number == a.number + 10


def test_seeds(drawn):
    again, other = (draw_odor_set(configured(learned=10, seed=seed)) for seed in (1, 2))
    assert again.content_hash() == drawn.content_hash()
    assert other.content_hash() != drawn.content_hash()


@pytest.mark.parametrize(("first", "last", "select", "expected"), [
    (-1000, 0, others, 6.0),
    (-1000, 0, lambda odor: odor.activated, 6.0),
    (200, 2000, others, 6.0),
    (200, 2000, lambda odor: odor.inhibited, 2.0),
    (200, 250, lambda odor: odor.activated, 26.0),
    (1900, 2000, class_of((1100, 1600, 2200), 0), 6 + 20 * np.exp(-1.55 / 1.1)),
    (1900, 2000, class_of((1100, 1600, 2200), 2), 6 + 20 * np.exp(-1.55 / 2.2)),
])  # fmt: skip
def test_rates_are_those_of_the_definition(drawn, first, last, select, expected):
    assert rates(drawn, first, last, select) == pytest.approx(expected, rel=0.06)


@needs_authors_data
def test_rates_are_those_of_the_authors_sets(drawn):
    """The authors' rates fall in steps of 400 ms, ours smoothly: within 2.5 Hz always, 3 % on average."""
    theirs = import_odors(ODORS / "odorset_10learned.mat", "learned")
    slow = np.unique(theirs.odors[0].decay)
    for k in range(3):
        for first in range(200, 2000, 200):
            ours = rates(drawn, first, first + 200, class_of((1100, 1600, 2200), k))
            assert ours == pytest.approx(rates(theirs, first, first + 200, class_of(slow, k)), abs=2.5)
    for select in (others, lambda odor: odor.inhibited):
        assert rates(drawn, 200, 2000, select) == pytest.approx(rates(theirs, 200, 2000, select), rel=0.05)


@pytest.fixture(scope="module")
def authors_odors():
    """Their 15 learned and 15 novel odors."""
    sets = [import_odors(ODORS / f"odorset_10{kind}.mat", kind) for kind in ("learned", "novel")]
    return [odor for odor_set in sets for odor in odor_set.odors]


def overlaps(odors, cells):
    """Numbers of cells that two odors have in common, all pairs, by their kinds."""
    found = {"learned": [], "novel": [], "both": []}
    for one, other in itertools.combinations(odors, 2):
        kinds = {"learned" if odor.number < 15 else "novel" for odor in (one, other)}
        common = len(np.intersect1d(getattr(one, cells), getattr(other, cells)))
        found[kinds.pop() if len(kinds) == 1 else "both"].append(common)
    return found


@needs_authors_data
@pytest.mark.parametrize("cells", ["activated", "inhibited"])
@pytest.mark.parametrize("kinds", ["learned", "novel", "both"])
def test_odors_overlap_as_those_of_the_authors_do(authors_odors, cells, kinds):
    """Their learned odors draw their cells from 1125 mitral cells, the novel ones from 750 of these."""
    theirs = overlaps(authors_odors, cells)[kinds]
    config = configured(novel=15, novel_pool=750)
    ours = overlaps([*learned_odors(config), *novel_odors(config)], cells)[kinds]
    by_chance = (150 if cells == "activated" else 75) ** 2 / (750 if kinds == "novel" else 1125)
    error = np.std(theirs) / np.sqrt(len(theirs))
    assert np.mean(theirs) == pytest.approx(by_chance, abs=3 * error)
    assert np.mean(ours) == pytest.approx(by_chance, abs=3 * error)
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.25)


@needs_authors_data
@pytest.mark.parametrize("name", ["rate", "latency", "inhibited_rate", "inhibited_latency"])
def test_responses_are_distributed_as_those_of_the_authors(authors_odors, name):
    """Kolmogorov and Smirnov see no difference between thousands of cells."""
    odors = [*learned_odors(configured()), *novel_odors(configured(novel=15))]
    ours, theirs = (np.concatenate([getattr(odor, name) for odor in one]) for one in (odors, authors_odors))
    assert len(ours) == len(theirs)
    assert set(np.unique(ours)) == set(np.unique(theirs))
    assert stats.ks_2samp(ours, theirs).pvalue > 0.01


@needs_authors_data
def test_the_authors_pools_and_decay_classes(authors_odors):
    cells = [np.concatenate([odor.activated, odor.inhibited]) for odor in authors_odors]
    assert 1100 < np.concatenate(cells[:15]).max() < 1125
    assert 740 < np.concatenate(cells[15:]).max() < 750
    assert {n for odor in authors_odors for n in np.unique(odor.decay, return_counts=True)[1]} == {50}


def test_counts_and_intervals_are_poisson():
    odor_set = draw_odor_set(configured(novel=20, baseline=3000.0, duration=10.0))
    counts = np.bincount(odor_set.ids, minlength=1500)[1125:]  # cells that no odor changes
    assert counts.mean() == pytest.approx(6 * 60.2, rel=0.01)
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.2)
    intervals = np.concatenate([np.diff(odor_set.steps[odor_set.ids == cell]) for cell in range(1125, 1225)])
    assert intervals.std() / intervals.mean() == pytest.approx(1, abs=0.02)
    within_chunk = np.histogram(odor_set.steps % 10_000, 10)[0]
    assert within_chunk.std() / within_chunk.mean() < 0.02


def test_trials_of_one_odor_differ():
    sequence = recipe(configured(novel=1))
    twice = replace(
        sequence,
        presentations=(
            *sequence.presentations,
            replace(sequence.presentations[0], onset=4000.0, offset=6000.0),
        ),
        n_steps=60_000,
    )
    trains = SpikeTrains(twice)
    first, second = (
        set(zip(*(part.tolist() for part in trains.drawn(k, k + 1)), strict=True)) for k in (1, 4)
    )
    shifted = {(step - 30_000, cell) for step, cell in second}
    assert len(first & shifted) < 0.01 * len(first)


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 7), max_size=3), baseline=st.sampled_from([1000.0, 730.0]))
def test_windows_join(cuts, baseline):
    sequence = SpikeTrains(recipe(configured(novel=2, learned=1, baseline=baseline, duration=1500.0)))
    whole = sequence.drawn(0, sequence.n_chunks)
    cuts = [0, *sorted(min(c, sequence.n_chunks) for c in cuts), sequence.n_chunks]
    parts = [sequence.drawn(a, b) for a, b in itertools.pairwise(cuts)]
    for k in (0, 1):
        np.testing.assert_array_equal(np.concatenate([part[k] for part in parts]), whole[k])


def test_spikes_are_sorted_and_inside(drawn):
    keys = drawn.steps * drawn.n_mitral + drawn.ids
    assert (np.diff(keys) >= 0).all()
    assert drawn.steps.min() >= 1
    assert drawn.steps.max() <= drawn.n_steps


def test_scale_multiplies_cells():
    config = parse_config({"network": {"scale": 2}}, "test")
    odor = learned_odors(config)[0]
    assert (len(odor.activated), len(odor.inhibited), recipe(config).n_mitral) == (300, 150, 3000)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.84, 1.0])
def test_overlapping_odors_share_what_they_are_to_share(scale, share):
    table = {"network": {"scale": scale}, "odors": {"overlap_with": 3, "share": share, "novel": 3}}
    config = parse_config(table, "test")
    other = learned_odors(config)[3]
    changed = np.concatenate([other.activated, other.inhibited])
    for odor in novel_odors(config):
        assert np.isin(odor.activated, other.activated).sum() == round(share * 150 * scale)
        assert np.isin(odor.inhibited, other.inhibited).sum() == round(share * 75 * scale)
        cells = np.concatenate([odor.activated, odor.inhibited])
        assert len(np.unique(cells)) == 225 * scale
        assert np.isin(cells, changed).sum() == round(share * 150 * scale) + round(share * 75 * scale)
        assert np.unique(odor.decay, return_counts=True)[1].tolist() == [50 * scale] * 3
    a, b = novel_odors(config)[:2]
    assert set(a.rate) | set(b.rate) <= set(range(8, 33))
    if share < 1:
        assert set(a.activated) != set(b.activated)


def test_an_odor_can_be_drawn_by_its_number():
    config = configured(novel=2)
    for odor in (*learned_odors(config), *novel_odors(config)):
        again = odor_of(config, odor.number)
        np.testing.assert_array_equal(again.activated, odor.activated)
        np.testing.assert_array_equal(again.rate, odor.rate)
    assert odor_of(config, 40).number == 40  # not presented, but there
