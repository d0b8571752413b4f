"""Members and rewiring: in-degrees conserved, targets met, only members touched, slices join."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_projections import part, random_projection
from ranks import on_ranks

from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.memories import inputs, rewiring
from eiassembly.connectivity.memories.members import strongest_receivers
from eiassembly.connectivity.memories.rewiring import rewired
from eiassembly.connectivity.wiring import BLOCK
from eiassembly.core.communicator import Serial
from eiassembly.core.random import Streams, mixed


def between(sources, targets):
    """Assemblies with these members in the source and the target population of ``i_to_e``."""
    pairs = enumerate(zip(sources, targets, strict=True))
    return [Assembly(k, {"I": s, "E": t}) for k, (s, t) in pairs]


def i_to_e(seed, *sizes, **choices):
    return random_projection(seed, *sizes, source="I", target="E", **choices)


def as_rows(moves):
    return list(zip(moves.targets, moves.gained, moves.lost, strict=True))


def disjoint(n, size, n_groups):
    return np.arange(n)[: size * n_groups].reshape(n_groups, size)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), density=st.floats(0, 1), within=st.integers(0, 12), most=st.integers(1, 3))
def test_rewiring_conserves_in_degrees_and_keeps_multiplicities_positive(seed, density, within, most):
    projection = i_to_e(seed, density=density, most=most)
    rng = np.random.default_rng(seed)
    sources = [np.sort(rng.choice(30, 8, replace=False)) for _ in range(3)]
    targets = [np.sort(rng.choice(40, 10, replace=False)) for _ in range(3)]
    result = rewired(projection, between(sources, targets), within, seed).projection
    np.testing.assert_array_equal(result.in_degree(), projection.in_degree())
    assert (result.multiplicity >= 1).all()
    assert result.matrix().has_canonical_format
    outsiders = np.setdiff1d(np.arange(40), np.concatenate(targets))
    assert (result.matrix()[outsiders] != projection.matrix()[outsiders]).nnz == 0


def one_by_one(projection, sources, targets, within, seed):
    """The rule, target by target, one assembly after the other."""
    dense, missing = projection.matrix().toarray(), 0
    words = Streams(seed, f"rewire {projection.name}").word(np.arange(len(dense)))
    for k, (members, chosen) in enumerate(zip(sources, targets, strict=True)):
        for target in chosen:
            row, word = dense[target], mixed(words[[target]], k)
            others = np.setdiff1d(np.flatnonzero(row), members)
            wanted = max(0, within - row[members].sum())
            moved = min(wanted, len(others), len(members))
            missing += wanted - moved
            row[members[np.argsort(mixed(word, members))[:moved]]] += 1
            row[others[np.argsort(mixed(word, others))[:moved]]] -= 1
    return dense, missing


@settings(max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    density=st.floats(0, 1),
    within=st.integers(0, 12),
    most=st.integers(1, 3),
    block=st.sampled_from([1, 100, BLOCK]),
)
def test_contacts_move_by_the_rule(seed, density, within, most, block):
    """Also in targets of several assemblies, and whatever is worked on at a time."""
    projection = i_to_e(seed, density=density, most=most)
    rng = np.random.default_rng(seed)
    sources = [np.sort(rng.choice(30, size, replace=False)) for size in (8, 3, 12)]
    targets = [np.sort(rng.choice(40, 20, replace=False)) for _ in range(3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rewiring, "BLOCK", block)
        patch.setattr(inputs, "BLOCK", block)
        result = rewired(projection, between(sources, targets), within, seed)
    expected, missing = one_by_one(projection, sources, targets, within, seed)
    np.testing.assert_array_equal(result.projection.matrix().toarray(), expected)
    assert result.n_missing == missing
    change = np.zeros(expected.shape, int)
    for moves in result.moves:
        np.add.at(change, (moves.targets, moves.gained), 1)
        np.add.at(change, (moves.targets, moves.lost), -1)
    np.testing.assert_array_equal(expected - projection.matrix().toarray(), change)


def test_members_receive_exactly_the_target_unless_they_had_more():
    projection = i_to_e(1, n_sources=200, n_targets=100, density=0.3)
    sources, targets = disjoint(200, 20, 2), disjoint(100, 10, 2)
    result = rewired(projection, between(sources, targets), 9, 1).projection
    for s, t in zip(sources, targets, strict=True):
        before = projection.matrix()[t][:, s].sum(axis=1)
        after = result.matrix()[t][:, s].sum(axis=1)
        assert (before < 9).any()
        np.testing.assert_array_equal(after, np.maximum(before, 9))


def test_contacts_are_moved_from_any_outsider_to_any_member():
    projection = i_to_e(2, n_sources=60, n_targets=3000, density=0.5)
    members = np.arange(20)
    result = rewired(projection, between([members], [np.arange(3000)]), 15, 1)
    change = result.projection.matrix() - projection.matrix()
    moved = np.asarray(change.sum(axis=0)).ravel()
    np.testing.assert_allclose(moved[:20], moved[:20].mean(), rtol=0.15)
    np.testing.assert_allclose(moved[20:], moved[20:].mean(), rtol=0.15)
    assert moved[:20].mean() == pytest.approx(-2 * moved[20:].mean(), rel=1e-6)
    assert change.max() == 1  # each of the new contacts comes from another member


def test_existing_connections_are_doubled():
    projection = i_to_e(3, n_sources=60, n_targets=50, density=0.9)
    result = rewired(projection, between([np.arange(10)], [np.arange(50)]), 14, 1).projection
    assert result.multiplicity.max() == 2


@pytest.mark.parametrize("slices", [[slice(0, 17), slice(17, None)], [slice(0, None, 2), slice(1, None, 2)]])
def test_any_partition_gives_the_same(slices):
    projection = i_to_e(4)
    groups, targets = disjoint(30, 6, 3), disjoint(40, 9, 3)
    chosen = strongest_receivers(projection, 40, groups, 7, 1, Serial())
    whole = rewired(projection, between(groups, targets), 8.3, 1)

    def work(k, collectives):
        own = part(projection, slices[k])
        members = strongest_receivers(own, 40, groups, 7, 1, collectives)
        return members, rewired(own, between(groups, targets), 8.3, 1)

    for members, own in on_ranks(len(slices), work):
        np.testing.assert_array_equal(members, chosen)
        ids = own.projection.target_ids()
        assert (own.projection.matrix() != whole.projection.matrix()[ids]).nnz == 0
        for own_moves, moves in zip(own.moves, whole.moves, strict=True):
            assert as_rows(own_moves) == as_rows(moves.at(np.isin(moves.targets, ids)))


def test_members_are_those_that_receive_most():
    projection = i_to_e(5, n_sources=100, n_targets=300, density=0.2)
    groups = disjoint(100, 30, 2)
    for group, members in zip(
        groups, strongest_receivers(projection, 300, groups, 12, 1, Serial()), strict=True
    ):
        received = projection.matrix()[:, group].sum(axis=1)
        least = np.sort(received)[-12]
        assert len(np.unique(members)) == 12
        assert (received[members] >= least).all()
        assert received[members].mean() > received.mean() + 2


def test_equal_receivers_are_chosen_at_random():
    projection = i_to_e(6, n_sources=20, n_targets=50, density=1.0)
    first, second = (strongest_receivers(projection, 50, [np.arange(5)], 10, s, Serial())[0] for s in (1, 2))
    assert set(first) != set(second)
    assert set(first) != set(range(10))


def test_fractions_are_reached_on_average():
    projection = i_to_e(7, n_sources=300, n_targets=4000, density=0.1)
    members = [np.arange(40)]
    for within in (12.0, 12.3, 12.9):
        result = rewired(projection, between(members, [np.arange(4000)]), within, 1)
        received = result.projection.matrix()[:, :40].sum(axis=1)
        assert set(received) <= {12, 13}
        assert received.mean() == pytest.approx(within, abs=4 * 0.5 / np.sqrt(4000))


def test_what_is_chosen_depends_on_the_odor_not_on_the_place():
    projection = i_to_e(8)
    first, second = between(disjoint(30, 6, 2), disjoint(40, 9, 2))
    together_ = rewired(projection, [first, second], 8, 1)
    reversed_ = rewired(projection, [second, first], 8, 1)
    assert (together_.projection.matrix() != reversed_.projection.matrix()).nnz == 0


def test_a_connection_of_255_contacts_gets_no_more():
    projection = i_to_e(9, n_sources=20, n_targets=10, density=1.0)
    full = np.where(projection.sources == 3, 255, 1).astype(np.uint8)
    full = i_to_e(9, n_sources=20, n_targets=10, density=1.0, multiplicity=full)
    result = rewired(full, between([np.arange(8)], [np.arange(10)]), 7 + 255 + 7, 1)
    assert result.n_missing == 0
    dense = result.projection.matrix().toarray()
    np.testing.assert_array_equal(dense[:, 3], 255)
    np.testing.assert_array_equal(np.delete(dense[:, :8], 3, axis=1), 2)
    assert rewired(full, between([np.arange(8)], [np.arange(10)]), 7 + 255 + 9, 1).n_missing == 20
