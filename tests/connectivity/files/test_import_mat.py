"""The authors' matrices: what is read, and what is said about files that are not as expected."""

import numpy as np
import pytest
from authors_data import CONNEC, CONNEC_3, needs_authors_data, strengths, strengths_3
from scipy import io, sparse

from eiassembly.config.parameters import PRESETS
from eiassembly.connectivity.files.matlab import ScaledInhibition, import_network
from eiassembly.connectivity.random_wiring import n_inputs
from eiassembly.core.errors import ConfigError, FileFormatError

SIZES = {"o": 6, "e": 8, "i": 4}
STRENGTHS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)


def matrices(seed=0):
    rng = np.random.default_rng(seed)
    keys = ("w_oe", "w_oi", "w_ee", "w_ei", "w_ie", "w_ii")
    found = {key: rng.integers(0, 3, (SIZES[key[2]], SIZES[key[3]])).astype(np.uint8) for key in keys}
    return found | {"Ee": np.array([[8, 1], [3, 4]], np.uint16), "Ii": np.array([[4], [1]], np.uint16)}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "connec.mat"


def test_matrices_strengths_and_members(path):
    variables = matrices()
    io.savemat(path, variables)
    wiring = import_network(path, STRENGTHS)
    assert {p.name: p.size for p in wiring.populations} == {"OB": 6, "E": 8, "I": 4}
    expected = {("E", "E"): 1, ("I", "E"): 2, ("OB", "E"): 3, ("E", "I"): 4, ("OB", "I"): 5, ("I", "I"): 6}
    for (source, target), strength in expected.items():
        projection = wiring.projection(source, target)
        key = f"w_{source[0].lower()}{target[0].lower()}"
        np.testing.assert_array_equal(projection.matrix().toarray().T, variables[key])
        assert projection.strength == strength
        assert projection.multiplicity.min() >= 1
    assert [a.excitatory.tolist() for a in wiring.assemblies] == [[0, 7], [2, 3]]
    assert [a.of("I").tolist() for a in wiring.assemblies] == [[3], [0]]


def test_sparse_matrices_and_no_assemblies(path):
    variables = {k: v for k, v in matrices().items() if k.startswith("w_")}
    io.savemat(path, variables | {"w_ee": sparse.csc_matrix(variables["w_ee"].astype(float))})
    wiring = import_network(path, STRENGTHS)
    np.testing.assert_array_equal(wiring.projection("E", "E").matrix().toarray().T, variables["w_ee"])
    assert wiring.assemblies == ()


def test_scaled_inhibition_comes_from_the_other_file(path, tmp_path):
    other = matrices(1)
    io.savemat(path, matrices())
    io.savemat(tmp_path / "rand.mat", other)
    wiring = import_network(path, STRENGTHS, ScaledInhibition(tmp_path / "rand.mat", 1.5))
    np.testing.assert_array_equal(wiring.projection("I", "E").matrix().toarray().T, other["w_ie"])
    np.testing.assert_array_equal(wiring.projection("E", "E").matrix().toarray().T, matrices()["w_ee"])
    assert wiring.projection("I", "E").strength == 3.0


SEVEN = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
OF_SEVEN = {
    ("E", "E"): 1, ("FFI", "E"): 2, ("OB", "E"): 3, ("E", "FBI"): 4, ("E", "FFI"): 4, ("OB", "FFI"): 5,
    ("FBI", "FBI"): 6, ("FFI", "FFI"): 6, ("FBI", "E"): 7,
}  # fmt: skip
FB, FF = slice(0, 2), slice(2, 4)
"""The I neurons of a network of three populations."""


def matrices_of_three(seed=2, **changes):
    found = matrices(seed)
    found["w_oi"][:, FB] = 0
    found["w_ei"][:, FF] = 0
    found["w_ii"][FB, FF] = 0
    found["w_ii"][FF, FB] = 0
    found["w_ii"][0, 0] = found["w_ii"][2, 3] = 1
    return found | changes


def test_three_populations(path):
    variables = matrices_of_three()
    io.savemat(path, variables)
    wiring = import_network(path, SEVEN)
    assert [(p.name, p.size) for p in wiring.populations] == [("OB", 6), ("E", 8), ("FBI", 2), ("FFI", 2)]
    for name in ("E", "FBI", "FFI"):
        assert wiring.population(name).neuron == PRESETS["dp3_A"].by_name[name].neuron
    blocks = {
        ("E", "FBI"): variables["w_ei"][:, FB],
        ("FBI", "E"): variables["w_ie"][FB],
        ("FFI", "E"): variables["w_ie"][FF],
        ("FBI", "FBI"): variables["w_ii"][FB, FB],
        ("FFI", "FFI"): variables["w_ii"][FF, FF],
        ("OB", "FFI"): variables["w_oi"][:, FF],
        ("OB", "E"): variables["w_oe"],
        ("E", "E"): variables["w_ee"],
    }
    assert {(p.source, p.target) for p in wiring.projections} == blocks.keys()
    for pair, block in blocks.items():
        projection = wiring.projection(*pair)
        np.testing.assert_array_equal(projection.matrix().toarray().T, block)
        assert projection.strength == OF_SEVEN[pair]
    assert wiring.description["strengths_nS"]["FBI_to_FBI"] == 6


def test_members_of_either_kind(path):
    io.savemat(path, matrices_of_three(Ii=np.array([[1, 4, 3], [2, 1, 2]])))
    first, second = import_network(path, SEVEN).assemblies
    assert (first.of("FBI").tolist(), first.of("FFI").tolist()) == ([0], [0, 1])
    assert sorted(second.members) == ["E", "FBI"]


