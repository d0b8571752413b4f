"""Who started this process, and that several processes give the spikes of one."""

import dataclasses
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from command_line import run_command
from run_files import random_wiring

from eiassembly.connectivity import storage
from eiassembly.model import odor_storage
from eiassembly.model.errors import EnvironmentProblemError
from eiassembly.model.launcher import launched_size, world_of
from eiassembly.model.nest_installation import NestInstallation, find_nest
from eiassembly.model.odors import OdorSet

NEST = NestInstallation("3.10.0", Path("library"), Path("include"), has_mpi=False, cxx11_strings=True)


@pytest.mark.parametrize(
    ("environment", "size"),
    [
        ({}, 1),
        ({"OMPI_COMM_WORLD_SIZE": "4"}, 4),
        ({"PMI_SIZE": "2"}, 2),
        ({"SLURM_STEP_ID": "0", "PMIX_RANK": "1", "SLURM_STEP_NUM_TASKS": "8"}, 8),
        ({"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "8"}, 1),
        ({"OMPI_COMM_WORLD_SIZE": "?"}, 1),
    ],
)
def test_size_as_the_launcher_says(environment, size):
    assert launched_size(environment) == size


def test_one_process_needs_no_mpi(monkeypatch):
    monkeypatch.setattr("eiassembly.model.launcher.launched_size", lambda: 1)
    assert world_of(NEST).size == 1


def test_several_processes_with_a_nest_without_mpi_are_refused(monkeypatch):
    monkeypatch.setattr("eiassembly.model.launcher.launched_size", lambda: 2)
    with pytest.raises(EnvironmentProblemError, match="built without MPI"):
        world_of(NEST)


def test_an_mpi_that_is_not_the_launchers_is_refused(monkeypatch):
    world = type("World", (), {"size": 1, "rank": 0})
    monkeypatch.setattr("eiassembly.model.launcher.launched_size", lambda: 2)
    monkeypatch.setattr("eiassembly.model.launcher.MpiWorld", world)
    with pytest.raises(EnvironmentProblemError, match="mpi4py sees 1: it belongs to another MPI"):
        world_of(dataclasses.replace(NEST, has_mpi=True))


def simulated(folder, name, *launcher):
    """Spikes and records of a run of the same files."""
    options = ("--record", "V_m,z,g_E", "--cells", "7")
    done = run_command("simulate", "net.h5", "odors.h5", "--out", name, *options, prefix=launcher, cwd=folder)
    assert done.returncode == 0, done.stderr
    with h5py.File(folder / name) as h5:
        spikes = {p: (h5[f"spikes/{p}/timestamps"][:], h5[f"spikes/{p}/node_ids"][:]) for p in h5["spikes"]}
        records = {p: h5[f"eiassembly/records/{p}/V_m"][:] for p in h5["eiassembly/records"]}
    return spikes, records


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small network that fires, and 2 s of input."""
    if not find_nest().has_mpi:
        pytest.skip("this NEST is built without MPI")
    if not shutil.which("mpirun"):
        pytest.skip("no mpirun on the PATH")
    folder = tmp_path_factory.mktemp("mpi")
    wiring = random_wiring(4, sizes={"OB": 60, "E": 90, "I": 31})
    rng = np.random.default_rng(3)
    steps, ids = np.nonzero(rng.random((20_000, 60)) < 0.004)
    storage.save(wiring, folder / "net.h5")
    odor_storage.save(OdorSet(60, 0.1, 20_000, (), (), steps + 1, ids), folder / "odors.h5")
    return folder


def test_ranks_do_not_matter(files):
    one_spikes, one_records = simulated(files, "one.h5")
    assert all(len(times) > 500 for times, _ in one_spikes.values())
    for ranks in (2, 3):
        launcher = ("mpirun", "--oversubscribe", "-n", str(ranks))
        spikes, records = simulated(files, f"{ranks}.h5", *launcher)
        for population, train in one_spikes.items():
            for values, wanted in zip(spikes[population], train, strict=True):
                np.testing.assert_array_equal(values, wanted)
            if population in one_records:
                np.testing.assert_array_equal(records[population], one_records[population])


def test_an_error_ends_all_ranks(files):
    launcher = ("mpirun", "--oversubscribe", "-n", "2")
    files_and_out = ("none.h5", "odors.h5", "--out", "never.h5")
    done = run_command("simulate", *files_and_out, prefix=launcher, cwd=files, timeout=120)
    assert done.returncode != 0
    assert "none.h5: no such file; expected an eiassembly-network file" in done.stderr
    assert not list(files.glob("never*"))
