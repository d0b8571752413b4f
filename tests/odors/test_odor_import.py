"""The authors' odor sets: what is read, and what is said about files that are not as expected."""

from pathlib import Path

import numpy as np
import pytest
from authors_data import ODORS, needs_authors_data
from scipy import io

from eiassembly.core.errors import FileFormatError
from eiassembly.odors.matlab import import_odors, kind_from_name

N_STEPS, N_MITRAL, DT = 600, 400, 10.0  # two windows of 3 s in coarse steps


def table():
    """Two odors: cells 1 … 150 and 151 … 300 activated, the next 75 inhibited."""
    odors = np.zeros((2, 300, 4))
    for k in range(2):
        odors[k, :150] = np.stack(
            [np.arange(150) + 1 + 150 * k, *np.full((3, 150), [[3], [0.02], [50]])], axis=1
        )
        odors[k, 225:, :3] = np.stack([np.arange(75) + 301, np.full(75, 2), np.full(75, -0.004)], axis=1)
    return odors


def variables():
    trains = np.zeros((N_STEPS, N_MITRAL), np.int8)
    trains[150, 150:300] = 1  # odor 1 first
    trains[500, :150] = 2
    return {"OBinp": table(), "r_olfbs": trains, "dt": DT}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "odorset.mat"


def test_spikes_odors_and_presentations(path):
    io.savemat(path, variables())
    odor_set = import_odors(path, "learned")
    assert odor_set.steps.tolist() == [151] * 150 + [501] * 300
    assert odor_set.ids.tolist() == [*range(150, 300), *np.repeat(np.arange(150), 2)]
    assert [(p.onset, p.offset, p.odor) for p in odor_set.presentations] == [(1000, 3000, 1), (4000, 6000, 0)]
    odor = odor_set.odors[1]
    assert odor.activated.tolist() == list(range(150, 300))
    assert (odor.rate[0], odor.latency[0], odor.decay[0]) == (20, 30, 500)
    assert (odor.inhibited[0], odor.inhibited_rate[0], odor.inhibited_latency[0]) == (300, 2, 20)


def test_numbers_of_novel_odors_follow_those_of_learned_ones(path):
    io.savemat(path, variables())
    odor_set = import_odors(path, "novel")
    assert [odor.number for odor in odor_set.odors] == [2, 3]
    assert [(p.odor, p.kind) for p in odor_set.presentations] == [(3, "novel"), (2, "novel")]


def test_kind_from_name():
    assert kind_from_name(Path("novel/odorset_10learned.mat")) == "learned"
    assert kind_from_name(Path("odorset_10novel.mat")) == "novel"


@pytest.mark.parametrize(("changes", "message"), [
    ({"OBinp": None}, "OBinp: expected a variable of this name, found none"),
    ({"OBinp": np.zeros((2, 10, 4))}, r"OBinp: expected shape \(any, 300, 4\), found \(2, 10, 4\)"),
    ({"OBinp": np.zeros((2, 300, 4))}, "OBinp: expected integers from 1 to 400, found 0"),
    ({"r_olfbs": np.full((N_STEPS, N_MITRAL), -1)}, "r_olfbs: expected integers from 0 to 127, found -1"),
    ({"r_olfbs": np.zeros((299, N_MITRAL))}, "r_olfbs: expected a multiple of 300 rows"),
    ({"dt": np.zeros((2, 2))}, r"dt: expected shape \(1, 1\)"),
    ({"dt": -0.1}, "dt: expected a positive number"),
])  # fmt: skip
def test_bad_variables_are_named(path, changes, message):
    found = variables() | changes
    io.savemat(path, {key: value for key, value in found.items() if value is not None})
    with pytest.raises(FileFormatError, match=rf"odorset\.mat: {message}"):
        import_odors(path, "learned")


@needs_authors_data
@pytest.mark.parametrize(("kind", "numbers", "n_spikes"), [
    ("learned", range(10), 302_798), ("novel", range(15, 25), 302_040),
])  # fmt: skip
def test_an_authors_set(kind, numbers, n_spikes):
    odor_set = import_odors(ODORS / f"odorset_10{kind}.mat", kind)
    assert [p.odor for p in odor_set.presentations] == list(numbers)
    assert len(odor_set.ids) == n_spikes
    assert odor_set.duration == 30_000
    assert (odor_set.presentations[9].onset, odor_set.presentations[9].offset) == (28_000, 30_000)
