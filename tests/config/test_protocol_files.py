"""Protocol files: what is wrong with one is a line that names its line."""

import pytest
from command_line import run_command
from simulations import poisson_odors, random_network, saved

from eiassembly.config.config import parse_config
from eiassembly.config.protocol_file import load_protocol
from eiassembly.core.errors import ConfigError
from eiassembly.core.toml import TomlText


@pytest.mark.parametrize(("text", "line", "message"), [
    ("\n[[curent]]\nids = [1]", 2, "curent: unknown key; did you mean current?"),
    ("# one\n[[current]]\npopulation = 'E'\nids = [1]\nwindows = []\npA = 501.0", 6,
     "current.0.pA: expected at most 500 either way, and not 0"),
    ("[[current]]\npopulation = 'E'\nids = [1]\nwindows = []\npA = 28.0\n\n[[current]]\npopulation = 'E'\n"
     "number = 3\npA = 28.0\nwindow = [[1, 2]]", 11, "current.1.window: unknown key; did you mean windows?"),
    ("[[current]]\npopulation = 'E'\nids = [1]\nwindows = []", 1,
     "current.0.pA: expected this key, found none"),
    ("[[current]]\npopulation = 'E'\nids = [1]\nwindows = [[3, 2]]\npA = 1.0", 4,
     "current.0.windows: expected 0 <= start < stop, found [3, 2]"),
    ("[[perturb]]\npopulation = 'E'\nid = 1\nat = 0.0", 4,
     "perturb.0.at: expected greater than 0, found 0.0"),
    ("[[perturb]]\npopulation = 'E'\nid = 1\nat = 1.0\nchange = 'move'", 5,
     "perturb.0.change: expected 'remove' or 'add', found 'move'"),
    ("[[replay]]\npopulation = 'I'\nrun = 'r.h5'\njitter = 3.0", 4,
     "replay.0.jitter: expected with shuffle = 'jitter' and only there, found it with shuffle = 'none'"),
    ("[[displace]]\npopulation = 'E'\nids = [1]", 1,
     "displace.0.V_m or z or g: expected at least one of these, found none of them"),
    ("[[displace]]\npopulation = 'E'\nids = [1]\nV_m = -21.0", 4,
     "displace.0.V_m: expected at most 20 either"),
    ("[[excitability]]\npopulation = 'E'\nids = [1]\nwindows = []\nlowered_by = 1.0", 5,
     "excitability.0.lowered_by: expected less than 1, found 1.0"),
    ("[[excitability]]\npopulation = 'E'\nids = [1]\naround = [0, 0]\nlowered_by = 0.5\n"
     "[excitability.concentration]\na = 0.5", 7, "excitability.0.concentration.a: expected the number of"),
])  # fmt: skip
def test_mistakes_are_named_with_their_line(text, line, message, tmp_path):
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_protocol(path)
    assert str(caught.value).startswith(f"{path}: line {line}: {message}")


@pytest.mark.nest
def test_what_does_not_fit_the_network_is_named_with_its_line(tmp_path):
    saved(tmp_path, random_network(1), poisson_odors(1, 200))
    text = "[[current]]\npopulation = 'E'\nids = [1]\nwindows = [[1, 2]]\npA = 28.0\n"
    (tmp_path / "p.toml").write_text(text + text.replace("[1]", "[77]"))
    arguments = ("simulate", "net.h5", "odors.h5", "--out", "run.h5", "--protocol", "p.toml")
    done = run_command(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1, "eiassembly: error: p.toml: line 8: current.1.ids: expected at most 59 in E, found 77\n",
    )  # fmt: skip
    done = run_command(*arguments, "--silence", "p.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert "--silence: expected [[silence]] in p.toml, found another file, p.toml" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"net.h5", "odors.h5", "p.toml"}


def test_lines_of_a_configuration():
    text = "[network]\nseed = 1\n[[simulation.current]]\npopulation = 'E'\n[simulation]\nblock = 3"
    source = TomlText("c.toml", text, inside="simulation.")
    assert source.line("current.0.population: found X") == 4
    assert source.line("current.0.ids: none") == 3
    assert source.line("block") == 6
    assert TomlText("c.toml", text).line("nothing.here") is None


def test_tables_of_a_configuration_are_those_of_a_protocol(tmp_path):
    table = {"population": "E", "ids": [1], "windows": [[1, 2]], "pA": 28.0}
    config = parse_config({"simulation": {"current": [table]}}, "x")
    (tmp_path / "p.toml").write_text("[[current]]\npopulation='E'\nids=[1]\nwindows=[[1, 2]]\npA=28.0")
    tables, _ = load_protocol(tmp_path / "p.toml")
    assert tuple(config.simulation.current) == tables["current"]
