"""The odor subspace of Fig. 4 and the correlated one of Fig. 6: numbers of cells, rates, and paths."""

import itertools

import numpy as np
import pytest

from eiassembly.config.config import parse_config
from eiassembly.config.odors import MIXTURES
from eiassembly.odors.draw import odor_of, presented_odors
from eiassembly.odors.subspace import ACTIVE, FASTEST, SIDE, subspace, trajectories

CORNERS = ((0, 0), (0, 10), (10, 10), (10, 0))


def square(seed=1, scale=1, **odors):
    table = {"network": {"scale": scale}, "odors": {"kind": "subspace", "seed": seed, **odors}}
    config = parse_config(table, "x")
    pure = [odor_of(config, number) for number in presented_odors(config)]
    return pure, subspace(pure, seed)


@pytest.fixture(scope="module", params=[None, "square"])
def places(request):
    return square(**({"family": request.param} if request.param else {}))


def test_the_tables_can_be_met():
    for table in (ACTIVE, FASTEST):
        assert table.shape == (SIDE, SIDE)
        assert (table[0, 0], *table[-1], *table[:, -1]) == (100, *[0] * 2 * SIDE)
    assert (ACTIVE <= FASTEST).all()
    total = sum(np.rot90(ACTIVE, turns) for turns in range(4))
    assert total.min() == 100
    assert total.max() == 110


def test_pure_odors_are_at_the_corners(places):
    pure, mixed = places
    assert [mixed[corner].number for corner in CORNERS] == [odor.number for odor in pure]
    others = [odor.number for place, odor in mixed.items() if place not in CORNERS]
    assert len(set(others)) == 117
    assert min(others) >= MIXTURES


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("settings", [{}, {"family": "square"}, {"scale": 2}], ids=str)
def test_totals_are_within_ten_percent_of_those_of_a_pure_odor(settings, seed):
    scale = settings.get("scale", 1)
    for odor in square(seed, **settings)[1].values():
        assert 0.9 * 150 <= len(odor.activated) / scale <= 1.1 * 150
        assert 0.9 * 75 <= len(odor.inhibited) / scale <= 1.1 * 75
        cells = np.concatenate([odor.activated, odor.inhibited])
        assert len(np.unique(cells)) == len(cells)


def own_rows(pure, corner, cells):
    """Which cells of a corner no other corner has."""
    others = np.concatenate([getattr(other, cells) for other in pure if other is not corner])
    return ~np.isin(getattr(corner, cells), others)


@pytest.mark.parametrize(("cells", "number"), [("activated", 150), ("inhibited", 75)])
def test_as_many_cells_of_every_corner_as_table_3_says(cells, number):
    """Cells of two odors may count for either; inhibited ones may be taken by what others activate."""
    pure, mixed = square()
    for (row, column), odor in mixed.items():
        for turns, corner in enumerate(pure):
            wanted = number * np.rot90(ACTIVE, -turns)[row, column] // 100
            found = np.isin(getattr(corner, cells), getattr(odor, cells))
            assert (found & own_rows(pure, corner, cells)).sum() <= wanted
            assert found.sum() >= wanted


def test_the_fastest_cells_respond():
    """Table 4; the next ones only where others have taken them, one cell in thirty at most."""
    pure, mixed = square()
    n_slow = n_all = 0
    for (row, column), odor in mixed.items():
        for turns, corner in enumerate(pure):
            own = own_rows(pure, corner, "activated") & np.isin(corner.activated, odor.activated)
            n_fast = 150 * np.rot90(FASTEST, -turns)[row, column] // 100
            limit = np.sort(corner.latency)[n_fast - 1] if n_fast else -1
            n_slow += (corner.latency[own] > limit).sum()
            n_all += own.sum()
    assert n_all > 10_000
    assert n_slow < n_all / 30


def test_rates_stay_within_one_hertz_of_the_pure_odors(places):
    pure, mixed = places
    changes = []
    for odor in mixed.values():
        for cells, rates, names in (
            (odor.activated, odor.rate, ("activated", "rate")),
            (odor.inhibited, odor.inhibited_rate, ("inhibited", "inhibited_rate")),
        ):
            theirs = np.full((len(pure), 1500), np.nan)
            for row, corner in enumerate(pure):
                theirs[row, getattr(corner, names[0])] = getattr(corner, names[1])
            difference = np.nanmin(np.abs(theirs[:, cells] - rates), axis=0)
            assert difference.max() <= 1
            assert rates.min() >= 0
            changes.extend(difference)
    assert set(np.unique(changes)) == {0, 1}


def test_latencies_and_decays_are_those_of_the_pure_odors(places):
    pure, mixed = places
    known = {
        (cell, latency, decay)
        for odor in pure
        for cell, latency, decay in zip(odor.activated, odor.latency, odor.decay, strict=True)
    }
    for odor in mixed.values():
        assert set(zip(odor.activated, odor.latency, odor.decay, strict=True)) <= known


def test_neighbours_are_alike_and_far_corners_are_not(places):
    _, mixed = places
    patterns = {place: pattern(odor) for place, odor in mixed.items()}
    near = [correlation(patterns[row, column], patterns[row, column + 1])
            for row in range(SIDE) for column in range(SIDE - 1)]  # fmt: skip
    assert np.mean(near) > 0.5
    assert correlation(patterns[0, 0], patterns[10, 10]) < 0.2


def pattern(odor):
    rates = np.full(1500, 6.0)
    rates[odor.activated] += odor.rate
    rates[odor.inhibited] = odor.inhibited_rate
    return rates


def correlation(one, other):
    return np.corrcoef(one, other)[0, 1]


@pytest.mark.parametrize("seed", range(1, 6))
def test_adjacent_corners_of_a_family_share_half_of_their_cells(seed):
    """Correlations of the published ones: 0.27 to 0.44 (Fig. 6)."""
    pure, _ = square(seed, family="square")
    pairs = [(pure[k], pure[(k + 1) % 4]) for k in range(4)]
    for one, other in pairs:
        assert len(np.intersect1d(one.activated, other.activated)) == 75
        assert len(np.intersect1d(one.inhibited, other.inhibited)) == 37
    correlations = [correlation(pattern(one), pattern(other)) for one, other in pairs]
    assert 0.27 <= np.mean(correlations) <= 0.44
    if seed == 1:  # the default: every pair, not only on average
        assert 0.27 <= min(correlations) <= max(correlations) <= 0.44
    for one, other in ((pure[0], pure[2]), (pure[1], pure[3])):
        cells = [np.concatenate([odor.activated, odor.inhibited]) for odor in (one, other)]
        assert len(np.intersect1d(*cells)) == 0


def test_eight_paths_from_neighbour_to_neighbour_through_all_places():
    paths = trajectories()
    assert len(set(paths)) == 8
    assert {path[0] for path in paths} == set(CORNERS)
    for path in paths:
        assert len(path) == len(set(path)) == 121
        for one, other in itertools.pairwise(path):
            assert abs(one[0] - other[0]) + abs(one[1] - other[1]) == 1


def test_corners_and_seeds():
    assert [odor.number for odor in square()[0]] == [0, 1, 16, 15]
    assert [odor.number for odor in square(family="square")[0]] == [15, 16, 17, 18]
    assert [odor.number for odor in square(corners=[4, 3, 2, 20])[0]] == [4, 3, 2, 20]
    one, again, other = (square(seed)[1][4, 4].activated for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
