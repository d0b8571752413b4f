"""`run`, the whole way in one command; `demo` takes the same way and is run by the continuous integration."""

import json

import h5py
import numpy as np
import pytest

from eiassembly.cli import main
from eiassembly.config.structures import COMPARED
from eiassembly.core.errors import EiassemblyError

CONFIG = """
[network]
structure = "tuned_ei"
[odors]
learned = 1
novel = 1
duration = 200.0
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What `run` leaves behind for two short odors."""
    pytest.importorskip("nest", reason="NEST is not installed")
    folder = tmp_path_factory.mktemp("run")
    (folder / "config.toml").write_text(CONFIG)
    main(["run", str(folder / "config.toml"), "--out", str(folder / "out"), "--set", "simulation.threads=1"])
    return folder / "out"


@pytest.mark.nest
def test_everything_is_there_and_nothing_half_written(results):
    files = {str(path.relative_to(results)) for path in results.rglob("*") if path.is_file()}
    wanted = {"networks/tuned_ei.h5", "odors.h5", "runs/tuned_ei.h5", "results.json", "report.html"}
    assert files == wanted


@pytest.mark.nest
def test_the_run_is_of_this_network_and_these_odors(results):
    with (
        h5py.File(results / "runs" / "tuned_ei.h5") as run,
        h5py.File(results / "networks" / "tuned_ei.h5") as network,
        h5py.File(results / "odors.h5") as odors,
    ):
        root = run["eiassembly"]
        assert root.attrs["complete"]
        assert root.attrs["network_hash"] == network.attrs["content_hash"]
        assert root.attrs["odors_hash"] == odors.attrs["content_hash"]
        config = json.loads(root["config"].asstr()[()])
        assert config["network"]["structure"] == "tuned_ei"
        assert len(run["spikes/E/timestamps"]) > 100


@pytest.mark.nest
def test_every_odor_is_reported_by_its_kind(results):
    (run,) = json.loads((results / "results.json").read_text())["runs"]
    assert set(run["observables"]) == {"learned", "novel"}
    assert run["structure"] == "tuned_ei"


@pytest.mark.nest
def test_the_command_again_gives_the_same_spikes(results, tmp_path):
    """Another block length and number of threads, in the folder of a new run."""
    (tmp_path / "config.toml").write_text(CONFIG + "[simulation]\nblock = 700.0\nthreads = 2\n")
    main(["run", str(tmp_path / "config.toml"), "--out", str(tmp_path / "out")])
    with (
        h5py.File(results / "runs" / "tuned_ei.h5") as first,
        h5py.File(tmp_path / "out" / "runs" / "tuned_ei.h5") as second,
    ):
        for name in ("OB", "E", "I"):
            for dataset in ("timestamps", "node_ids"):
                path = f"spikes/{name}/{dataset}"
                np.testing.assert_array_equal(first[path][:], second[path][:])


THREE = """
[network]
preset = "dp3_B"
structure = "tuned_i"
assemblies = 2
[odors]
novel = 1
duration = 200.0
[simulation]
threads = 1
[[simulation.silence]]
population = "FBI"
fraction = 0.5
around = [-500.0, 0.0]
"""


@pytest.mark.nest
def test_feedback_and_feedforward_inhibition_with_silenced_neurons(tmp_path):
    pytest.importorskip("nest", reason="NEST is not installed")
    (tmp_path / "config.toml").write_text(THREE)
    main(["run", str(tmp_path / "config.toml"), "--out", str(tmp_path)])
    (run,) = json.loads((tmp_path / "results.json").read_text())["runs"]
    assert run["rates_Hz"]["novel"].keys() == {"E", "FBI", "FFI"}
    assert "Odor rate, FFI" in (tmp_path / "report.html").read_text()
    with h5py.File(tmp_path / "runs" / "tuned_i.h5") as h5:
        (silence,) = json.loads(h5["eiassembly/config"].asstr()[()])["simulation"]["silence"]
        assert set(h5["spikes"]) == {"OB", "E", "FBI", "FFI"}
    assert (silence["population"], silence["fraction"], silence["around"]) == ("FBI", 0.5, [-500.0, 0.0])


@pytest.mark.nest
def test_a_directory_that_cannot_be_made_is_one_line(tmp_path, capsys):
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "config.toml"), "--out", str(tmp_path / "file" / "out")])
    assert ended.value.code == 1
    assert "cannot make the directory: a part of the path is not a directory" in capsys.readouterr().err


@pytest.mark.nest
def test_the_demo_simulates_all_structures_side_by_side(monkeypatch, tmp_path):
    """Only what is asked for: the simulations themselves are `run`'s."""
    asked = {}

    def stop(commands, at_once, in_detail):
        asked.update(commands)
        raise EiassemblyError("enough")

    monkeypatch.setattr("eiassembly.campaign.batch.run_commands", stop)
    with pytest.raises(SystemExit):
        main(["demo", "--quick", "--out", str(tmp_path / "demo")])
    assert tuple(asked) == COMPARED
    assert {p.stem for p in (tmp_path / "demo" / "networks").iterdir()} == set(COMPARED)
    assert not (tmp_path / "demo" / "report.html").exists()
