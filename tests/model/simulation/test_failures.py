"""What goes wrong in ``eiassembly simulate``: one line says what, nothing half-written has the final name."""

import os
import re
import resource
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from command_line import COMMAND, environment, run_command
from nest_kernel import fresh_kernel
from simulations import poisson_odors, random_network, saved, simulated

from eiassembly.analysis.runs.run import open_run
from eiassembly.cli import main
from eiassembly.config.parameters import EXCITATORY
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.errors import EnvironmentProblemError, FileFormatError
from eiassembly.core.files import ensure_writable_target
from eiassembly.core.hdf5 import created
from eiassembly.model.simulation.stock_cost import cost_of_stock_neurons
from eiassembly.odors import file as odor_file

pytestmark = pytest.mark.nest

NETWORK, ODORS = random_network(1, drive=3.0), poisson_odors(1, 2000)
RUN = ("simulate", "net.h5", "odors.h5", "--out", "run.h5")


@pytest.fixture(scope="module", autouse=True)
def started_nest():
    """Later its banner would be among what a command prints."""
    fresh_kernel()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """NET.h5 and ODORS.h5 in the working directory."""
    saved(tmp_path, NETWORK, ODORS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def one_error(text):
    """The error among the lines of progress, and what stock neurons cost."""
    others = ("simulated ", f"eiassembly: {cost_of_stock_neurons()}")
    lines = [line for line in text.splitlines() if line and not line.startswith(others)]
    assert len(lines) == 1, text
    assert lines[0].startswith("eiassembly: error: ")
    return lines[0].removeprefix("eiassembly: error: ")


def refusal(capfd, *arguments):
    """The error of a command that must fail and leave all files as they are."""
    before = contents(Path())
    with pytest.raises(SystemExit, match="1"):
        main(list(arguments))
    assert contents(Path()) == before
    captured = capfd.readouterr()
    assert captured.out == ""
    return one_error(captured.err)


def assert_matches(text, pattern):
    assert re.match(pattern, text), f"{text!r} is not {pattern!r}"


def edited(name, change):
    """What changes an HDF5 file."""

    def edit():
        with h5py.File(name, "r+") as h5:
            change(h5)

    return edit


def without(*keys):
    """Lose an object or, if it is named too, an attribute of it."""

    def change(h5):
        place, *attribute = keys
        if attribute:
            del h5[place].attrs[attribute[0]]
        else:
            del h5[place]

    return change


def one_more(dataset):
    def change(h5):
        h5[dataset][-1] += 1

    return change


def as_group(dataset):
    def change(h5):
        del h5[dataset]
        h5.create_group(dataset)

    return change


def written(name, text):
    return lambda: Path(name).write_text(text, encoding="utf-8")


def truncated(name):
    return lambda: os.truncate(name, 5000)


def saved_network(**changes):
    neuron = EXCITATORY.model_copy(update=changes)
    return lambda: network_file.save(random_network(1, {"E": neuron, "I": neuron}), Path("net.h5"))


def saved_odors(**changes):
    return lambda: odor_file.save(poisson_odors(1, 100, **changes), Path("odors.h5"))


BAD_FILES = {
    "no network": (lambda: os.remove("net.h5"), "net.h5: no such file; expected an eiassembly-network file"),
    "no odors": (lambda: os.remove("odors.h5"), "odors.h5: no such file; expected an eiassembly-odors file"),
    "empty": (written("net.h5", ""), "net.h5: not a readable HDF5 file"),
    "text": (written("odors.h5", "not HDF5"), "odors.h5: not a readable HDF5 file"),
    "half a network": (truncated("net.h5"), "net.h5: not a readable HDF5 file .*truncated"),
    "half of the odors": (truncated("odors.h5"), "odors.h5: not a readable HDF5 file .*truncated"),
    "other HDF5": (edited("net.h5", without("/", "format")),
                   "net.h5: attribute format: expected eiassembly-network, found nothing"),
    "odors as network": (lambda: shutil.copy("odors.h5", "net.h5"),
                          "net.h5: attribute format: expected eiassembly-network, found eiassembly-odors"),
    "network as odors": (lambda: shutil.copy("net.h5", "odors.h5"),
                          "odors.h5: attribute format: expected eiassembly-odors, found eiassembly-network"),
    "newer": (edited("net.h5", lambda h5: h5.attrs.modify("version_number", 99)),
              "net.h5: attribute version_number: expected 2, found 99; a newer"),
    "older": (edited("net.h5", lambda h5: h5.attrs.modify("version_number", 1)),
              "net.h5: attribute version_number: expected 2, found 1; .*make it again"),
    "changed contact": (edited("net.h5", one_more("projections/E_to_I/multiplicity")),
                        "net.h5: .*content_hash"),
    "changed spike": (edited("odors.h5", one_more("spikes/steps")), "odors.h5: .*content_hash"),
    "lost dataset": (edited("net.h5", without("projections/E_to_I/sources")), "net.h5: damaged .*sources"),
    "lost attribute": (edited("net.h5", without("projections/E_to_I", "strength")),
                       "net.h5: damaged .*strength"),
    "lost spikes": (edited("odors.h5", without("spikes/ids")), "odors.h5: damaged .*ids"),
    "group": (edited("net.h5", as_group("projections/E_to_I/sources")), "net.h5: damaged"),
    "no JSON": (edited("odors.h5", as_group("description")), "odors.h5: damaged"),
    "impossible neuron": (edited("net.h5", lambda h5: h5["populations/E"].attrs.modify("tau_m", -1.0)),
                          "net.h5: .*tau_m: Input should be greater than 0, found -1"),
    "other mitral cells": (saved_odors(n_mitral=39),
                           "net.h5: mitral cells: expected the 39 of odors.h5, found 40"),
    "other time step": (saved_odors(dt=0.2), "odors.h5: dt: expected 0.1 ms, found 0.2 ms"),
    "short refractory period": (saved_network(t_ref=0.05), "net.h5: .*t_ref must be at least one time step"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files(case, folder, capfd):
    harm, message = BAD_FILES[case]
    harm()
    assert_matches(refusal(capfd, *RUN), message)


BAD_OPTIONS = {
    ("--record", "V_m,foo"): "--record: expected some of V_m, z, g_OB, g_E, g_I .*found foo",
    ("--record", "g_X"): "--record: expected some of V_m, z, g_OB, g_E, g_I .*found g_X",
    ("--record", ""): "--record: expected .*found nothing",
    ("--record", "g_E", "--neuron", "nest"): "--record: expected some of V_m .*stock NEST neurons.* g_E",
    ("--duration", "10.05"): "--duration: expected a multiple of 0.1 ms, found 10.05 ms",
    ("--duration", "1e-9"): "--duration: expected at least 0.1 ms",
    ("--duration", "200.1"): r"--duration: expected at most 200 ms \(odors.h5\), found 200.1 ms",
    ("--duration", "-1"): "--duration: expected greater than 0, found -1",
    ("--duration", "nan"): "--duration: expected a finite number, found nan",
    ("--delay", "0.05"): "--delay: expected a multiple of 0.1 ms",
    ("--delay", "0"): "--delay: expected greater than 0",
    ("--every", "0.25"): "--every: expected a multiple of 0.1 ms",
    ("--cells", "0"): "--cells: expected greater than or equal to 1",
    ("--threads", "0"): "--threads: expected greater than or equal to 1",
    ("--threads", "5000"): "--threads: expected less than or equal to 1024",
    ("--block", "inf"): "--block: expected a finite number",
    ("--out", "net.h5"): "--out: expected another file than what is simulated, found net.h5",
    ("--out", "./odors.h5"): "--out: expected another file than what is simulated, found odors.h5",
    ("--out", "."): r"\.: cannot write: it is a directory",
    ("--out", "no/run.h5"): "no/run.h5: cannot write: the directory no does not exist",
    ("--out", "net.h5/run.h5"): "net.h5/run.h5: cannot write: the directory net.h5 does not exist",
    ("--out", "/proc/run.h5"): "/proc/run.h5: cannot write: no file can be made in /proc",
    ("--out", os.devnull): f"{os.devnull}: cannot write: it is a device",
}  # fmt: skip


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=" ".join)
def test_bad_options(options, folder, capfd):
    assert_matches(refusal(capfd, *RUN, *options), BAD_OPTIONS[options])


def test_a_process_of_its_own(folder):
    """As above, but nothing shared with the tests; the result of an earlier run stays."""
    done = run_command(*RUN, "--duration", "10")
    assert (done.returncode, done.stdout) == (0, "run.h5: written\n")
    before = contents(folder)
    os.remove("odors.h5")
    done = run_command(*RUN)
    assert done.returncode == 1
    assert one_error(done.stderr).startswith("odors.h5: no such file")
    assert contents(folder) == {name: time for name, time in before.items() if name != "odors.h5"}
    assert open_run(Path("run.h5")).duration == 10


def test_no_room_for_the_whole_result(folder):
    """After some good blocks."""
    recording = {"record": ("V_m", "z", "g_E", "g_I"), "every": 0.1, "cells": 60}
    size = simulated(folder, NETWORK, ODORS, **recording).rename("run.h5").stat().st_size
    before = contents(folder)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(0.9 * size), resource.RLIM_INFINITY))

    options = ("--record", "V_m,z,g_E,g_I", "--every", "0.1", "--cells", "60", "--block", "20")
    done = run_command(*RUN, *options, preexec_fn=limit)
    assert done.returncode == 1
    assert one_error(done.stderr) == "run.h5: cannot write: the file is larger than allowed"
    assert "simulated" in done.stderr
    assert contents(folder) == before


