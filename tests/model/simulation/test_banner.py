"""What a simulation prints when its output is a file or a pipe, and where the file system has no locks."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
from command_line import COMMAND, environment, run_command
from no_locks import REFUSALS, refusing_flock
from simulations import poisson_odors, random_network, saved, spikes_of

pytestmark = pytest.mark.nest
RUN = ("simulate", "net.h5", "odors.h5", "--threads", "1", "--out")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """NET.h5, ODORS.h5 and a run of them."""
    folder = tmp_path_factory.mktemp("banner")
    saved(folder, random_network(1, drive=3.0), poisson_odors(1, 2000))
    done = run_command(*RUN, "usual.h5", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "usual.h5: written\n"), done.stderr
    return folder


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nests_banner_is_not_in_the_output(unbuffered, folder):
    """Neither in a file nor in a pipe, whether Python holds back what it prints or not."""
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [*COMMAND, *RUN, "run.h5"],
            stdout=log,
            check=True,
            cwd=folder,
            env=environment(PYTHONUNBUFFERED=unbuffered),
        )
    assert (folder / "log").read_text(encoding="utf-8") == "run.h5: written\n"
    done = run_command(*RUN, "run.h5", cwd=folder, variables={"PYTHONUNBUFFERED": unbuffered})
    assert done.stdout == "run.h5: written\n"


@pytest.mark.parametrize("before", ["print('before')", "import ctypes; ctypes.CDLL(None).puts(b'before')"])
def test_what_was_printed_before_stays(before, folder):
    """Also what waits in a buffer of the C library."""
    code = f"{before}; from eiassembly.cli import main; main({[*RUN, 'run.h5']})"
    done = run_command("-c", code, command=(sys.executable,), cwd=folder, variables={"PYTHONUNBUFFERED": ""})
    assert done.stdout == "before\nrun.h5: written\n"


@pytest.mark.parametrize("refusal", REFUSALS)
def test_the_spikes_are_the_same_without_locks(refusal, folder, tmp_path):
    variables = refusing_flock(tmp_path) | {"REFUSED_WITH": str(refusal)}
    options = ("--checkpoint-every", "50", "--block", "50")
    done = run_command(*RUN, "unlocked.h5", *options, cwd=folder, variables=variables)
    assert (done.returncode, done.stdout) == (0, "unlocked.h5: written\n"), done.stderr
    usual, unlocked = spikes_of(folder / "usual.h5"), spikes_of(folder / "unlocked.h5")
    for population, spikes in usual.items():
        np.testing.assert_array_equal(unlocked[population], spikes)
    with h5py.File(folder / "unlocked.h5") as h5:
        assert h5["eiassembly"].attrs["complete"]
    assert not list(folder.glob("*in-use*"))


def test_nest_reads_no_arguments_of_ours(folder, tmp_path):
    """A name that the locale cannot decode, and one that NEST would take for an option of its own."""
    place = tmp_path / "Grüße an α"
    place.mkdir()
    for name in ("net.h5", "odors.h5"):
        (place / name).write_bytes((folder / name).read_bytes())
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for variables in ({"LANG": "C"}, ascii_only):
        files = place / "net.h5", place / "odors.h5", "--out", place / "Läufe.h5"
        done = run_command("simulate", *files, "--threads", "1", cwd=place, variables=variables)
        assert done.returncode == 0, done.stderr
        np.testing.assert_array_equal(spikes_of(place / "Läufe.h5")["E"], spikes_of(folder / "usual.h5")["E"])
