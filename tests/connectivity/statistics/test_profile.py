"""Degrees, densities and overlaps: by hand, by brute force, and against chance."""

import json

import numpy as np
import pytest
from authors_data import CONNEC, needs_authors_data, strengths
from random_projections import random_projection
from scipy import stats
from small_wirings import three, two

from eiassembly.connectivity import wiring as wiring_module
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.files.matlab import import_network
from eiassembly.connectivity.statistics.degrees import Degrees, Distribution
from eiassembly.connectivity.statistics.densities import BETWEEN, ELSEWHERE, KINDS, WITHIN, Densities
from eiassembly.connectivity.statistics.description import as_text, described
from eiassembly.connectivity.statistics.overlaps import Overlaps
from eiassembly.connectivity.statistics.profile import profile_of
from eiassembly.connectivity.wiring import Projection, Wiring


def test_distribution_by_hand():
    found = Distribution.of(np.array([3, 1, 3, 5]))
    assert (found.values.tolist(), found.counts.tolist()) == ([1, 3, 5], [1, 2, 1])
    assert (found.least, found.most, found.mean) == (1, 5, 3)
    assert found.sd == pytest.approx(np.sqrt(2))


def test_degrees_by_hand():
    """Neuron 0 receives one contact from 1 and two from 2, neuron 1 nothing."""
    p = Projection(
        "E", "I", 0.5, 3, np.array([0, 2, 2]), np.array([1, 2], np.int32), np.array([1, 2], np.uint8)
    )
    found = Degrees.of(p)
    assert (found.n_connections, found.n_contacts, found.largest_multiplicity) == (2, 3, 2)
    assert found.inputs.values.tolist() == [0, 3]
    assert found.outputs.values.tolist() == [0, 1, 2]


MEMBERS = (
    Assembly(0, {"E": np.array([0, 1]), "I": np.array([0])}),
    Assembly(1, {"E": np.array([1, 2]), "I": np.array([1])}),
)


def test_densities_by_hand():
    """All to all once, but 2 to 0 twice, which no assembly has both of; 3 belongs to none."""
    multiplicity = np.ones(16, np.uint8)
    multiplicity[2] = 2
    p = Projection("E", "E", 1.0, 4, 4 * np.arange(5), np.tile(np.arange(4, dtype=np.int32), 4), multiplicity)
    found = Densities.of(p, MEMBERS)
    assert found.pairs == {WITHIN: 7, BETWEEN: 2, ELSEWHERE: 7}
    assert found.contacts == {WITHIN: 7, BETWEEN: 3, ELSEWHERE: 7}
    assert found.density(BETWEEN) == 1.5
    assert found.mean == 17 / 16


def test_densities_without_such_pairs():
    p = random_projection(0, 4, 4)
    found = Densities.of(p, (Assembly(0, {"E": np.arange(4)}),))
    assert found.pairs == {WITHIN: 16, BETWEEN: 0, ELSEWHERE: 0}
    assert np.isnan(found.density(BETWEEN))
    assert found.as_json()[BETWEEN]["density"] is None


@pytest.mark.parametrize("n_assemblies", [1, 5, 64, 65, 130])
def test_densities_by_brute_force(n_assemblies, monkeypatch):
    """Also with more assemblies than a word has bits, and in several blocks."""
    monkeypatch.setattr(wiring_module, "BLOCK", 100)
    rng = np.random.default_rng(n_assemblies)
    p = random_projection(1, 30, 40, most=3, source="E", target="I")
    assemblies = [
        Assembly(k, {"E": np.flatnonzero(rng.random(30) < 0.05), "I": np.flatnonzero(rng.random(40) < 0.05)})
        for k in range(n_assemblies)
    ]
    is_source = np.array([np.isin(np.arange(30), a.of("E")) for a in assemblies])
    is_target = np.array([np.isin(np.arange(40), a.of("I")) for a in assemblies])
    within = (is_target.T.astype(int) @ is_source.astype(int)) > 0
    members = np.outer(is_target.any(axis=0), is_source.any(axis=0))
    masks = {WITHIN: within, BETWEEN: members & ~within, ELSEWHERE: ~members}
    found, contacts = Densities.of(p, assemblies), p.matrix().toarray()
    for kind in KINDS:
        assert found.pairs[kind] == masks[kind].sum()
        assert found.contacts[kind] == contacts[masks[kind]].sum()


def overlaps(*members, size=10):
    return Overlaps.of("E", size, [Assembly(k, {"E": np.array(m, int)}) for k, m in enumerate(members)])


def test_overlaps_by_hand():
    found = overlaps([0, 1, 2], [2, 3, 4, 5], [])
    assert found.shared.tolist() == [[3, 1, 0], [1, 4, 0], [0, 0, 0]]
    assert found.pairs().tolist() == [1, 0, 0]
    assert found.n_distinct == 6
    assert found.expected_mean() == pytest.approx((3 * 4 / 10) / 3)
    assert found.expected_distinct() == pytest.approx(10 * (1 - 0.7 * 0.6))
    assert found.expected_counts(3).sum() == pytest.approx(3)


