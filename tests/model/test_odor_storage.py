"""ODORS.h5: round trips with and without spike trains, and damaged files."""

import h5py
import numpy as np
import pytest

from eiassembly.model import odor_storage
from eiassembly.model.config import parse_config
from eiassembly.model.errors import FileFormatError
from eiassembly.model.odor_draws import draw_odor_set
from eiassembly.model.odors import Odor


@pytest.fixture(scope="module")
def odor_set():
    return draw_odor_set(parse_config({"odors": {"novel": 1, "learned": 1, "duration": 500.0}}, "test"))


def assert_equal_odors(first: Odor, second: Odor):
    for name in Odor.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_round_trip(odor_set, tmp_path):
    odor_storage.save(odor_set, tmp_path / "ODORS.h5")
    loaded = odor_storage.load(tmp_path / "ODORS.h5")
    assert loaded.content_hash() == odor_set.content_hash()
    assert loaded.presentations == odor_set.presentations
    assert loaded.description == odor_set.description
    for first, second in zip(loaded.odors, odor_set.odors, strict=True):
        assert_equal_odors(first, second)


def test_without_spike_trains(odor_set, tmp_path):
    with h5py.File(tmp_path / "RUN.h5", "w") as h5:
        odor_storage.write_odors(h5.create_group("eiassembly/odors"), odor_set, spikes=False)
        loaded = odor_storage.read_odors(h5["eiassembly/odors"])
    assert len(loaded.ids) == 0
    assert loaded.presentations == odor_set.presentations


@pytest.mark.parametrize("change", ["spikes/ids", "presentations/onset"])
def test_changed_content_is_noticed(odor_set, tmp_path, change):
    path = tmp_path / "ODORS.h5"
    odor_storage.save(odor_set, path)
    with h5py.File(path, "r+") as h5:
        h5[change][0] += 1
    with pytest.raises(FileFormatError, match=r"ODORS\.h5.*content_hash"):
        odor_storage.load(path)


def test_missing_parts_and_foreign_files(odor_set, tmp_path):
    path = tmp_path / "ODORS.h5"
    odor_storage.save(odor_set, path)
    with h5py.File(path, "r+") as h5:
        del h5["odors/0/rate"]
    with pytest.raises(FileFormatError, match="damaged or incomplete"):
        odor_storage.load(path)
    with h5py.File(path, "r+") as h5:
        h5.attrs["format"] = "eiassembly-network"
    with pytest.raises(FileFormatError, match="expected eiassembly-odors, found eiassembly-network"):
        odor_storage.load(path)
