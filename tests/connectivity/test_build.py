"""Whole networks: invariants, the authors' statistics, and the same network from any partition."""

import numpy as np
import pytest
from authors_data import CONNEC, needs_authors_data
from ranks import on_ranks
from scipy.stats import wasserstein_distance

from eiassembly.config.config import parse_config
from eiassembly.config.network import NetworkConfig
from eiassembly.config.parameters import PRESETS
from eiassembly.connectivity.build import build, build_base, populations_of
from eiassembly.connectivity.build_parallel import build_network, own_targets
from eiassembly.connectivity.files.matlab import import_network
from eiassembly.connectivity.files.network import load
from eiassembly.connectivity.statistics.enrichment import contacts_within
from eiassembly.connectivity.statistics.overlaps import Overlaps
from eiassembly.core.communicator import SerialCommunicator
from eiassembly.odors.draw import learned_odors

STRUCTURES = ["rand", "scaled_i", "tuned_i", "tuned_ei", "scaled_adjust", "tuned_adjust"]


def configured(**network):
    return parse_config({"network": network}, "test")


@pytest.fixture(scope="module")
def networks():
    return {name: build(configured(structure=name)) for name in STRUCTURES}


@pytest.mark.parametrize("preset", PRESETS)
def test_base_degrees(preset):
    wiring = build_base(NetworkConfig(preset=preset))
    for parameters in PRESETS[preset].projections:
        projection = wiring.projection(parameters.source, parameters.target)
        n_sources, n_targets = projection.n_sources, projection.n_targets
        assert projection.strength == parameters.strength
        if not parameters.equalised:
            assert (projection.in_degree() == round(parameters.probability * n_sources) + 1).all()
        else:
            mean = parameters.probability * n_targets
            assert np.abs(projection.out_degree() / mean - 1).max() <= 0.05 + 0.5 / mean
            assert (projection.multiplicity == 1).all()


@pytest.mark.parametrize("structure", STRUCTURES)
def test_structures_conserve_in_degrees_and_rewire_only_what_they_name(networks, structure):
    rewired_pairs = {
        "rand": [],
        "scaled_i": ["E_to_E"],
        "tuned_i": ["E_to_E", "I_to_E"],
        "tuned_ei": ["E_to_E", "I_to_E", "E_to_I"],
        "scaled_adjust": ["E_to_E"],
        "tuned_adjust": ["E_to_E", "I_to_E", "E_to_I"],
    }[structure]
    for before, after in zip(networks["rand"].projections, networks[structure].projections, strict=True):
        np.testing.assert_array_equal(before.in_degree(), after.in_degree())
        assert ((before.matrix() != after.matrix()).nnz > 0) == (after.name in rewired_pairs)


@pytest.mark.parametrize(("structure", "chi"), [("scaled_i", 1.4), ("scaled_adjust", 1.07), ("tuned_i", 1)])
def test_scaled_inhibition(networks, structure, chi):
    for projection in networks[structure].projections:
        published = networks["rand"].projection(projection.source, projection.target).strength
        assert projection.strength == published * (chi if projection.name == "I_to_E" else 1)


@pytest.mark.parametrize(("structure", "preset", "alpha", "beta", "gamma"), [
    ("tuned_i", "A", (4.8, 5.1), (17.3, 19.0), (1, 1)),
    ("tuned_ei", "A", (4.8, 5.1), (3.8, 4.1), (2.75, 2.95)),
    ("tuned_ei", "B", (4.8, 5.1), (3.8, 4.1), (2.75, 2.95)),
    ("tuned_ei", "C", (4.8, 5.1), (3.8, 4.1), (2.3, 2.45)),
    ("scaled_i", "D", (4.8, 5.1), (1, 1), (1, 1)),
    ("scaled_adjust", "A", (3.5, 3.9), (1, 1), (1, 1)),
])  # fmt: skip
def test_enrichment_is_the_measured_one(structure, preset, alpha, beta, gamma):
    found = build(configured(structure=structure, preset=preset)).description["enrichment"]
    for name, (low, high) in {"alpha": alpha, "beta": beta, "gamma": gamma}.items():
        assert low <= found[name] <= high, name


def test_members_are_those_the_odors_reach(networks):
    wiring, odors = networks["tuned_ei"], learned_odors(configured())
    inputs = wiring.projection("OB", "E").matrix()
    pairs = zip(wiring.assemblies, odors, strict=True)
    received = [inputs[a.excitatory][:, o.activated].sum() / 100 for a, o in pairs]
    assert np.mean(received) == pytest.approx(7.35, abs=0.2)  # the authors' members; the population: 3.1
    excitatory = [assembly.excitatory for assembly in wiring.assemblies]
    assert [len(m) for m in excitatory] == [100] * 15
    assert [len(a.of("I")) for a in wiring.assemblies] == [25] * 15
    overlaps = Overlaps.of("E", 4000, wiring.assemblies)
    assert 1150 <= overlaps.n_distinct <= 1300
    assert 5 <= overlaps.pairs().max() <= 13


def test_seeds():
    first, again, other = (build(configured(structure="tuned_ei", seed=seed)) for seed in (1, 1, 2))
    assert first.content_hash() == again.content_hash()
    assert first.content_hash() != other.content_hash()


