"""Networks with feedback and feedforward inhibition: what is built, against the authors' matrices."""

import numpy as np
import pytest
from authors_data import CONNEC_3, needs_authors_data, strengths_3
from ranks import on_ranks
from scipy.stats import wasserstein_distance

from eiassembly.config.config import parse_config
from eiassembly.config.network import NetworkConfig
from eiassembly.config.parameters import PRESETS
from eiassembly.config.structures import projections_of, published_structures
from eiassembly.connectivity.build import build, build_base
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files.matlab import import_network
from eiassembly.connectivity.random_wiring import n_inputs
from eiassembly.connectivity.statistics.description import described
from eiassembly.connectivity.statistics.enrichment import contacts_within

DP3 = tuple(name for name in PRESETS if name.startswith("dp3"))
STRUCTURES = tuple(published_structures("dp3_A"))
PAIRS = tuple((p.source, p.target) for p in PRESETS["dp3_A"].projections)


def configured(**network):
    return parse_config({"network": {"preset": "dp3_A"} | network}, "test")


@pytest.fixture(scope="module")
def networks():
    return {name: build(configured(structure=name)) for name in STRUCTURES}


def test_parameters_are_those_of_the_sheet():
    """OB to FFI but not to FBI, E to FBI but not to FFI, FBI and FFI not to each other."""
    for name in DP3:
        neurons = PRESETS[name].by_name
        assert {n: p.size for n, p in neurons.items()} == {"OB": 1500, "E": 4000, "FBI": 500, "FFI": 500}
        assert (neurons["E"].neuron.b, neurons["E"].neuron.E_rest) == (5.0, -60.0)
        assert neurons["FBI"].neuron == neurons["FFI"].neuron
        assert (neurons["FFI"].neuron.E_rest, neurons["FFI"].neuron.V_th) == (-60.0, -45.0)
        assert {(p.source, p.target) for p in PRESETS[name].projections} == {
            ("OB", "E"), ("OB", "FFI"), ("E", "E"), ("E", "FBI"),
            ("FBI", "E"), ("FFI", "E"), ("FBI", "FBI"), ("FFI", "FFI"),
        }  # fmt: skip
    assert len({PRESETS[name].projections for name in DP3}) == len(DP3)


@pytest.mark.parametrize("letter", "ABCDE")
def test_strengths_are_those_of_the_authors_table(letter):
    y = strengths_3(f"connec3_{letter}1")
    ours = {p.name: p.strength for p in PRESETS[f"dp3_{letter}"].projections}
    assert ours == {
        "E_to_E": y[0], "FFI_to_E": y[1], "OB_to_E": y[2], "E_to_FBI": y[3], "OB_to_FFI": y[4],
        "FBI_to_FBI": y[5], "FFI_to_FFI": y[5], "FBI_to_E": y[6],
    }  # fmt: skip


@pytest.mark.parametrize("preset", DP3)
def test_base_degrees(preset):
    """Numbers of inputs as drawn, then equal numbers of outputs except of mitral cells."""
    wiring = build_base(NetworkConfig(preset=preset))
    for parameters in PRESETS[preset].projections:
        projection = wiring.projection(parameters.source, parameters.target)
        drawn = n_inputs(parameters.probability, projection.n_sources)
        if parameters.source == "OB":
            assert (projection.in_degree() == drawn).all()
        else:
            assert projection.in_degree().mean() == pytest.approx(drawn, rel=0.05)
            mean = parameters.probability * projection.n_targets
            assert np.abs(projection.out_degree() - mean).max() <= 0.05 * mean + 0.5


@pytest.mark.parametrize("structure", STRUCTURES)
def test_only_what_a_structure_names_is_rewired(networks, structure):
    rewired_pairs = {
        "rand": set(),
        "tuned_i": {"E_to_E", "FBI_to_E"},
        "e_assemblies": {"E_to_E"},
        "ff_assembly": {"E_to_E", "FBI_to_E", "FFI_to_E"},
        "fb_component": {"E_to_E", "FBI_to_E"},
    }[structure]
    wiring, factors = networks[structure], {("e_assemblies", "FBI_to_E"): 1.04}
    for before in networks["rand"].projections:
        after = wiring.projection(before.source, before.target)
        np.testing.assert_array_equal(before.in_degree(), after.in_degree())
        assert ((before.matrix() != after.matrix()).nnz > 0) == (after.name in rewired_pairs)
        assert after.strength == before.strength * factors.get((structure, after.name), 1)


def test_the_feedback_component_is_another_projection(networks):
    """80 ± 4.5 inputs per neuron in the authors' networks, with the strength of E to FBI."""
    assert networks["fb_component"].projections[:-1] != networks["tuned_i"].projections
    added = networks["fb_component"].projection("E", "FFI")
    assert added.strength == networks["rand"].projection("E", "FBI").strength
    assert added.in_degree().mean() == pytest.approx(80, abs=0.5)
    assert added.in_degree().std() == pytest.approx(4.5, abs=0.5)
    with pytest.raises(KeyError):
        networks["tuned_i"].projection("E", "FFI")


@pytest.mark.parametrize(("structure", "sizes"), [
    ("tuned_i", {"E": 80, "FBI": 10}),
    ("ff_assembly", {"E": 80, "FBI": 5, "FFI": 5}),
])  # fmt: skip
def test_members(networks, structure, sizes):
    assemblies = networks[structure].assemblies
    assert len(assemblies) == 20
    for assembly in assemblies:
        assert {name: len(ids) for name, ids in assembly.members.items()} == sizes


