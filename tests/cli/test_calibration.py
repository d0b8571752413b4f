"""The command calibrate: networks with several values, what it says of them, what it refuses."""

import json
import re

import pytest
from command_line import run_command

CONFIG = """
[network]
structure = "scaled_i"
[odors]
learned = 1
"""


def calibrate(folder, *arguments, config=CONFIG):
    (folder / "c.toml").write_text(config)
    return run_command("calibrate", "c.toml", *arguments, "--out", "out", cwd=folder, timeout=180)


@pytest.mark.nest
def test_more_inhibition_less_activity(tmp_path):
    done = calibrate(tmp_path, "--parameter", "chi", "--values", "1,3", "--seeds", "1,2", "--refine", "1")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "calibration.json").read_text())
    strong, best, weak = sorted(found["measurements"], key=lambda m: m["ratio"])
    assert (strong["value"], weak["value"]) == (3, 1)
    assert strong["ratio"] < 0.85 < 1.15 < weak["ratio"]
    assert 1 < best["value"] < 3  # between them, as rand is
    assert all(len(m["rates"]) == 2 for m in found["measurements"])
    assert strong["reference"] == weak["reference"] == best["reference"]  # rand is simulated once
    assert found["crossing"] == pytest.approx(best["value"], abs=1)
    assert f"χ = {found['best']:g} is nearest to the rate of rand" in done.stdout
    assert (tmp_path / "out" / "calibration.png").stat().st_size > 10_000
    assert sorted(done.stderr.splitlines())[0] == "chi 1, seed 1: simulated"


@pytest.mark.parametrize(("arguments", "said"), [
    (("--parameter", "chi", "--values", "2,1"), "expected at least two increasing .* found 2,1"),
    (("--parameter", "chi", "--values", "1:2"), "expected at least two increasing .* found 1:2"),
    (("--parameter", "chi", "--values", "1:2:0"), "expected at least two increasing .* found 1:2:0"),
    (("--parameter", "chi", "--values", "0,1"), "expected at least two increasing .* found 0,1"),
    (("--parameter", "chi", "--values", "1,2", "--seeds", "1,1"), "expected different seeds .* found 1,1"),
    (("--parameter", "chi", "--values", "1,2", "--seeds", "a"), "expected different seeds .* found a"),
    (("--parameter", "delta", "--values", "1,2"), "'delta' is not one of"),
])  # fmt: skip
def test_bad_input(arguments, said, tmp_path):
    done = calibrate(tmp_path, *arguments)
    assert done.returncode == 2
    assert re.search(said, done.stderr)
    assert not (tmp_path / "out").exists()


def test_bad_configuration(tmp_path):
    done = calibrate(tmp_path, "--parameter", "chi", "--values", "1,2", config="[network]\npreset = 'Z'")
    assert done.returncode == 1
    assert re.search(r"c\.toml: line \d+: network\.preset: expected", done.stderr)
    assert not (tmp_path / "out").exists()
