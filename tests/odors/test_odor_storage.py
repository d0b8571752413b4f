"""ODORS.h5: round trips with and without spike trains, and damaged files."""

import tracemalloc
from contextlib import closing

import h5py
import numpy as np
import pytest
from simulations import poisson_odors

from eiassembly.config.config import parse_config
from eiassembly.core.errors import FileFormatError
from eiassembly.odors import file as odor_file
from eiassembly.odors import sources
from eiassembly.odors.file import OdorStream
from eiassembly.odors.odors import Odor, OdorSet
from eiassembly.odors.schedules import draw_odor_set


@pytest.fixture(scope="module")
def odor_set():
    return draw_odor_set(parse_config({"odors": {"novel": 1, "learned": 1, "duration": 500.0}}, "test"))


def assert_equal_odors(first: Odor, second: Odor):
    for name in Odor.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_round_trip(odor_set, tmp_path):
    odor_file.save(odor_set, tmp_path / "ODORS.h5")
    loaded = odor_file.load(tmp_path / "ODORS.h5")
    assert loaded.content_hash() == odor_set.content_hash()
    assert loaded.presentations == odor_set.presentations
    assert loaded.description == odor_set.description
    for first, second in zip(loaded.odors, odor_set.odors, strict=True):
        assert_equal_odors(first, second)


def test_without_spike_trains(odor_set, tmp_path):
    with h5py.File(tmp_path / "RUN.h5", "w") as h5:
        odor_file.write_odors(h5.create_group("eiassembly/odors"), odor_set, spikes=False)
        loaded = odor_file.read_odors(h5["eiassembly/odors"])
    assert len(loaded.ids) == 0
    assert loaded.presentations == odor_set.presentations


@pytest.mark.parametrize("change", ["spikes/ids", "presentations/onset"])
def test_changed_content_is_noticed(odor_set, tmp_path, change):
    path = tmp_path / "ODORS.h5"
    odor_file.save(odor_set, path)
    with h5py.File(path, "r+") as h5:
        h5[change][0] += 1
    with pytest.raises(FileFormatError, match=r"ODORS\.h5.*content_hash"):
        odor_file.load(path)


def test_missing_parts_and_foreign_files(odor_set, tmp_path):
    path = tmp_path / "ODORS.h5"
    odor_file.save(odor_set, path)
    with h5py.File(path, "r+") as h5:
        del h5["odors/0/rate"]
    with pytest.raises(FileFormatError, match="damaged or incomplete"):
        odor_file.load(path)
    with h5py.File(path, "r+") as h5:
        h5.attrs["format"] = "eiassembly-network"
    with pytest.raises(FileFormatError, match="expected eiassembly-odors, found eiassembly-network"):
        odor_file.load(path)


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
def test_block_by_block(piece, tmp_path, monkeypatch):
    """Pieces shorter and longer than a block, blocks without spikes, several spikes in the last step."""
    monkeypatch.setattr(sources, "_PIECE", piece)
    odor_set, path = poisson_odors(1, 500, rate=100.0), tmp_path / "ODORS.h5"
    odor_file.save(odor_set, path)
    with closing(OdorStream(path)) as stream:
        stream.check()
        assert stream.content_hash == odor_set.content_hash()
        assert len(stream.odor_set.ids) == 0
        first = 0
        for last in (1, 2, 30, 30, 31, 499, 500, 500, 1000):
            inside = (odor_set.steps > first) & (odor_set.steps <= last)
            steps, ids = stream.until(last)
            np.testing.assert_array_equal(steps, odor_set.steps[inside])
            np.testing.assert_array_equal(ids, odor_set.ids[inside])
            first = last


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
@pytest.mark.parametrize("start", [0, 1, 250, 500, 1000])
def test_from_a_step_on(start, piece, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_PIECE", piece)
    odor_set, path = poisson_odors(1, 500, rate=100.0), tmp_path / "ODORS.h5"
    odor_file.save(odor_set, path)
    with closing(OdorStream(path)) as stream:
        stream.skip(start)
        steps, ids = stream.until(1000)
    np.testing.assert_array_equal(steps, odor_set.steps[odor_set.steps > start])
    np.testing.assert_array_equal(ids, odor_set.ids[odor_set.steps > start])


def test_the_memory_of_a_stream_does_not_grow_with_its_length(tmp_path):
    """16 MB of spikes in blocks of some kB, checked and read to the end."""
    n_spikes, path = 1 << 20, tmp_path / "ODORS.h5"
    steps, ids = np.arange(n_spikes) + 1, np.arange(n_spikes) % 40
    odor_file.save(OdorSet(40, 0.1, n_spikes, (), (), steps, ids), path)
    tracemalloc.start()
    try:
        with closing(OdorStream(path)) as stream:
            stream.check()
            n_read = sum(len(stream.until(last)[0]) for last in range(1000, n_spikes + 1000, 1000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert n_read == n_spikes
    assert peak < 6 * 16 * sources._PIECE < 16 * n_spikes / 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h5: h5["spikes/ids"].write_direct(h5["spikes/ids"][:] + 1), "content_hash"),
        (lambda h5: h5.__delitem__("spikes/ids"), "damaged or incomplete .*ids"),
        (lambda h5: h5.__delitem__("spikes"), "damaged or incomplete"),
        (lambda h5: h5["presentations/onset"].write_direct(np.ones(1)), "content_hash"),
        (lambda h5: h5.attrs.modify("format", "other"), "expected eiassembly-odors, found other"),
    ],
)
def test_a_damaged_stream(change, message, tmp_path):
    path = tmp_path / "ODORS.h5"
    odor_file.save(poisson_odors(1, 100), path)
    with h5py.File(path, "r+") as h5:
        change(h5)
    with pytest.raises(FileFormatError, match=rf"ODORS\.h5: .*{message}"):
        OdorStream(path).check()


def test_more_steps_than_ids(tmp_path):
    path = tmp_path / "ODORS.h5"
    odor_file.save(poisson_odors(1, 100), path)
    with h5py.File(path, "r+") as h5:
        ids = h5["spikes/ids"][:-1]
        del h5["spikes/ids"]
        h5["spikes/ids"] = ids
    with pytest.raises(FileFormatError, match=f"damaged .*: {len(ids) + 1} steps, but {len(ids)} ids"):
        OdorStream(path)