@pytest.mark.parametrize(("preset", "structure", "seed", "content_hash"), [
    ("A", "tuned_ei", 1, "2c4213bb8bc0bcd78c54d1e0d6815cc39a8cb80aaf8a484cb727a4c65dcab8d7"),
    ("B", "scaled_i", 2, "9fd0ea159888abad5d42f635723bbb206822b2ff06ab36a65bc0d172127fd5eb"),
    ("C", "tuned_adjust", 1, "a63f5f8e861eb5e8d6a1c1db810609ef87fd1ef20bf18b08d76ef45594819d37"),
    ("D", "scaled_adjust", 2, "01150feefea618cdabf612560abcddf45bcdc0d90d2bc7b4f581b8e3922c050e"),
    ("simple", "tuned_ei", 1, "e895b73a41f751c1248b90e6674440e4c872beda289d8355d88b07dd1735ae6b"),
    ("A", "rand", 2, "75df9d7cc5d407883e6f31df759d5ddebdda1dd21c83438bc5321b8db5d0c007"),
    ("C", "tuned_i", 2, "748c7786e9691000da1508cdda32596407a8f6dc98c853a517b259f3256a3652"),
])  # fmt: skip
def test_networks_stay_what_they_are(preset, structure, seed, content_hash):
    """A configuration and a seed stand for one network: in papers, in other people's files, for ever."""
    assert build(configured(preset=preset, structure=structure, seed=seed)).content_hash() == content_hash


def test_odors_of_another_seed_make_other_assemblies_in_the_same_base(networks):
    config = parse_config({"network": {"structure": "rand"}, "odors": {"seed": 2}}, "test")
    other, same = build(config), networks["rand"]
    assert not np.array_equal(other.assemblies[0].excitatory, same.assemblies[0].excitatory)
    for a, b in zip(other.projections, same.projections, strict=True):
        np.testing.assert_array_equal(a.sources, b.sources)


def test_three_ranks_build_the_network_of_one(networks):
    whole, config = networks["tuned_ei"], configured(structure="tuned_ei")

    def work(k, collectives):
        return build(config, {"E": slice(k, None, 3), "I": slice((k + 1) % 3, None, 3)}, collectives)

    for wiring in on_ranks(3, work):
        assert wiring.description == whole.description
        for own, all_targets in zip(wiring.projections, whole.projections, strict=True):
            assert (own.matrix() != all_targets.matrix()[own.target_ids()]).nnz == 0
        for a, b in zip(wiring.assemblies, whole.assemblies, strict=True):
            np.testing.assert_array_equal(a.excitatory, b.excitatory)
            np.testing.assert_array_equal(a.of("I"), b.of("I"))


def test_a_process_alone_builds_and_writes_the_whole_network(networks, tmp_path):
    n_contacts = build_network(configured(structure="tuned_ei"), tmp_path / "net.h5", SerialCommunicator())
    written = load(tmp_path / "net.h5")
    assert written.content_hash() == networks["tuned_ei"].content_hash()
    assert n_contacts == sum(projection.n_contacts for projection in networks["tuned_ei"].projections)


@pytest.mark.parametrize("n_ranks", [2, 3, 7])
def test_ranks_share_every_population_evenly(n_ranks):
    shares = [own_targets(configured(structure="rand").network, rank, n_ranks) for rank in range(n_ranks)]
    for population in populations_of(configured(structure="rand").network):
        mine = [share[population.name] for share in shares]
        assert [cells.start for cells in mine] == [0, *(cells.stop for cells in mine[:-1])]
        assert mine[-1].stop == population.size
        assert max(c.stop - c.start for c in mine) - min(c.stop - c.start for c in mine) <= 1


def test_scale_multiplies_populations_and_assemblies_but_not_inputs():
    small, large = (build(configured(structure="tuned_ei", scale=scale)) for scale in (1, 2))
    for population, doubled in zip(small.populations, large.populations, strict=True):
        assert doubled.size == 2 * population.size
    for one, two in zip(small.projections, large.projections, strict=True):
        assert two.in_degree().mean() == pytest.approx(one.in_degree().mean(), rel=0.01)
        assert two.out_degree().mean() == pytest.approx(one.out_degree().mean(), rel=0.01)
    assert len(large.assemblies[0].excitatory) == 200
    for pair in (("E", "E"), ("I", "E"), ("E", "I")):
        means = [
            np.concatenate(contacts_within(w.projection(*pair), w.assemblies)).mean() for w in (small, large)
        ]
        assert means[1] == pytest.approx(means[0], rel=0.02)


def test_overrides():
    config = configured(
        structure="tuned_i",
        within={"I_to_E": 10},
        chi=1.2,
        probability={"E_to_I": 0.02},
        strength={"I_to_I": 0.3},
    )
    wiring = build(config)
    within = np.concatenate(contacts_within(wiring.projection("I", "E"), wiring.assemblies))
    assert 9 <= within.mean() <= 10.1
    assert wiring.projection("I", "E").strength == pytest.approx(0.48 * 1.2)
    assert wiring.projection("E", "I").in_degree().mean() == pytest.approx(81, abs=2)
    assert wiring.projection("I", "I").strength == 0.3


@needs_authors_data
@pytest.mark.parametrize("degree", ["in_degree", "out_degree"])
@pytest.mark.parametrize("pair", [("E", "E"), ("E", "I"), ("I", "E"), ("I", "I")])
def test_degrees_are_distributed_as_in_the_authors_matrices(authors_networks, pair, degree):
    """Ours are as far from theirs as theirs from each other; A, B and D have the same probabilities."""

    def distances(ours, theirs):
        pairs = [(a.projection(*pair), b.projection(*pair)) for a in ours for b in theirs if a is not b]
        return [wasserstein_distance(getattr(a, degree)(), getattr(b, degree)()) for a, b in pairs]

    ours = [build_base(NetworkConfig(seed=seed)) for seed in (1, 2, 3)]
    typical = np.mean(distances(authors_networks, authors_networks))
    assert np.mean(distances(ours, authors_networks)) <= 2 * typical


@pytest.fixture(scope="module")
def authors_networks():
    return [import_network(CONNEC / f"connec_{name}.mat", (1.0,) * 6) for name in ("A_1", "B_4", "D_1")]
