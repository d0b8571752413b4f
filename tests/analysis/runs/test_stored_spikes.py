"""Spikes read by window from the file are those in memory."""

import h5py
import numpy as np
import pytest
from run_files import presentations, random_wiring, write_random_run, write_run

from eiassembly.analysis.runs import spikes as stored_spikes
from eiassembly.analysis.runs.run import open_run
from eiassembly.analysis.runs.spikes import Spikes, StoredSpikes
from eiassembly.core.errors import FileFormatError


@pytest.fixture
def path(tmp_path):
    return write_random_run(tmp_path / "run.h5")


def unmarked(path):
    """The same file without the promise that its spikes are sorted."""
    with h5py.File(path, "r+") as h5:
        for group in h5["spikes"].values():
            del group.attrs["sorting"]
    return path


@pytest.fixture(params=[64, 1000, stored_spikes.PAGE])
def page(request, monkeypatch):
    monkeypatch.setattr(stored_spikes, "PAGE", request.param)
    return request.param


def stored(path):
    return StoredSpikes(path, "E", 40, 0.1)


@pytest.mark.parametrize(
    "window", [(0, 130_000), (20_000, 30_000), (500, 500), (0, 1), (129_990, 130_000), (200_000, 300_000)]
)
def test_any_window_equals_memory(path, page, window):
    steps, ids = stored(path).between(*window)
    expected = open_run(path).spikes["E"].between(*window)
    np.testing.assert_array_equal(steps, expected[0])
    np.testing.assert_array_equal(ids, expected[1])


def test_every_step_belongs_to_the_window_it_ends(path, page):
    """Times like 0.3 = 3 × 0.1 are not exact: each spike is in the window of its own step alone."""
    spikes, source = open_run(path).spikes["E"], stored(path)
    for step in spikes.steps[::97]:
        steps, _ = source.between(step - 1, step)
        assert len(steps) == np.sum(spikes.steps == step)


def test_windows_side_by_side_hold_every_spike_once(path):
    parts = [stored(path).between(first, first + 1000)[1] for first in range(0, 130_000, 1000)]
    np.testing.assert_array_equal(np.concatenate(parts), open_run(path).spikes["E"].ids)


def test_a_run_gives_the_file_until_spikes_are_in_memory(path):
    run = open_run(path)
    assert isinstance(run.source("E"), StoredSpikes)
    assert run.source("E").n_cells == 40
    _ = run.spikes
    assert isinstance(run.source("E"), Spikes)


def test_a_run_that_is_not_known_to_be_sorted_is_read_whole(tmp_path):
    assert isinstance(open_run(unmarked(write_random_run(tmp_path / "run.h5"))).source("E"), Spikes)


def test_unsorted_spikes_are_refused(path, tmp_path):
    with pytest.raises(FileFormatError, match="spikes/E/sorting: expected by_time"):
        stored(unmarked(write_random_run(tmp_path / "unmarked.h5"))).between(0, 10)
    with h5py.File(path, "r+") as h5:
        h5["spikes/E/timestamps"][5] = 0.1
        h5["spikes/E/timestamps"][4] = 20.0
    with pytest.raises(FileFormatError, match="spikes/E/timestamps: expected to be sorted"):
        stored(path).between(0, 130_000)


def test_pages_out_of_order_are_refused(path, page):
    with h5py.File(path, "r+") as h5:
        times = h5["spikes/E/timestamps"]
        later = min(page, len(times) - 1)
        times[later:] = times[later:] - 5000.0
    with pytest.raises(FileFormatError, match="spikes/E/timestamps: expected to be sorted"):
        stored(path).between(0, 130_000)


def test_few_pages_stay_in_memory(path, monkeypatch):
    """A window costs the pages it touches, and going through all of them leaves the last few."""
    monkeypatch.setattr(stored_spikes, "PAGE", 10)
    source = stored(path)
    source.between(60_000, 61_000)
    few = source._page.cache_info().misses
    assert 1 <= few < 5
    source.between(60_000, 61_000)
    assert source._page.cache_info().misses == few
    source.between(0, 130_000)
    assert source._page.cache_info().currsize == stored_spikes.PAGES_KEPT


def test_a_population_without_spikes(tmp_path):
    nothing = np.empty(0, np.int64), np.empty(0, np.int64)
    path = write_run(
        tmp_path / "run.h5", random_wiring(), dict.fromkeys(("OB", "E", "I"), nothing), presentations(), 1e4
    )
    assert [len(column) for column in stored(path).between(0, 100_000)] == [0, 0]


def test_cells_that_do_not_exist_are_refused(path):
    with pytest.raises(FileFormatError, match="spikes/E/node_ids: expected 0 to 9"):
        StoredSpikes(path, "E", 10, 0.1).between(0, 130_000)
