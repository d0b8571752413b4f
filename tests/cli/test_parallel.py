"""Commands side by side: what they say, and what happens when one fails."""

import pytest

from eiassembly.campaign.parallel import run_commands
from eiassembly.core.errors import EiassemblyError


def test_a_failure_is_passed_on_with_the_name_of_the_command(tmp_path):
    commands = {"good": ["--version"], "bad": ["network", "info", str(tmp_path / "none.h5")]}
    with pytest.raises(EiassemblyError, match=r"^bad: .*none\.h5: no such file"):
        run_commands(commands, 2)


def test_what_has_not_begun_is_not_run(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[odors]\nnovel = 1\n")
    builds = {
        f"later {k}": ["odors", "build", str(config), "--out", str(tmp_path / f"{k}.h5")] for k in range(8)
    }
    with pytest.raises(EiassemblyError, match=r"^bad: "):
        run_commands({"bad": ["network", "info", "none.h5"], **builds}, 1)
    assert not (tmp_path / "7.h5").exists()


def test_lines_carry_the_name_of_their_command(capfd):
    with pytest.raises(EiassemblyError, match=r"^wrong: "):
        run_commands({"wrong": ["network", "no-such-command"]}, 1)
    lines = capfd.readouterr().err.splitlines()
    assert lines
    assert all(line.startswith("wrong: ") for line in lines)
