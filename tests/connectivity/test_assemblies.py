"""Members and rewiring: in-degrees conserved, targets met, only members touched, slices join."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parties import together
from random_projections import part, random_projection

from eiassembly.connectivity import assemblies
from eiassembly.connectivity.assemblies import rewired, strongest_receivers
from eiassembly.connectivity.exchange import Alone
from eiassembly.connectivity.streams import Streams, mixed
from eiassembly.connectivity.wiring import BLOCK


def disjoint(n, size, n_groups):
    return np.arange(n)[: size * n_groups].reshape(n_groups, size)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), density=st.floats(0, 1), within=st.integers(0, 12), most=st.integers(1, 3))
def test_rewiring_conserves_in_degrees_and_keeps_multiplicities_positive(seed, density, within, most):
    projection = random_projection(seed, density=density, most=most)
    rng = np.random.default_rng(seed)
    sources = [np.sort(rng.choice(30, 8, replace=False)) for _ in range(3)]
    targets = [np.sort(rng.choice(40, 10, replace=False)) for _ in range(3)]
    result = rewired(projection, sources, targets, within, seed)
    np.testing.assert_array_equal(result.in_degree(), projection.in_degree())
    assert (result.multiplicity >= 1).all()
    assert result.matrix().has_canonical_format
    outsiders = np.setdiff1d(np.arange(40), np.concatenate(targets))
    assert (result.matrix()[outsiders] != projection.matrix()[outsiders]).nnz == 0


def one_by_one(projection, sources, targets, within, seed):
    """The rule, target by target, one assembly after the other."""
    dense = projection.matrix().toarray()
    words = Streams(seed, f"rewire {projection.name}").word(np.arange(len(dense)))
    for k, (members, chosen) in enumerate(zip(sources, targets, strict=True)):
        for target in chosen:
            inputs, word = dense[target], mixed(words[[target]], k)
            others = np.setdiff1d(np.flatnonzero(inputs), members)
            moved = max(0, min(within - inputs[members].sum(), len(others), len(members)))
            inputs[members[np.argsort(mixed(word, members))[:moved]]] += 1
            inputs[others[np.argsort(mixed(word, others))[:moved]]] -= 1
    return dense


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
    projection = random_projection(seed, density=density, most=most)
    rng = np.random.default_rng(seed)
    sources = [np.sort(rng.choice(30, size, replace=False)) for size in (8, 3, 12)]
    targets = [np.sort(rng.choice(40, 20, replace=False)) for _ in range(3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assemblies, "BLOCK", block)
        result = rewired(projection, sources, targets, within, seed)
    expected = one_by_one(projection, sources, targets, within, seed)
    np.testing.assert_array_equal(result.matrix().toarray(), expected)


def test_members_receive_exactly_the_target_unless_they_had_more():
    projection = random_projection(1, n_sources=200, n_targets=100, density=0.3)
    sources, targets = disjoint(200, 20, 2), disjoint(100, 10, 2)
    result = rewired(projection, sources, targets, 9, 1)
    for s, t in zip(sources, targets, strict=True):
        before = projection.matrix()[t][:, s].sum(axis=1)
        after = result.matrix()[t][:, s].sum(axis=1)
        assert (before < 9).any()
        np.testing.assert_array_equal(after, np.maximum(before, 9))


def test_contacts_are_moved_from_any_outsider_to_any_member():
    projection = random_projection(2, n_sources=60, n_targets=3000, density=0.5)
    members = np.arange(20)
    change = rewired(projection, [members], [np.arange(3000)], 15, 1).matrix() - projection.matrix()
    moved = np.asarray(change.sum(axis=0)).ravel()
    np.testing.assert_allclose(moved[:20], moved[:20].mean(), rtol=0.15)
    np.testing.assert_allclose(moved[20:], moved[20:].mean(), rtol=0.15)
    assert moved[:20].mean() == pytest.approx(-2 * moved[20:].mean(), rel=1e-6)
    assert change.max() == 1  # each of the new contacts comes from another member


def test_existing_connections_are_doubled():
    projection = random_projection(3, n_sources=60, n_targets=50, density=0.9)
    result = rewired(projection, [np.arange(10)], [np.arange(50)], 14, 1)
    assert result.multiplicity.max() == 2


@pytest.mark.parametrize("slices", [[slice(0, 17), slice(17, None)], [slice(0, None, 2), slice(1, None, 2)]])
def test_any_partition_gives_the_same(slices):
    projection = random_projection(4)
    groups, targets = disjoint(30, 6, 3), disjoint(40, 9, 3)
    chosen = strongest_receivers(projection, 40, groups, 7, 1, Alone())
    whole = rewired(projection, groups, targets, 8, 1).matrix()

    def work(k, exchange):
        own = part(projection, slices[k])
        return strongest_receivers(own, 40, groups, 7, 1, exchange), rewired(own, groups, targets, 8, 1)

    for members, own in together(len(slices), work):
        np.testing.assert_array_equal(members, chosen)
        assert (own.matrix() != whole[own.target_ids()]).nnz == 0


def test_members_are_those_that_receive_most():
    projection = random_projection(5, n_sources=100, n_targets=300, density=0.2)
    groups = disjoint(100, 30, 2)
    for group, members in zip(
        groups, strongest_receivers(projection, 300, groups, 12, 1, Alone()), strict=True
    ):
        received = projection.matrix()[:, group].sum(axis=1)
        least = np.sort(received)[-12]
        assert len(np.unique(members)) == 12
        assert (received[members] >= least).all()
        assert received[members].mean() > received.mean() + 2


def test_equal_receivers_are_chosen_at_random():
    projection = random_projection(6, n_sources=20, n_targets=50, density=1.0)
    first, second = (strongest_receivers(projection, 50, [np.arange(5)], 10, s, Alone())[0] for s in (1, 2))
    assert set(first) != set(second)
    assert set(first) != set(range(10))