def can_mount():
    return shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


needs_mounts = pytest.mark.skipif(not can_mount(), reason="mounting a file system needs root")


def mounted(mount):
    """Command prefix that runs what follows with something mounted on the folder `disk`."""
    return ("unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh")


@needs_mounts
@pytest.mark.parametrize("room", ["16k", "400k"])
def test_a_full_disk(room, folder):
    (folder / "disk").mkdir()
    prefix = mounted(f"mount -t tmpfs -o size={room} none disk")
    done = run_command(*RUN[:-1], "disk/run.h5", prefix=prefix)
    assert done.returncode == 1
    assert one_error(done.stderr) == "disk/run.h5: cannot write: no space left on the device"


@needs_mounts
def test_a_read_only_file_system(folder):
    (folder / "disk").mkdir()
    prefix = mounted("mount --bind disk disk && mount -o remount,bind,ro disk")
    done = run_command(*RUN[:-1], "disk/run.h5", prefix=prefix)
    assert done.returncode == 1
    assert one_error(done.stderr).startswith(
        "disk/run.h5: cannot write: no file can be made in disk: the file system"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(EnvironmentProblemError, match="permission denied"):
        ensure_writable_target(tmp_path / "run.h5")


def test_two_processes_cannot_write_one_file(tmp_path):
    path = tmp_path / "run.h5"
    with created(path) as first:
        first["x"] = np.arange(3)
        with (
            pytest.raises(EnvironmentProblemError, match=r"run.h5: .*another process is writing it"),
            created(path),
        ):
            pass
    with h5py.File(path) as h5:
        assert h5["x"][:].tolist() == [0, 1, 2]
    with created(path) as again:  # what the first has left does not hinder
        again["y"] = 1


def test_interrupted_in_mid_run(folder):
    """Ctrl-C: the earlier result stays, what there is of the new one says that it is not whole."""
    (folder / "run.h5").write_text("an earlier result")
    odor_file.save(replace(ODORS, n_steps=1_000_000), Path("odors.h5"))
    process = subprocess.Popen(
        [*COMMAND, *RUN, "--block", "100"], stderr=subprocess.PIPE, text=True, env=environment()
    )
    assert process.stderr is not None
    with process:
        assert process.stderr.readline().startswith("simulated ")
        process.send_signal(signal.SIGINT)
        error = process.stderr.read()
    assert process.returncode == 130
    assert [line for line in error.splitlines() if line and "simulated" not in line] == [
        "eiassembly: interrupted"
    ]
    assert (folder / "run.h5").read_text() == "an earlier result"
    with h5py.File("run.h5.partial") as h5:
        assert 0 < h5["eiassembly"].attrs["simulated"] < 100_000
    with pytest.raises(FileFormatError, match="expected a complete run"):
        open_run(Path("run.h5.partial"))
