"""Spikes read by window from the file are those in memory."""

import h5py
import numpy as np
import pytest
from run_files import write_random_run

from eiassembly.analysis.results import Spikes, open_run
from eiassembly.analysis.stored_spikes import StoredSpikes
from eiassembly.model import schema
from eiassembly.model.errors import FileFormatError


@pytest.fixture
def path(tmp_path):
    path = write_random_run(tmp_path / "run.h5")
    with h5py.File(path, "r+") as h5:
        for group in h5["spikes"].values():
            group.attrs["sorting"] = schema.SORTING["by_time"]
    return path


def stored(path):
    return StoredSpikes(path, "E", 40, 0.1)


@pytest.mark.parametrize(
    "window", [(0, 130_000), (20_000, 30_000), (500, 500), (0, 1), (129_990, 130_000), (200_000, 300_000)]
)
def test_any_window_equals_memory(path, window):
    steps, ids = stored(path).between(*window)
    expected = open_run(path).spikes["E"].between(*window)
    np.testing.assert_array_equal(steps, expected[0])
    np.testing.assert_array_equal(ids, expected[1])


def test_every_step_belongs_to_the_window_it_ends(path):
    """Times like 0.3 = 3 × 0.1 are not exact: each spike is in the window of its own step alone."""
    spikes = open_run(path).spikes["E"]
    for step in spikes.steps[::97]:
        steps, _ = stored(path).between(step - 1, step)
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
    assert isinstance(open_run(write_random_run(tmp_path / "run.h5")).source("E"), Spikes)


def test_unsorted_spikes_are_refused(path, tmp_path):
    unmarked = write_random_run(tmp_path / "unmarked.h5")
    with pytest.raises(FileFormatError, match="spikes/E/sorting: expected by_time"):
        stored(unmarked).between(0, 10)
    with h5py.File(path, "r+") as h5:
        h5["spikes/E/timestamps"][5] = 0.1
        h5["spikes/E/timestamps"][4] = 20.0
    with pytest.raises(FileFormatError, match="spikes/E/timestamps: expected to be sorted"):
        stored(path).between(0, 130_000)


def test_cells_that_do_not_exist_are_refused(path):
    with pytest.raises(FileFormatError, match="spikes/E/node_ids: expected 0 to 9"):
        StoredSpikes(path, "E", 10, 0.1).between(0, 130_000)
