"""Morphs: who is replaced when, and what stays."""

import itertools

import numpy as np
import pytest

from eiassembly.config.config import parse_config
from eiassembly.config.odors import MIXTURES
from eiassembly.odors.draw import odor_of
from eiassembly.odors.mixtures import MixturePart, mixture, morph
from eiassembly.odors.odors import Odor


@pytest.fixture(params=[(15, 0), (2, 7)], ids=["novel to learned", "learned to learned"])
def ends(request):
    config = parse_config({}, "x")
    return tuple(odor_of(config, number) for number in request.param)


def responses(odor):
    """By cell: what it does in an odor."""
    active = zip(odor.activated, odor.rate, odor.decay, odor.latency, strict=True)
    inhibited = zip(odor.inhibited, odor.inhibited_rate, odor.inhibited_latency, strict=True)
    return {int(cell): tuple(rest) for cell, *rest in (*active, *inhibited)}


@pytest.mark.parametrize("steps", [1, 4, 10, 150, 200])
def test_cells_are_replaced_step_by_step(ends, steps):
    first, last = ends
    odors = morph(first, last, steps, seed=1)
    assert (odors[0], odors[-1], len(odors)) == (first, last, steps + 1)
    assert [odor.number for odor in odors[1:-1]] == [MIXTURES + k for k in range(1, steps)]
    both = np.intersect1d(first.activated, last.activated)
    n_new = [np.setdiff1d(np.intersect1d(odor.activated, last.activated), both).size for odor in odors]
    assert all(len(odor.activated) == 150 for odor in odors)
    np.testing.assert_array_equal(np.diff(n_new) >= 0, True)
    assert np.abs(np.array(n_new) - (150 - both.size) * np.arange(steps + 1) / steps).max() < 12
    for one, other in itertools.pairwise(odors):
        assert np.setdiff1d(one.activated, other.activated).size <= np.ceil(150 / steps)
        assert set(other.activated) <= set(one.activated) | set(last.activated)


def test_every_cell_responds_as_in_one_of_the_odors(ends):
    first, last = map(responses, ends)
    for odor in morph(*ends, steps=10, seed=1):
        for cell, response in responses(odor).items():
            assert response in (first.get(cell), last.get(cell))
        assert not np.isin(odor.activated, odor.inhibited).any()
        assert 60 <= len(odor.inhibited) <= 75


def test_the_order_depends_on_the_seed_alone(ends):
    one, again, other = (morph(*ends, steps=10, seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.activated, b.activated) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[5].activated, other[5].activated)


def test_what_several_odors_say_about_a_cell():
    def odor(number, activated, inhibited, rate):
        a, i = np.array(activated), np.array(inhibited)
        return Odor(number, a, a * 0.0 + rate, a * 0.0 + 1, a * 0.0, i, i * 0.0 + rate, i * 0.0)

    one, other = odor(1, [0, 1], [2, 3], 10.0), odor(2, [1, 2], [3, 0, 4], 20.0)
    mixed = mixture(9, [MixturePart(o, np.arange(2), np.arange(len(o.inhibited))) for o in (one, other)])
    assert (mixed.activated.tolist(), mixed.rate.tolist()) == ([0, 1, 2], [10, 10, 20])
    assert (mixed.inhibited.tolist(), mixed.inhibited_rate.tolist()) == ([3, 4], [10, 20])
