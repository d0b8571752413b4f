"""Out-degrees within the spread; nothing doubled; the same network from any partition."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_projections import part, random_projection
from ranks import on_ranks

from eiassembly.connectivity import out_degrees
from eiassembly.connectivity.out_degrees import (
    OutDegreeSpread,
    equalize_out_degrees,
    planned,
    published_spread,
)
from eiassembly.core.communicator import Serial
from eiassembly.core.random import Streams, below, mixed


def test_only_sources_beyond_the_accepted_spread_change():
    changes = planned(np.array([180, 190, 195, 210, 211, 230]), 200, OutDegreeSpread(0.05, 0.03))
    assert changes.delete.tolist() == [0, 0, 0, 0, 5, 24]
    assert changes.add.tolist() == [14, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(("pair", "low", "high"), [
    (("E", "E"), 194, 206), (("I", "E"), 190, 210),
])  # fmt: skip
def test_published_bounds(pair, low, high):
    spread = published_spread(*pair)
    assert planned(np.array([low, high]), 200, spread).add.sum() == 0
    assert planned(np.array([low - 1]), 200, spread).add.sum() > 0
    assert planned(np.array([high + 1]), 200, spread).delete.sum() > 0


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), density=st.floats(0.05, 0.7), aimed=st.sampled_from([0, 0.05, 0.1]))
def test_every_source_ends_within_the_spread_and_nothing_is_doubled(seed, density, aimed):
    projection = random_projection(seed, n_sources=25, n_targets=60, density=density)
    mean, spread = density * 60, OutDegreeSpread(0.1, aimed)
    result = equalize_out_degrees(projection, 60, mean, spread, seed, Serial())
    before, after = projection.out_degree(), result.out_degree()
    low, high = round(mean * 0.9), max(round(mean * 1.1), round(mean) + 1)
    assert (after >= low).all()
    assert (after <= high).all()
    untouched = (before >= low) & (before <= round(mean * 1.1))
    np.testing.assert_array_equal(after[untouched], before[untouched])
    assert (result.multiplicity == 1).all()
    assert result.matrix().max() <= 1  # duplicate entries would add up
    assert result.matrix().has_canonical_format


def test_sources_that_lose_gain_nothing_and_the_others_keep_theirs():
    projection = random_projection(3, n_sources=25, n_targets=200, density=0.3)
    difference = (
        equalize_out_degrees(projection, 200, 60, OutDegreeSpread(0.05, 0.05), 1, Serial()).matrix()
        - projection.matrix()
    )
    gains, losses = (difference == 1).sum(axis=0), (difference == -1).sum(axis=0)
    assert gains.sum() > 0
    assert losses.sum() > 0
    assert ((gains == 0) | (losses == 0)).all()


def one_by_one(projection, n_targets, mean, spread, seed):
    """The rule, source by source: lose the smallest hashes, gain the first targets of the own stream."""
    dense = projection.matrix().toarray()
    changes = planned(dense.sum(axis=0), mean, spread)
    sources = np.arange(projection.n_sources)
    losing, gaining = (Streams(seed, f"{what} {projection.name}").word(sources) for what in ("delete", "add"))
    for source in sources:
        targets = np.flatnonzero(dense[:, source])
        lost = targets[np.argsort(mixed(losing[source], targets))][: changes.delete[source]]
        free = []
        for number in itertools.count():
            if len(free) == changes.add[source]:
                break
            target = below(mixed(gaining[source], number), n_targets)[0]
            if not dense[target, source] and target not in free:
                free.append(target)
        dense[lost, source], dense[free, source] = 0, 1
    return dense


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), density=st.sampled_from([0.1, 0.5, 0.9]))
def test_connections_change_by_the_rule(seed, density):
    """Also where most tries hit an existing connection."""
    projection = random_projection(seed, n_sources=25, n_targets=60, density=density)
    arguments = (60, density * 60, OutDegreeSpread(0.05, 0.02), seed)
    result = equalize_out_degrees(projection, *arguments, Serial())
    np.testing.assert_array_equal(result.matrix().toarray(), one_by_one(projection, *arguments))


def test_where_too_few_candidates_were_looked_at_more_are(monkeypatch):
    projection = random_projection(9, n_sources=25, n_targets=200, density=0.3)
    arguments = (200, 60, OutDegreeSpread(0.05, 0.02), 1)
    monkeypatch.setattr(out_degrees, "_likely_share", lambda delete, out_degree: (delete > 0) * 1e-3)
    result = equalize_out_degrees(projection, *arguments, Serial())
    np.testing.assert_array_equal(result.matrix().toarray(), one_by_one(projection, *arguments))


@pytest.mark.parametrize("slices", [
    [slice(0, 13), slice(13, None)],
    [slice(0, None, 3), slice(1, None, 3), slice(2, None, 3)],
    [slice(0, 0), slice(0, None)],
])  # fmt: skip
def test_any_partition_gives_the_same(slices):
    projection = random_projection(7, n_sources=50, n_targets=40, density=0.3)
    spread = OutDegreeSpread(0.05, 0.03)
    whole = equalize_out_degrees(projection, 40, 12, spread, 1, Serial()).matrix()
    parts = on_ranks(
        len(slices),
        lambda k, collectives: equalize_out_degrees(
            part(projection, slices[k]), 40, 12, spread, 1, collectives
        ),
    )
    for own in parts:
        assert (own.matrix() != whole[own.target_ids()]).nnz == 0


def test_another_seed_changes_other_connections():
    projection = random_projection(8)
    first, second = (
        equalize_out_degrees(projection, 40, 12, OutDegreeSpread(0.05, 0.0), seed, Serial())
        for seed in (1, 2)
    )
    assert (first.matrix() != second.matrix()).nnz > 0
