"""RUN.h5 as a typed view, and the errors of files that are not complete runs."""

import h5py
import numpy as np
import pytest
from run_files import SIZES, write_random_run

from eiassembly.analysis.runs.run import open_run, open_runs
from eiassembly.core.errors import FileFormatError


@pytest.fixture
def path(tmp_path):
    return write_random_run(tmp_path / "some_run.h5")


def test_reads_back_what_was_written(path):
    run = open_run(path)
    assert (run.label, run.structure, run.n_steps, run.delay_steps) == ("tuned_ei", "tuned_ei", 130_000, 1)
    assert {name: spikes.n_cells for name, spikes in run.spikes.items()} == SIZES
    assert run.wiring.content_hash() == run.network_hash
    assert [p.kind for p in run.presentations] == ["learned", "learned", "novel", "novel"]
    assert [odor.number for odor in run.odors.odors] == [0, 1, 2, 3]
    assert run.provenance["wall_clock_s"] == 1.5
    assert run.config["simulation"]["dt"] == 0.1
    assert run.records == {}


def test_timestamps_become_the_steps_they_came_from(path):
    with h5py.File(path) as h5:
        times = h5["spikes/E/timestamps"][:]
    np.testing.assert_array_equal(open_run(path).spikes["E"].steps, np.rint(times * 10))


def test_spikes_between_excludes_the_first_and_includes_the_last_step(path):
    spikes = open_run(path).spikes["OB"]
    steps, ids = spikes.between(20_000, 30_000)
    expected = (spikes.steps > 20_000) & (spikes.steps <= 30_000)
    np.testing.assert_array_equal(steps, spikes.steps[expected])
    np.testing.assert_array_equal(ids, spikes.ids[expected])


def test_unsorted_spikes_are_sorted_by_time(path):
    expected = open_run(path).spikes["E"]
    with h5py.File(path, "r+") as h5:
        for name in ("timestamps", "node_ids"):
            h5[f"spikes/E/{name}"][:] = h5[f"spikes/E/{name}"][:][::-1]
    found = open_run(path).spikes["E"]
    np.testing.assert_array_equal(found.steps, expected.steps)
    assert sorted(zip(found.steps, found.ids, strict=True)) == sorted(
        zip(expected.steps, expected.ids, strict=True)
    )


def test_records_are_read_with_their_units(path):
    with h5py.File(path, "r+") as h5:
        group = h5.create_group("eiassembly/records/E")
        group["node_ids"], group["times"] = [3, 7], [1.0, 2.0, 3.0]
        group["V_m"] = np.arange(6.0).reshape(3, 2)
        group["V_m"].attrs["units"] = "mV"
    record = open_run(path).records["E"]
    assert record.units == {"V_m": "mV"}
    assert record.values["V_m"].shape == (len(record.times), len(record.cells))


def test_a_run_without_structure_is_called_by_its_file(tmp_path):
    assert open_run(write_random_run(tmp_path / "my_network.h5", structure="")).label == "my_network"


def test_equal_structures_are_told_apart_by_their_files(tmp_path):
    paths = [write_random_run(tmp_path / f"{name}.h5", name[:4]) for name in ("rand_a", "rand_b", "tuned_ei")]
    assert [run.label for run in open_runs(paths)] == ["rand (rand_a)", "rand (rand_b)", "tune"]


def test_an_incomplete_run_says_how_far_it_got(tmp_path):
    path = write_random_run(tmp_path / "run.h5", complete=False, simulated=4000.0)
    with pytest.raises(FileFormatError, match=r"run\.h5.*complete.*4000 of 13000 ms"):
        open_run(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileFormatError, match=r"nowhere\.h5: no such file"):
        open_run(tmp_path / "nowhere.h5")


def test_a_file_that_is_not_hdf5(tmp_path):
    (tmp_path / "text.h5").write_text("not a run")
    with pytest.raises(FileFormatError, match=r"text\.h5: not a readable HDF5 file"):
        open_run(tmp_path / "text.h5")


def test_a_file_of_another_kind(tmp_path):
    with h5py.File(tmp_path / "net.h5", "w") as h5:
        h5.attrs["format"] = "eiassembly-network"
    with pytest.raises(FileFormatError, match="expected eiassembly-run, found eiassembly-network"):
        open_run(tmp_path / "net.h5")


def test_a_truncated_file(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(FileFormatError, match=r"some_run\.h5"):
        open_run(path)


@pytest.mark.parametrize("missing", ["spikes/E/node_ids", "eiassembly/presentations", "eiassembly/network"])
def test_a_missing_part_is_named(path, missing):
    with h5py.File(path, "r+") as h5:
        del h5[missing]
    with pytest.raises(FileFormatError, match=missing.rsplit("/", 1)[-1]):
        _ = (lambda run: (run.spikes, run.presentations))(open_run(path))


def test_an_id_outside_the_population(path):
    with h5py.File(path, "r+") as h5:
        h5["spikes/E/node_ids"][0] = 40
    with pytest.raises(FileFormatError, match="spikes/E/node_ids: expected 0 to 39"):
        _ = open_run(path).spikes


def test_columns_of_different_length(path):
    with h5py.File(path, "r+") as h5:
        times = h5["spikes/I/timestamps"][:-1]
        del h5["spikes/I/timestamps"]
        h5["spikes/I/timestamps"] = times
    with pytest.raises(FileFormatError, match="spikes/I: expected as many timestamps as node_ids"):
        _ = open_run(path).spikes


def test_nothing_can_be_changed(path):
    with pytest.raises(AttributeError):
        open_run(path).dt = 1.0