def test_feedforward_neurons_may_receive_feedback(path):
    """As in the authors' networks with a feedback component; the strength is that of E to FBI."""
    io.savemat(path, matrices_of_three() | {"w_ei": matrices(2)["w_ei"]})
    projection = import_network(path, SEVEN).projection("E", "FFI")
    np.testing.assert_array_equal(projection.matrix().toarray().T, matrices(2)["w_ei"][:, FF])
    assert projection.strength == 4


def test_chi_is_a_factor_of_feedback_inhibition(path, tmp_path):
    io.savemat(path, matrices_of_three())
    io.savemat(tmp_path / "rand.mat", matrices(1))
    wiring = import_network(path, SEVEN, ScaledInhibition(tmp_path / "rand.mat", 1.04))
    assert wiring.projection("FBI", "E").strength == 7 * 1.04
    assert wiring.projection("FFI", "E").strength == 2
    for name, block in (("FBI", FB), ("FFI", FF)):
        found = wiring.projection(name, "E").matrix().toarray().T
        np.testing.assert_array_equal(found, matrices(1)["w_ie"][block])


@pytest.mark.parametrize(("variables", "options", "message"), [
    (matrices_of_three(), {"strengths": STRENGTHS},
     "--strengths: expected 7 numbers EE,FFI-E,OE,E-FBI,O-FFI,II,FBI-E "
     "for a network of OB, E, FBI and FFI, found 6"),
    (matrices(), {"strengths": SEVEN},
     "--strengths: expected 6 numbers EE,IE,OE,EI,OI,II for a network of OB, E and I, found 7"),
    (matrices_of_three(), {"strengths": SEVEN, "simple": True},
     "--simple: expected a network of OB, E and I, found one of OB, E, FBI and FFI"),
])  # fmt: skip
def test_options_for_the_other_kind_of_network(path, variables, options, message):
    io.savemat(path, variables)
    with pytest.raises(ConfigError) as caught:
        import_network(path, **options)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_inhibitory_populations_must_not_be_connected(path):
    variables = matrices_of_three()
    variables["w_ii"][1, 2:] = (1, 2)
    io.savemat(path, variables)
    with pytest.raises(FileFormatError, match="w_ii: expected no connections from FBI to FFI, found 2"):
        import_network(path, SEVEN)


@pytest.mark.parametrize(("changes", "message"), [
    ({"w_ei": None}, "w_ei: expected a variable of this name, found none"),
    ({"w_ee": np.zeros((3, 8))}, r"w_ee: expected shape \(8, 8\), found \(3, 8\)"),
    ({"w_ee": np.full((8, 8), 0.5)}, "w_ee: expected integers from 0 to 255, found 0.5"),
    ({"w_ii": np.full((4, 4), -1)}, "w_ii: expected integers from 0 to 255, found -1"),
    ({"w_ii": np.full((4, 4), np.nan)}, "w_ii: expected integers from 0 to 255, found nan"),
    ({"w_ii": np.full((4, 4), np.inf)}, "w_ii: expected integers from 0 to 255, found inf"),
    ({"w_oe": "words"}, "w_oe: expected real numbers"),
    ({"Ee": np.array([[0, 1]])}, "Ee: expected integers from 1 to 8, found 0"),
    ({"Ii": np.array([[1, 2]])}, r"Ii: expected shape \(2, any\), found \(1, 2\)"),
])  # fmt: skip
def test_bad_variables_are_named(path, changes, message):
    variables = matrices() | changes
    io.savemat(path, {key: value for key, value in variables.items() if value is not None})
    with pytest.raises(FileFormatError, match=rf"connec\.mat: {message}"):
        import_network(path, STRENGTHS)


def test_unreadable_files(path):
    with pytest.raises(FileFormatError, match="no such file"):
        import_network(path, STRENGTHS)
    path.write_text("not a MATLAB file, but long enough to be looked at " * 10)
    with pytest.raises(FileFormatError, match=r"connec\.mat: "):
        import_network(path, STRENGTHS)
    io.savemat(path, matrices(), do_compression=True)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(FileFormatError, match=r"connec\.mat: "):
        import_network(path, STRENGTHS)


@needs_authors_data
def test_the_authors_networks_of_three_populations():
    """In-degrees before out-degrees were made equal: p·N + 1, as the parameters of dp3_A say."""
    wiring = import_network(CONNEC_3 / "connec3_A1_s.mat", strengths_3("connec3_A1"))
    assert len(wiring.assemblies) == 20
    assert all(sorted(a.members) == ["E", "FBI"] for a in wiring.assemblies)
    for parameters in PRESETS["dp3_A"].projections:
        projection = wiring.projection(parameters.source, parameters.target)
        assert projection.strength == parameters.strength
        assert projection.in_degree().mean() == pytest.approx(
            n_inputs(parameters.probability, projection.n_sources), rel=0.05
        )
    assert len(wiring.projections) == len(PRESETS["dp3_A"].projections)


@needs_authors_data
def test_an_authors_network():
    wiring = import_network(CONNEC / "connec_A_1_tI.mat", strengths("connec_A_1"))
    assert (wiring.projection("OB", "E").in_degree() == 31).all()
    assert wiring.projection("I", "E").strength == 0.48
    assert len(wiring.assemblies) == 15
    assert len(wiring.assemblies[14].of("I")) == 25
