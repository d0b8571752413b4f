"""Families of novel odors: who shares how many cells with whom."""

import numpy as np
import pytest

from eiassembly.config.config import parse_config
from eiassembly.odors.draw import learned_odors, novel_odors, odor_of


def family(kind, share, number=6, scale=1, **changes):
    odors = {"family": kind, "share": share, "novel": number, **changes}
    return parse_config({"network": {"scale": scale}, "odors": odors}, "x")


def shared(one, other):
    return [
        np.intersect1d(getattr(one, name), getattr(other, name)).size for name in ("activated", "inhibited")
    ]


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.6, 0.84, 1.0])
def test_a_chain_shares_with_the_one_before(share, scale):
    """Two apart share what is left of both steps; more only when the circle of all cells closes."""
    odors = novel_odors(family("chain", share, scale=scale))
    sizes = np.array([150, 75]) * scale
    steps = sizes - np.floor(share * sizes + 1e-9)
    for distance in (1, 2):
        for k in range(len(odors) - distance):
            expected = np.maximum(sizes - distance * steps, 0)
            if (steps * (distance + 1) <= 5 * sizes).all():
                assert shared(odors[k], odors[k + distance]) == expected.tolist()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5])
def test_corners_of_a_square_share_with_both_neighbours(share):
    odors = novel_odors(family("square", share, number=8))
    expected = [int(share * 150), int(share * 75)]
    for four in (odors[:4], odors[4:]):
        for k in range(4):
            assert shared(four[k], four[(k + 1) % 4]) == expected
            assert shared(four[k], four[(k + 2) % 4]) == [0, 0]
    assert not np.array_equal(odors[0].activated, odors[4].activated)


@pytest.mark.parametrize("kind", ["chain", "square"])
def test_members_are_odors_like_others(kind):
    config = family(kind, 0.5)
    for odor in novel_odors(config):
        cells = np.concatenate([odor.activated, odor.inhibited])
        assert (len(odor.activated), len(np.unique(cells)), cells.max() < 1125) == (150, 225, True)
        assert np.unique(odor.decay, return_counts=True)[1].tolist() == [50] * 3
        assert set(odor.rate) <= set(range(8, 33))
    one, other = novel_odors(config)[:2]
    both, here, there = np.intersect1d(one.activated, other.activated, return_indices=True)
    assert len(both) == 75
    assert abs(np.corrcoef(one.rate[here], other.rate[there])[0, 1]) < 0.35
    for alone, related in zip(learned_odors(family(None, 0.5)), learned_odors(config), strict=True):
        np.testing.assert_array_equal(alone.activated, related.activated)


def test_families_depend_on_the_seed_and_not_on_the_memories():
    fewer = parse_config({"network": {"assemblies": 3}, "odors": {"family": "square"}}, "x")
    np.testing.assert_array_equal(odor_of(fewer, 4).activated, odor_of(family("square", 0.5), 16).activated)
    other = odor_of(family("square", 0.5, seed=2), 16)
    assert not np.array_equal(odor_of(family("square", 0.5), 16).activated, other.activated)
