"""Overlap with memories, amplification, completion and capacity in cases with known answers."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr

from eiassembly.analysis.measures.memory.amplification import amplification, ratio_of_means
from eiassembly.analysis.measures.memory.capacity import capacity
from eiassembly.analysis.measures.memory.completion import completion_curve
from eiassembly.analysis.measures.memory.overlap import (
    activity_overlaps,
    chance_deviation,
    normalised,
    own_overlaps,
    retrieved,
    stored_patterns,
)
from eiassembly.connectivity.assembly import Assembly

N_CELLS, N_MEMBERS = 4000, 100


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def stored(rng):
    members = [np.sort(rng.permutation(N_CELLS)[:N_MEMBERS]) for _ in range(8)]
    return stored_patterns([Assembly(k, {"E": ids}) for k, ids in enumerate(members)], "E", N_CELLS)


def test_a_stored_pattern_overlaps_with_itself_by_one(stored):
    overlaps = activity_overlaps(stored.astype(float), stored)
    np.testing.assert_allclose(np.diagonal(overlaps), 1)
    shared = (stored & stored[:1]).sum(axis=1)[1:]
    f = N_MEMBERS / N_CELLS
    np.testing.assert_allclose(overlaps[0, 1:], (shared - f * N_MEMBERS) / (N_CELLS * f * (1 - f)))


def test_the_projection_is_the_difference_of_mean_rates(rng, stored):
    rates = rng.gamma(0.5, 2.0, (3, N_CELLS))
    f = N_MEMBERS / N_CELLS
    projection = rates @ (stored - f).T / (N_CELLS * f * (1 - f))
    np.testing.assert_allclose(activity_overlaps(rates, stored), projection)


def test_constant_rates_overlap_with_nothing(stored):
    np.testing.assert_allclose(activity_overlaps(np.full((1, N_CELLS), 3.0), stored), 0, atol=1e-12)


def test_a_memory_without_members_has_no_overlap():
    stored = np.array([[False, False, False], [True, True, True], [True, False, False]])
    np.testing.assert_array_equal(
        activity_overlaps(np.array([[4.0, 1.0, 1.0]]), stored), [[np.nan, np.nan, 3.0]]
    )


def test_chance_for_random_activity(rng):
    """sd = √(a (1 − a) / (N f (1 − f))) = 0.0173 for a fraction a = 0.03 of active cells."""
    active = (rng.permutation(N_CELLS) < 0.03 * N_CELLS).astype(float)[None, :]
    expected = chance_deviation(active, np.array([N_MEMBERS]))[0, 0]
    assert expected == pytest.approx(np.sqrt(0.03 * 0.97 / (N_MEMBERS * (1 - 0.025))), rel=1e-3)
    random = np.array([rng.permutation(N_CELLS) < N_MEMBERS for _ in range(1500)])
    assert activity_overlaps(active, random).std() == pytest.approx(expected, rel=0.08)


def test_the_driven_memory_is_retrieved_and_noise_is_not(rng, stored):
    noise = rng.gamma(0.5, 2.0, (8, N_CELLS))
    chance = chance_deviation(noise, stored.sum(axis=1))
    driven = noise + 5 * stored
    found = retrieved(activity_overlaps(driven, stored), chance_deviation(driven, stored.sum(axis=1)))
    np.testing.assert_array_equal(found.memory, np.arange(8))
    assert found.is_clear.all()
    assert not retrieved(activity_overlaps(noise, stored), chance).is_clear.any()
    overlaps = activity_overlaps(driven, stored)
    np.testing.assert_allclose(found.margin, overlaps.max(axis=1) - np.sort(overlaps, axis=1)[:, -2])


def test_a_single_memory_has_no_margin(rng, stored):
    driven = rng.random((1, N_CELLS)) + 5 * stored[:1]
    found = retrieved(activity_overlaps(driven, stored[:1]), chance_deviation(driven, np.array([N_MEMBERS])))
    assert np.isnan(found.margin).all()
    assert found.is_clear.all()


def test_overlaps_are_normalised_by_those_of_the_own_odor():
    overlaps = np.array([[4.0, 1.0, 0.5], [2.0, 1.0, 0.5], [0.0, 2.0, 0.5]])
    odors, memories = np.array([7, 7, 8]), np.array([7, 8, 9])
    own = own_overlaps(overlaps, odors, memories)
    np.testing.assert_array_equal(own, [3.0, 2.0, np.nan])
    np.testing.assert_allclose(normalised(overlaps, own)[2], [0, 1, 0.2])  # the third by their mean, 2.5
    assert np.isnan(normalised(overlaps, np.full(3, np.nan))).all()


def test_amplification_of_rates_multiplied_by_hand(results):
    rand = results[0]
    members = {a.odor: a.excitatory for a in rand.run.wiring.assemblies}
    rates = rand.responses.rates.copy()
    for row, p in enumerate(rand.responses.presentations):
        if p.odor in members:
            rates[row] *= 0.5
            rates[row, members[p.odor]] *= 6
    structured = replace(rand.responses, rates=rates)
    wiring = rand.run.wiring
    found = amplification(structured, rand.responses, wiring, wiring)
    assert found.inside == pytest.approx(3)
    assert found.outside == pytest.approx(0.5)
    without = replace(wiring, assemblies=())
    assert amplification(structured, rand.responses, wiring, without) == found


def test_amplification_of_silence_is_undefined():
    assert np.isnan(ratio_of_means(np.array([1.0, 2.0]), np.zeros(2)))
    assert np.isnan(ratio_of_means(np.array([np.nan]), np.array([1.0])))
    assert ratio_of_means(np.array([2.0, np.nan, 4.0]), np.array([1.0, 9.0, 2.0])) == pytest.approx(2)


@pytest.fixture
def morph(rng):
    """Inputs along a morph from one odor to another, and the weight of the last."""
    weight = np.linspace(0, 1, 6)
    first, last = rng.random((2, 300))
    return weight, (1 - weight)[:, None] * first + weight[:, None] * last


def test_a_copy_of_the_input_completes_nothing(morph):
    _, inputs = morph
    curve = completion_curve(inputs, 3 * inputs + 1, learned=5)
    np.testing.assert_allclose(curve.outputs, curve.inputs)
    assert curve.index == pytest.approx(0, abs=1e-12)
    assert curve.inputs[2] == pytest.approx(pearsonr(inputs[2], inputs[5]).statistic)


def test_an_attractor_completes(morph):
    weight, inputs = morph
    attracted = np.where((weight > 0.5)[:, None], inputs[5], inputs[0])
    curve = completion_curve(inputs, attracted, learned=5)
    assert curve.n_above >= 2
    np.testing.assert_allclose(curve.outputs[weight[:5] > 0.5], 1)


def test_independent_outputs_are_not_completed(rng, morph):
    _, inputs = morph
    curve = completion_curve(inputs, rng.random((6, 4000)), learned=5)
    assert curve.index < 0


def test_capacity_of_rates_that_grow():
    """Rates that grow by 5 % per memory beyond 10 leave ±15 % at 13."""
    numbers = np.array([20, 10, 12, 15])
    found = capacity(numbers, 1 + 0.05 * (numbers - 10), 1.0)
    assert found.holds == 12
    assert found.crossing == pytest.approx(13)


@pytest.mark.parametrize(
    ("rates", "holds", "crossing"),
    [
        ([1.0, 1.0, 0.7], 15, 15 + 5 * 0.15 / 0.3),
        ([1.1, 0.9, 1.0], 20, np.inf),
        ([2.0, 1.0, 1.0], 0, np.nan),
        ([1.0, np.nan, 1.0], 10, np.nan),
    ],
)
def test_capacity_in_other_cases(rates, holds, crossing):
    found = capacity(np.array([10, 15, 20]), np.array(rates), 1.0)
    assert (found.holds, found.crossing) == (holds, pytest.approx(crossing, nan_ok=True))


@pytest.mark.parametrize(("numbers", "reference"), [([], 1.0), ([1], 0.0), ([1], float("nan"))])
def test_capacity_needs_points_and_a_reference(numbers, reference):
    with pytest.raises(ValueError, match="expected points"):
        capacity(np.array(numbers), np.ones(len(numbers)), reference)
