"""A network that several ranks build together, and what they say when they cannot."""

import os
import re

import pytest
from command_line import run_command
from mpi_runs import mpirun, needs_mpi, own_lines
from small_networks import same

from eiassembly.config.config import load_config
from eiassembly.connectivity.build import build
from eiassembly.connectivity.files import network as network_file

pytestmark = [needs_mpi, pytest.mark.nest]
CONFIG = """
[network]
structure = "tuned_ei"
assemblies = 4
scale = 2
seed = 5
"""
BUILD = ("network", "build", "c.toml", "--out", "net.h5")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "c.toml").write_text(CONFIG)
    return tmp_path


def test_all_ranks_build_the_network_of_one(folder):
    alone = build(load_config(folder / "c.toml"))
    for ranks in (2, 3):
        done = run_command(*BUILD, prefix=mpirun(ranks), cwd=folder, timeout=120)
        assert done.returncode == 0, done.stderr
        contacts = sum(projection.n_contacts for projection in alone.projections)
        assert done.stdout == f"net.h5: network A tuned_ei, {contacts} contacts\n"
        together = network_file.load(folder / "net.h5")  # checks the hash that was written, too
        assert together.content_hash() == alone.content_hash()
        assert together.description == alone.description
        same(together, alone)
        assert sorted(os.listdir(folder)) == ["c.toml", "net.h5"]


@pytest.mark.parametrize(("arguments", "said"), [
    ((*BUILD, "--set", "network.scale=0"), "c.toml: network.scale: expected greater .* 1, found 0"),
    ((*BUILD, "--set", "network.alpha=90"), r"network.alpha: expected at most [\d.]+ \(.*\), found 90"),
    (("network", "build", "c.toml", "--out", "none/net.h5"), "none/net.h5: cannot write: .* does not exist"),
    (("network", "info", "net.h5"), "network info: expected one process, the launcher started 2; .*"),
    (("odors", "build", "c.toml", "--out", "o.h5"), "odors: expected one process, .* started 2; .*"),
])  # fmt: skip
def test_one_of_them_says_why_not(arguments, said, folder):
    done = run_command(*arguments, prefix=mpirun(2), cwd=folder, timeout=120)
    assert done.returncode != 0
    (line,) = own_lines(done.stderr)
    assert re.fullmatch(f"eiassembly: error: {said}", line)
    assert os.listdir(folder) == ["c.toml"]