def test_a_single_assembly_has_no_pairs():
    found = overlaps([0, 1])
    assert np.isnan([found.expected_mean(), found.expected_sd(), found.z_score()]).all()
    assert found.as_json()["pairs"] is None
    assert json.dumps(found.as_json())


def test_expected_numbers_are_hypergeometric():
    """Three assemblies of 3 of 10: the chance that two share k."""
    found = overlaps([0, 1, 2], [1, 2, 3], [7, 8, 9])
    chances = [35 / 120, 63 / 120, 21 / 120, 1 / 120]
    np.testing.assert_allclose(found.expected_counts(3), 3 * np.array(chances))
    assert found.expected_sd() == pytest.approx(np.sqrt(stats.hypergeom.var(10, 3, 3)))
    assert found.expected_largest() == 2  # 3 pairs, of which 22/120 share two or more: 0.55 are expected


def test_independent_members_are_as_expected():
    """z is standard normal, also with sizes that differ; as many neurons as expected belong to any."""
    rng = np.random.default_rng(3)
    sizes = [100, 100, 60, 25, 140] * 3
    drawn = [overlaps(*(rng.choice(1000, n, replace=False) for n in sizes), size=1000) for _ in range(200)]
    z = [found.z_score() for found in drawn]
    assert stats.kstest(z, "norm").pvalue > 0.01
    distinct = np.array([found.n_distinct for found in drawn])
    assert abs(distinct.mean() - drawn[0].expected_distinct()) < 4 * distinct.std() / np.sqrt(200)
    together = np.concatenate([found.pairs() for found in drawn])
    assert together.std() == pytest.approx(drawn[0].expected_sd(), rel=0.03)


def test_assemblies_that_share_more_than_chance_are_noticed():
    rng = np.random.default_rng(4)
    shared = np.arange(20)
    members = [np.union1d(shared, rng.choice(1000, 80, replace=False)) for _ in range(10)]
    assert overlaps(*members, size=1000).z_score() > 10


def test_profile_of_three_populations():
    found = profile_of(three())
    assert [(e.symbol, e.source, e.target) for e in found.enriched] == [
        ("α", "E", "E"), ("β", "FBI", "E"), ("γ", "E", "FBI"),
    ]  # fmt: skip
    assert [overlap.population for overlap in found.overlaps] == ["E", "FBI"]
    assert {(d.source, d.target) for d in found.densities} == {
        ("E", "FBI"), ("E", "E"), ("FBI", "E"), ("FBI", "FBI"),
    }  # fmt: skip


def test_alpha_is_what_the_builder_has_noted():
    found = {e.symbol: e for e in profile_of(two()).enriched}
    assert found["α"].achieved == 2.0
    p = two().projection("E", "E").matrix().toarray()
    contacts = [p[np.ix_(a.excitatory, a.excitatory)].sum(axis=1) for a in two().assemblies]
    assert found["α"].inputs.mean == pytest.approx(np.concatenate(contacts).mean())


@pytest.mark.parametrize("wiring", [
    two(), three(), Wiring(two().populations, two().projections),
    Wiring(two().populations, two().projections, two().assemblies[:1]), Wiring(two().populations, ()),
], ids=["two", "three", "no assemblies", "one", "no projections"])  # fmt: skip
def test_text_and_json_of_any_network(wiring):
    found = profile_of(wiring)
    text = as_text(found)
    assert text == described(wiring)
    assert "nan" not in text
    again = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert again["content_hash"] == wiring.content_hash()
    assert len(again["projections"]) == len(wiring.projections)
    for projection in wiring.projections:
        assert f"{projection.source} → {projection.target}" in text


@needs_authors_data
@pytest.mark.parametrize("name", ["A_1", "B_4", "C_1", "D_1"])
def test_the_authors_assemblies(name):
    """Some 1200 different neurons; two assemblies share at most 6 to 11, on average nearly as by chance."""
    wiring = import_network(CONNEC / f"connec_{name}_tEI.mat", strengths(f"connec_{name}"))
    found = Overlaps.of("E", 4000, wiring.assemblies)
    assert 6 <= found.pairs().max() <= 11
    assert found.expected_mean() == 2.5
    assert 1150 < found.n_distinct <= found.expected_distinct() + 30
    assert abs(found.pairs().mean() - 2.5) < 1
    within = {(d.source, d.target): d for d in profile_of(wiring).densities}
    for pair in (("E", "E"), ("I", "E"), ("E", "I")):
        d = within[pair]
        assert d.density(WITHIN) > 2 * d.density(BETWEEN)
        assert d.density(ELSEWHERE) == pytest.approx(d.mean, rel=0.05)
