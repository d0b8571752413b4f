"""``network info``, ``export`` and ``import-sonata`` as users type them."""

import json

import pytest
from small_wirings import three, two

from eiassembly.cli import main
from eiassembly.connectivity.files import network as network_file


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network_file.save(two(), tmp_path / "NET.h5")
    return "NET.h5"


def failing(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(["network", *arguments])
    assert caught.value.code not in (0, None)
    return capsys.readouterr().err


def test_json_is_what_the_text_says(net, capsys):
    main(["network", "info", net])
    text = capsys.readouterr().out
    main(["network", "info", net, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["content_hash"] in text
    assert found["enriched"][0]["achieved"] == 2.0
    assert "α = 2.00" in text
    radius = found["spectrum"]["radius"]
    assert f"within {radius:.3g} of 0" in text


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_figure(net, capsys, tmp_path, suffix):
    main(["network", "info", net, "--json", "--figure", f"figure.{suffix}"])
    found = capsys.readouterr()
    assert json.loads(found.out)["assemblies"] == 2
    assert found.err == f"written: figure.{suffix}\n"
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    first = (tmp_path / f"figure.{suffix}").read_bytes()
    assert first.startswith(start)
    main(["network", "info", net, "--figure", f"figure.{suffix}"])
    assert (tmp_path / f"figure.{suffix}").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["NET.h5", f"figure.{suffix}"]


def test_export_and_import_again(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    network_file.save(three(), tmp_path / "NET.h5")
    main(["network", "export", "NET.h5", "--out", "sonata"])
    main(["network", "import-sonata", "sonata", "--out", "AGAIN.h5"])
    assert capsys.readouterr().out == "sonata: SONATA network of NET.h5\nAGAIN.h5: network of sonata\n"
    again = network_file.load(tmp_path / "AGAIN.h5")
    assert again.content_hash() == three().content_hash()
    assert again.description == three().description


@pytest.mark.parametrize(("arguments", "message"), [
    (["info", "NET.h5", "--figure", "figure.jpg"], "expected a name with .png, .svg, .pdf, found figure.jpg"),
    (["info", "NET.h5", "--figure", "no/figure.png"], "the directory no does not exist"),
    (["info", "none.h5", "--figure", "figure.png"], "none.h5: no such file"),
    (["export", "none.h5", "--out", "sonata"], "none.h5: no such file"),
    (["export", "NET.h5", "--out", "."], "expected a new directory, found one with files"),
    (["export", "NET.h5", "--out", "sonata", "--delay", "0"], "0.0 is not in the range"),
    (["import-sonata", "none", "--out", "n.h5"], "none: no such file"),
    (["import-sonata", ".", "--out", "n.h5"], "circuit_config.json: no such file"),
    (["import-sonata", "NET.h5", "--out", "n.h5"], "NET.h5: not a readable JSON file"),
    (["import-sonata", ".", "--out", "no/n.h5"], "the directory no does not exist"),
])  # fmt: skip
def test_errors_leave_nothing(net, tmp_path, capsys, arguments, message):
    error = failing(capsys, *arguments)
    assert message in error
    assert "Traceback" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["NET.h5"]


@pytest.mark.parametrize("command", ["info", "export", "import-sonata"])
def test_help_has_an_example(command, capsys):
    main(["network", command, "--help"])
    assert f"Example: eiassembly network {command}" in capsys.readouterr().out
