"""Questions to a projection, answered by a dense matrix; parts and replaced entries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_projections import part, random_projection

from eiassembly.connectivity import wiring

SLICES = st.sampled_from([slice(0, None), slice(5, 30), slice(2, None, 3), slice(7, 7)])
PROJECTIONS = st.builds(
    lambda seed, density, own: part(random_projection(seed, density=density, most=3), own),
    st.integers(0, 10**6),
    st.floats(0, 1),
    SLICES,
)


@pytest.fixture(params=[1, 37, 1 << 18])
def block(request, monkeypatch):
    """Entries that are worked on at a time: fewer than a target has, some targets, everything."""
    monkeypatch.setattr(wiring, "BLOCK", request.param)
    return request.param


@pytest.mark.parametrize("own", [slice(0, None), slice(1, None, 3)])
def test_blocks_are_the_whole_in_order(block, own):
    projection = part(random_projection(1, most=3), own)
    parts = list(projection.blocks())
    assert all(len(p.sources) <= block or p.n_targets == 1 for _, p in parts)
    assert [row for rows, _ in parts for row in range(rows.start, rows.stop)] == list(
        range(projection.n_targets)
    )
    for rows, p in parts:
        np.testing.assert_array_equal(p.matrix().toarray(), projection.matrix().toarray()[rows])
        np.testing.assert_array_equal(p.target_ids(), projection.target_ids()[rows])


def test_degrees_and_groups(block):
    projection = part(random_projection(2, most=3), slice(1, None, 2))
    dense = projection.matrix().toarray()
    groups = [np.arange(8), np.array([3, 29]), np.arange(0)]
    np.testing.assert_array_equal(projection.in_degree(), dense.sum(axis=1))
    np.testing.assert_array_equal(projection.out_degree(), dense.sum(axis=0))
    received = projection.received_from(groups)
    np.testing.assert_array_equal(received, [dense[:, group].sum(axis=1) for group in groups])


@given(projection=PROJECTIONS, targets=st.lists(st.integers(0, 60), unique=True))
def test_rows_are_those_of_the_targets(projection, targets):
    ids = projection.target_ids().tolist()
    index, rows = projection.rows_of(np.array(targets, np.int64))
    assert index.tolist() == [i for i, target in enumerate(targets) if target in ids]
    assert rows.tolist() == [ids.index(target) for target in targets if target in ids]


@given(projection=PROJECTIONS, data=st.data())
def test_entries_of_rows(projection, data):
    n = projection.n_targets
    rows = np.array(data.draw(st.lists(st.integers(0, n - 1)) if n else st.just([])), np.int64)
    entries, counts = projection.entries_of(rows)
    inputs = [np.flatnonzero(row) for row in projection.matrix().toarray()[rows]]
    assert counts.tolist() == [len(sources) for sources in inputs]
    np.testing.assert_array_equal(projection.sources[entries], np.concatenate([*inputs, np.empty(0)]))


@given(projection=PROJECTIONS)
def test_places_keep_sources_sorted(projection):
    rows, sources = (grid.ravel() for grid in np.indices((projection.n_targets, 30)))
    places = projection.places(rows, sources)
    inputs = [projection.sources[projection.offsets[r] : projection.offsets[r + 1]] for r in rows]
    expected = [np.searchsorted(present, s) for present, s in zip(inputs, sources, strict=True)]
    np.testing.assert_array_equal(places - projection.offsets[rows], expected)


@settings(max_examples=30)
@given(before=st.integers(0, 10**6), after=st.integers(0, 10**6), size=st.sampled_from([1, 37, 1 << 18]))
def test_spliced_entries_make_the_other_projection(before, after, size):
    """Whatever two projections have in common is kept, the rest is exchanged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "BLOCK", size)
        old, new = (random_projection(seed, most=2) for seed in (before, after))
        first, second = old.matrix().toarray(), new.matrix().toarray()
        kept, fresh = (first == second)[first > 0], (first != second)[second > 0]
        result = old.spliced(kept, fresh, new.offsets, new.sources[fresh], new.multiplicity[fresh])
    np.testing.assert_array_equal(result.matrix().toarray(), second)
