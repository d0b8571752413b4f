"""The wheel at work where there is no compiler: the authors' spikes on every level of the processor.

EIASSEMBLY_WHEEL names a wheel that was built before; else one is built, if NEST is the ready-made package.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from authors_data import CONNEC, FOLDER, ODORS, needs_authors_data, strengths

from eiassembly.core.nest_installation import find_nest
from eiassembly.model.neuron.prebuilt import FOLDER as PREBUILT
from eiassembly.model.neuron.prebuilt import platform_of
from eiassembly.model.neuron.processor import LEVELS, VARIABLE, levels

pytestmark = pytest.mark.nest
INSIDE = f"eiassembly/model/neuron/{PREBUILT.name}"


@pytest.fixture(scope="session")
def platform():
    """Name of the ready-made package that NEST is here."""
    name = platform_of(find_nest())
    return name or pytest.skip("this NEST is not the ready-made package for x86-64")


@pytest.fixture(scope="session")
def wheel(platform, repository, tmp_path_factory):
    given = os.environ.get("EIASSEMBLY_WHEEL")
    if given:
        return Path(given)
    if not shutil.which("g++"):
        pytest.skip("no g++ on the PATH")
    out = tmp_path_factory.mktemp("wheel")
    source = tmp_path_factory.mktemp("clone") / "eiassembly"
    leave_out = shutil.ignore_patterns(".*", "results", "build", "dist", "tests", "docs")
    shutil.copytree(repository, source, symlinks=True, ignore=leave_out)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, source]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def command(unpacked, tmp_path):
    """Run the wheel's command with nothing but its own files and the libraries of this environment."""

    def run(*arguments, **variables):
        environment = {
            "PYTHONPATH": str(unpacked),
            "PATH": str(tmp_path / "empty"),
            "HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            **variables,
        }
        return subprocess.run(
            [sys.executable, "-P", "-m", "eiassembly", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_it_carries_the_neuron_for_every_level(unpacked, platform):
    manifest = json.loads((unpacked / INSIDE / "manifest.json").read_text())
    modules = {f"{platform}/{level}/eiassembly_module.so" for level in LEVELS}
    assert set(manifest["files"]) == modules
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((unpacked / INSIDE / name).read_bytes()).hexdigest() == digest
    assert len(set(manifest["files"].values())) == len(LEVELS)


@needs_authors_data
@pytest.mark.parametrize("level", LEVELS)
def test_the_authors_spikes_without_a_compiler(command, tmp_path, level):
    if level not in levels():
        pytest.skip(f"this processor is not of level {level}")
    strong = ",".join(map(str, strengths("connec_A_1")))
    for arguments in (
        ("network", "import", CONNEC / "connec_A_1.mat", "--strengths", strong, "--out", "net.h5"),
        ("odors", "import", ODORS / "odorset_10learned.mat", "--out", "odors.h5"),
        ("simulate", "net.h5", "odors.h5", "--out", "run.h5", "--duration", "3000"),
    ):
        done = command(*arguments, **{VARIABLE: level})
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "cache" / "eiassembly" / "extension").exists(), "something was compiled"
    with (
        h5py.File(tmp_path / "run.h5") as run,
        np.load(FOLDER / "expected" / "spikes_A_1_rand_learned_3s.npz") as want,
    ):
        for population, letter in (("E", "e"), ("I", "i")):
            spikes = run[f"spikes/{population}"]
            steps = np.rint(spikes["timestamps"][:] / 0.1).astype(int)
            order = np.lexsort((spikes["node_ids"][:], steps))
            assert np.array_equal(steps[order], want[f"{letter}_step"])
            assert np.array_equal(spikes["node_ids"][:][order], want[f"{letter}_id"])