def test_assemblies_as_in_other_networks_of_the_authors(networks):
    """A2_s: 60 E and 15 FBI members, 20 and 12 contacts; theirs have 19.9 to 20.2 and 11.5 to 11.7."""
    config = configured(structure="tuned_i", members={"E": 60, "FBI": 15}, within={"FBI_to_E": 12})
    wiring = build(config)
    assert {name: len(ids) for name, ids in wiring.assemblies[7].members.items()} == {"E": 60, "FBI": 15}
    for pair, low, high in ((("E", "E"), 19.5, 20.2), (("FBI", "E"), 11.3, 12.0)):
        found = np.concatenate(contacts_within(wiring.projection(*pair), wiring.assemblies)).mean()
        assert low < found < high


def test_beta_of_feedback_inhibition_is_a_target():
    found = build(configured(structure="tuned_i", beta=6.0)).description["enrichment"]["beta"]
    assert found == pytest.approx(6.0, rel=0.01)


def test_feedforward_members_are_those_that_mitral_cells_reach(networks):
    """They have no inputs from E, which choose the feedback ones."""
    wiring = networks["ff_assembly"]
    by_e = contacts_within(wiring.projection("E", "FBI"), wiring.assemblies)
    expected = 80 * wiring.projection("E", "FBI").in_degree().mean() / 4000
    assert min(counts.min() for counts in by_e) > 1.5 * expected


def test_three_ranks_build_the_network_of_one(networks):
    whole, config = networks["ff_assembly"], configured(structure="ff_assembly")

    def work(k, collectives):
        slices = {name: slice((k + i) % 3, None, 3) for i, name in enumerate(("E", "FBI", "FFI"))}
        return build(config, slices, collectives)

    for wiring in on_ranks(3, work):
        assert wiring.description == whole.description
        for own, all_targets in zip(wiring.projections, whole.projections, strict=True):
            assert (own.matrix() != all_targets.matrix()[own.target_ids()]).nnz == 0
        for a, b in zip(wiring.assemblies, whole.assemblies, strict=True):
            assert all(np.array_equal(a.of(name), b.of(name)) for name in ("E", "FBI", "FFI"))


@pytest.mark.parametrize(("structure", "content_hash"), [
    ("rand", "88847f5aecb2cfc61f08f541dd431ee233c49f299338a184bf7564551a472bd7"),
    ("tuned_i", "3d49c103bfc394bd387e87e414d029dcd817c5135a413a07b91b28e5a12de105"),
    ("ff_assembly", "78f571cda1b17968d52ae1d4fdc228e5997daff09b5b03afc3e729401cd648e2"),
    ("fb_component", "115d9791d30968dcc4c4259bdd0e7bc7a5806305e6c79b4349a86ffe461fc9a0"),
])  # fmt: skip
def test_networks_stay_what_they_are(networks, structure, content_hash):
    assert networks[structure].content_hash() == content_hash


def test_a_file_and_its_description(networks, tmp_path):
    path = tmp_path / "net.h5"
    network_file.save(networks["ff_assembly"], path)
    loaded = network_file.load(path)
    assert loaded.content_hash() == networks["ff_assembly"].content_hash()
    text = described(loaded)
    assert "network       dp3_A ff_assembly, seed 1" in text
    for line in ("FBI → FBI", "FFI → FFI", "FBI              500  inhibitory", "β ="):
        assert line in text
    assert "γ =" in text
    found = loaded.description["enrichment"]
    assert found.keys() == {"alpha", "beta_FBI", "gamma_FBI", "beta_FFI"}
    assert 4.5 < found["alpha"] < 5.5
    assert found["gamma_FBI"] == 1


def test_scale(networks):
    large = build(configured(structure="tuned_i", scale=2))
    assert [p.size for p in large.populations] == [3000, 8000, 1000, 1000]
    assert len(large.assemblies[0].of("FBI")) == 20
    for pair in PAIRS:
        one, two = networks["tuned_i"].projection(*pair), large.projection(*pair)
        assert two.in_degree().mean() == pytest.approx(one.in_degree().mean(), rel=0.01)


def test_projections_of_a_structure_follow_those_of_the_preset():
    names = [p.name for p in projections_of("dp3_C", "fb_component")]
    assert names == [p.name for p in PRESETS["dp3_C"].projections] + ["E_to_FFI"]


@pytest.fixture(scope="module")
def theirs():
    return {
        kind: import_network(CONNEC_3 / f"connec3_A1_{kind}.mat", strengths_3("connec3_A1")) for kind in "rs"
    }


@needs_authors_data
@pytest.mark.parametrize("degree", ["in_degree", "out_degree"])
@pytest.mark.parametrize("pair", PAIRS)
def test_degrees_are_distributed_as_in_the_authors_matrix(theirs, pair, degree):
    """They have one unstructured network here: ours are as far from it as ours from each other."""

    def distances(first, second):
        pairs = [(a.projection(*pair), b.projection(*pair)) for a in first for b in second if a is not b]
        return [wasserstein_distance(getattr(a, degree)(), getattr(b, degree)()) for a, b in pairs]

    ours = [build_base(NetworkConfig(preset="dp3_A", seed=seed)) for seed in (1, 2, 3)]
    spread = theirs["r"].projection(*pair).out_degree().std() if degree == "out_degree" else 1.0
    tolerance = max(2 * np.mean(distances(ours, ours)), 0.1 * spread)
    assert np.mean(distances(ours, [theirs["r"]])) <= tolerance


@needs_authors_data
@pytest.mark.parametrize("pair", [("E", "E"), ("FBI", "E"), ("E", "FBI")])
def test_contacts_within_assemblies_are_those_of_the_authors(networks, theirs, pair):
    ours, wanted = (
        np.concatenate(contacts_within(w.projection(*pair), w.assemblies)).mean()
        for w in (networks["tuned_i"], theirs["s"])
    )
    assert ours == pytest.approx(wanted, rel=0.08)
