"""Where the exact neuron cannot be had, every command that simulates stops at once, in one line."""

import pytest
from command_line import run_command

from eiassembly.model.simulation.stock_cost import cost_of_stock_neurons

pytestmark = pytest.mark.nest
CONFIG = """
[network]
assemblies = 1
[odors]
novel = 1
duration = 200
"""
CAMPAIGN = f"{CONFIG}[vary.network]\nseed = [1]\n"


@pytest.fixture
def machine(tmp_path):
    """No compiler, and nothing compiled yet."""
    (tmp_path / "c.toml").write_text(CONFIG)
    (tmp_path / "campaign.toml").write_text(CAMPAIGN)
    nowhere = {"PATH": str(tmp_path / "empty"), "XDG_CACHE_HOME": str(tmp_path / "cache"), "CXX": ""}

    def run(*arguments):
        return run_command(*arguments, variables=nowhere, cwd=tmp_path)

    return run


def is_refused(done):
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("eiassembly: error: no C++ compiler: expected ")
    assert "apt-get install g++" in line
    assert f"--neuron nest: {cost_of_stock_neurons()}" in line
    return True


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "c.toml", "--out", "out"),
        ("demo", "--quick", "--out", "out"),
        ("campaign", "run", "campaign.toml", "--out", "out"),
        ("calibrate", "c.toml", "--parameter", "chi", "--values", "1,2", "--out", "out"),
    ],
)
def test_before_anything_is_wired(machine, tmp_path, arguments):
    assert is_refused(machine(*arguments))
    assert not (tmp_path / "out").exists()


def test_simulate_and_lyapunov(machine, tmp_path):
    assert machine("network", "build", "c.toml", "--out", "net.h5").returncode == 0
    assert machine("odors", "build", "c.toml", "--out", "odors.h5").returncode == 0
    assert is_refused(machine("simulate", "net.h5", "odors.h5", "--out", "run.h5"))
    assert is_refused(machine("lyapunov", "net.h5", "odors.h5", "--out", "run.h5"))
    assert not list(tmp_path.glob("run.h5*"))
