"""``network learn`` and ``forget``: what users type, what they get, one line when it cannot be done."""

import numpy as np
import pytest
from small_networks import same

from eiassembly.cli import main
from eiassembly.config.config import parse_config
from eiassembly.connectivity.build import build
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.memories.rule import rule_of
from eiassembly.connectivity.memories.store import add_memory, measured
from eiassembly.odors import file as odor_file
from eiassembly.odors.draw import novel_odors
from eiassembly.odors.schedules import recipe

TABLE = {"network": {"structure": "tuned_ei", "assemblies": 3}, "odors": {"novel": 2}}


@pytest.fixture(scope="module")
def wiring():
    return build(parse_config(TABLE, "test"))


@pytest.fixture
def net(wiring, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network_file.save(wiring, tmp_path / "NET.h5")
    return tmp_path / "NET.h5"


def failing(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    assert caught.value.code not in (0, None)
    return capsys.readouterr().err


def test_learning_is_add_memory_and_forgetting_its_inverse(net, wiring, tmp_path, capsys):
    main(["network", "learn", str(net), "--odor", "3", "--odor", "4", "--out", "MORE.h5"])
    assert "MORE.h5: 5 memories, alpha 5.0" in capsys.readouterr().out
    config = parse_config(TABLE, "test")
    more = wiring
    for odor in novel_odors(config):
        more = add_memory(more, odor, rule_of(config.network))
    same(network_file.load(tmp_path / "MORE.h5"), more)
    assert network_file.load(tmp_path / "MORE.h5").description == measured(more).description
    main(["network", "forget", "MORE.h5", "--memory", "3", "--memory", "4", "--out", "AGAIN.h5"])
    same(network_file.load(tmp_path / "AGAIN.h5"), wiring)
    assert (
        network_file.load(tmp_path / "AGAIN.h5").description["enrichment"] == wiring.description["enrichment"]
    )
    main(["network", "info", "AGAIN.h5"])
    assert "assemblies    3" in capsys.readouterr().out


def test_learning_can_be_configured(net, tmp_path, capsys):
    """Of the first novel odors, which are then presented as learned ones; in rand as pseudo-assemblies."""
    main(["network", "learn", str(net), "--odor", "3", "--odor", "4", "--out", "MORE.h5"])
    table = {**TABLE, "network": {**TABLE["network"], "added": 2}}
    same(build(parse_config(table, "test")), network_file.load(tmp_path / "MORE.h5"))
    shown = recipe(parse_config(table, "test")).presentations
    assert [(p.odor, p.kind) for p in shown] == [(3, "learned"), (4, "learned")]
    rand = build(parse_config({**table, "network": {**table["network"], "structure": "rand"}}, "test"))
    assert [a.odor for a in rand.assemblies] == [0, 1, 2, 3, 4]


def test_odors_of_a_file_are_those_the_network_then_smells(net, wiring, tmp_path):
    (tmp_path / "c.toml").write_text("[network]\nassemblies = 3\n[odors]\nnovel = 2\nduration = 100.0\n")
    main(["odors", "build", "c.toml", "--out", "ODORS.h5"])
    main(["network", "learn", str(net), "--odor", "4", "--odors", "ODORS.h5", "--out", "MORE.h5"])
    (odor,) = (o for o in odor_file.load(tmp_path / "ODORS.h5").odors if o.number == 4)
    same(
        network_file.load(tmp_path / "MORE.h5"),
        add_memory(wiring, odor, rule_of(parse_config(TABLE, "x").network)),
    )


def test_an_overlapping_odor_is_the_one_of_the_same_configuration(net, tmp_path):
    main(
        [
            "network",
            "learn",
            str(net),
            "--odor",
            "3",
            "--overlap-with",
            "1",
            "--share",
            "0.8",
            "--out",
            "A.h5",
        ]
    )
    overlap = ["--set", "odors.overlap_with=1", "--set", "odors.share=0.8"]
    main(["network", "learn", str(net), "--odor", "3", *overlap, "--out", "B.h5"])
    a, b = network_file.load(tmp_path / "A.h5"), network_file.load(tmp_path / "B.h5")
    same(a, b)
    shared = np.intersect1d(a.assemblies[3].of("E"), a.assemblies[1].of("E"))
    assert 30 < len(shared) < 70  # of 100: hardly any by chance


def test_another_rule(net, tmp_path):
    rule = ["--set", "network.alpha=3", "--set", "network.members.E=60", "--set", "network.structure=rand"]
    main(["network", "learn", str(net), "--odor", "3", *rule, "--out", "MORE.h5"])
    more = network_file.load(tmp_path / "MORE.h5")
    assert len(more.assemblies[3].of("E")) == 60
    assert list(more.assemblies[3].moves) == ["E_to_E"]
    assert more.description["memories"][3]["rule"]["seed"] == 1


@pytest.mark.parametrize(("arguments", "message"), [
    (["learn", "NET.h5", "--odor", "1"], "odor: expected one that is not stored yet, found 1"),
    (["learn", "none.h5", "--odor", "3"], "none.h5: no such file"),
    (["learn", "NET.h5", "--odor", "3", "--set", "network.structure=rand"], "network.structure: expected"),
    (["learn", "NET.h5", "--odor", "2", "--overlap-with", "1"], "--odor: expected a novel one, 3 or more"),
    (["learn", "NET.h5", "--odor", "3", "--set", "network.alpha=70"], "network.alpha: expected at most"),
    (["learn", "NET.h5", "--odor", "3", "--overlap-with", "3"], "odors.overlap_with: expected a learned"),
    (["learn", "NET.h5", "--odor", "3", "--set", "network.sed=1"], "NET.h5: network.sed: unknown key"),
    (["learn", "NET.h5", "--odor", "9", "--odors", "ODORS.h5"], "--odor 9: expected one of the odors of"),
    (["forget", "NET.h5", "--memory", "3"], "memory: expected one of 0 to 2, found 3"),
])  # fmt: skip
def test_errors_are_one_line_and_leave_nothing(net, capsys, arguments, message):
    if "ODORS.h5" in arguments:
        (net.parent / "c.toml").write_text("[odors]\nnovel = 1\nduration = 10.0\nbaseline = 0.0\n")
        main(["odors", "build", "c.toml", "--out", "ODORS.h5", "--set", "network.assemblies=0"])
        capsys.readouterr()
    before = set(net.parent.iterdir())
    error = failing(capsys, "network", *arguments, "--out", "MORE.h5")
    assert error.startswith("eiassembly: error: ")
    assert message in error
    assert error.count("\n") == 1
    assert set(net.parent.iterdir()) == before


@pytest.mark.parametrize("options", [["--share", "0.5"], ["--overlap-with", "1", "--odors", "ODORS.h5"]])
def test_options_that_do_not_belong_together(net, capsys, options):
    assert "--overlap-with" in failing(
        capsys, "network", "learn", str(net), "--odor", "3", *options, "--out", "MORE.h5"
    )


@pytest.mark.parametrize("command", ["learn", "forget"])
def test_help_has_an_example(command, capsys):
    main(["network", command, "--help"])
    assert f"Example: eiassembly network {command}" in capsys.readouterr().out
