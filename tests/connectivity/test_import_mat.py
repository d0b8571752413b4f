"""The authors' matrices: what is read, and what is said about files that are not as expected."""

import numpy as np
import pytest
from authors_data import CONNEC, needs_authors_data, strengths
from scipy import io, sparse

from eiassembly.connectivity.import_mat import ScaledInhibition, import_network
from eiassembly.model.errors import FileFormatError

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
def test_an_authors_network():
    wiring = import_network(CONNEC / "connec_A_1_tI.mat", strengths("connec_A_1"))
    assert (wiring.projection("OB", "E").in_degree() == 31).all()
    assert wiring.projection("I", "E").strength == 0.48
    assert len(wiring.assemblies) == 15
    assert len(wiring.assemblies[14].of("I")) == 25
