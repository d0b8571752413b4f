"""``network`` and ``odors``: what users type, what they get, one line when it cannot be done."""

import re

import numpy as np
import pytest
from scipy import io

from eiassembly.cli import main
from eiassembly.connectivity.files import network as network_file
from eiassembly.odors import file as odor_file


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('[network]\nstructure = "tuned_ei"\n[odors]\nnovel = 1\n')
    return str(path)


def failing(capsys, *arguments):
    """Standard error of a command that must fail without a traceback."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    assert caught.value.code not in (0, None)
    return capsys.readouterr().err


def test_build_and_info(config, tmp_path, capsys):
    net = tmp_path / "NET.h5"
    main(["network", "build", config, "--out", str(net), "--set", "network.seed=2"])
    wiring = network_file.load(net)
    assert wiring.description["config"]["network"]["seed"] == 2
    main(["network", "info", str(net)])
    text = capsys.readouterr().out
    for expected in ("network       A tuned_ei, seed 2", wiring.content_hash(), "E → E"):
        assert expected in text
    found = {symbol: float(value) for symbol, value in re.findall("([αβγ]) = ([0-9.]+)", text)}
    # Measured on the authors' matrices: α 4.8–5.1, β 3.9–4.1, γ 2.8–2.9.
    for symbol, (low, high) in {"α": (4.8, 5.1), "β": (3.9, 4.1), "γ": (2.75, 2.95)}.items():
        assert low <= found[symbol] <= high


def test_network_and_odors_of_one_configuration_agree(config, tmp_path):
    net, odors = tmp_path / "NET.h5", tmp_path / "ODORS.h5"
    main(["network", "build", config, "--out", str(net)])
    main(["odors", "build", config, "--out", str(odors), "--set", "odors.learned=1"])
    wiring, odor_set = network_file.load(net), odor_file.load(odors)
    received = wiring.projection("OB", "E").matrix()
    for assembly, odor in zip(wiring.assemblies, odor_set.odors, strict=False):
        assert assembly.odor == odor.number
        assert received[assembly.excitatory][:, odor.activated].sum() / 100 > 7
    assert [p.kind for p in odor_set.presentations] == ["novel", "learned"]


def matrices(tmp_path, name):
    sizes = {"o": 6, "e": 8, "i": 4}
    keys = ("w_oe", "w_oi", "w_ee", "w_ei", "w_ie", "w_ii")
    io.savemat(tmp_path / name, {key: np.ones((sizes[key[2]], sizes[key[3]])) for key in keys})
    return str(tmp_path / name)


def test_import(tmp_path, capsys):
    net, mat = tmp_path / "NET.h5", matrices(tmp_path, "connec.mat")
    scaled = ["--inhibition-from", matrices(tmp_path, "rand.mat"), "--chi", "1.5"]
    main(["network", "import", mat, "--strengths", "1,2,3,4,5,6", *scaled, "--out", str(net)])
    assert network_file.load(net).projection("I", "E").strength == 3
    main(["network", "info", str(net)])
    assert "imported from connec.mat" in capsys.readouterr().out


@pytest.mark.parametrize("strengths", ["1,2", "1,2,3,4,5,x", "1,2,3,4,5,-6", "1,2,3,4,5,inf", ""])
def test_bad_strengths(tmp_path, capsys, strengths):
    mat = matrices(tmp_path, "connec.mat")
    error = failing(
        capsys, "network", "import", mat, "--strengths", strengths, "--out", str(tmp_path / "n.h5")
    )
    assert "expected six positive numbers EE,IE,OE,EI,OI,II" in error


def test_inhibition_needs_chi(tmp_path, capsys):
    mat = matrices(tmp_path, "connec.mat")
    options = ["--strengths", "1,2,3,4,5,6", "--inhibition-from", mat, "--out", str(tmp_path / "n.h5")]
    assert "--chi" in failing(capsys, "network", "import", mat, *options)


@pytest.mark.parametrize(("arguments", "message"), [
    (["network", "build", "none.toml", "--out", "n.h5"], "none.toml: cannot read the configuration: no such"),
    (["network", "info", "none.h5"], "none.h5: no such file"),
    (["odors", "import", "none.mat", "--out", "o.h5"], "none.mat: no such file"),
    (["network", "import", "none.mat", "--strengths", "1,2,3,4,5,6", "--out", "n.h5"], "none.mat: no such"),
    (["network", "build", "{config}", "--out", "no/such/n.h5"], "the directory no/such does not exist"),
    (["odors", "build", "{config}", "--out", "o.h5", "--set", "odors.nvel=3"], "odors.nvel: unknown key"),
])  # fmt: skip
def test_errors_are_one_line_and_leave_nothing(config, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    error = failing(capsys, *(a.format(config=config) for a in arguments))
    assert error.startswith("eiassembly: error: ")
    assert message in error
    assert error.count("\n") == 1
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", [
    ["network", "build"], ["network", "import"], ["network", "info"], ["odors", "build"], ["odors", "import"],
])  # fmt: skip
def test_help_has_an_example(command, capsys):
    main([*command, "--help"])
    assert f"Example: eiassembly {' '.join(command)}" in capsys.readouterr().out
