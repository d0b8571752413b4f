"""The configuration: defaults, overrides, and one line for every mistake."""

import re

import pytest
from pydantic import ValidationError

from eiassembly.config import config as config_module
from eiassembly.config import network, odors, simulation
from eiassembly.config.config import Config, load_config, parse_config
from eiassembly.core.errors import ConfigError
from eiassembly.core.records import Section


def sections():
    modules = (config_module, network, odors, simulation)
    known = {name: found for module in modules for name, found in vars(module).items()}.values()
    return [s for s in known if isinstance(s, type) and issubclass(s, Section) and s not in (Section, Config)]


def test_the_empty_file_is_network_a_rand_ten_novel_odors(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("")
    config = load_config(path)
    assert config == Config()
    assert (config.network.preset, config.network.structure) == ("A", "rand")
    assert (config.odors.learned, config.odors.novel) == (0, 10)


def test_a_file_and_overrides(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(
        '[network]\nseed = 3\npreset = "B"\nprobability = { E_to_E = 0.1 }\n[output]\ndir = "there"\n'
    )
    overrides = [
        "network.seed=4",
        "network.structure=tuned_i",
        'odors.decay="text"',
        "network.strength.I_to_E=0.5",
    ]
    config = load_config(path, overrides)
    assert (config.network.seed, config.network.preset, config.network.structure) == (4, "B", "tuned_i")
    assert config.network.probability == {"E_to_E": 0.1}
    assert config.network.strength == {"I_to_E": 0.5}
    assert (config.odors.decay, config.output.dir) == ("text", "there")


def test_the_resolved_configuration_can_be_read_back():
    config = parse_config({"network": {"seed": 5, "within": {"E_to_E": 7}}, "odors": {"learned": 3}}, "x")
    assert parse_config(config.model_dump(exclude_none=True), "x") == config


@pytest.mark.parametrize(("text", "message"), [
    ("[netwrk]", "netwrk: unknown key; did you mean network?"),
    ("[network]\nsed = 2", "network.sed: unknown key; did you mean seed?"),
    ("[odors]\nzzz = 2", 'odors.zzz: unknown key with kind = "sequence"; expected one of seed, decay'),
    ("[odors]\nkind = 'trials'\ntrial = 2",
     'odors.trial: unknown key with kind = "trials"; did you mean trials?'),
    ("[odors]\nkind = 'morph'\nzzz = 3",
     'odors.zzz: unknown key with kind = "morph"; expected one of seed, decay, novel_pool, overlap_with, '
     "family, share, baseline, duration, kind, first, last, steps, direction, trials"),
    ("[odors]\nkind = 'morph'\nlearned = 3",
     'odors.learned: expected only with kind = "sequence" or "trials", found with kind = "morph"'),
    ("[odors]\nsteps = 3", 'odors.steps: expected only with kind = "morph", found with kind = "sequence"'),
    ("[odors]\nkind = 'subspace'\nnovel = 3",
     'odors.novel: expected only with kind = "sequence" or "trials", found with kind = "subspace"'),
    ("[odors]\nkind = 'morf'",
     "odors.kind: expected 'sequence', 'trials', 'morph', 'subspace', found 'morf'"),
    ("[odors]\nkind = 3", "odors.kind: expected 'sequence', 'trials', 'morph', 'subspace', found '3'"),
    ("odors = 3", "odors: expected a table, found 3"),
    ("[odors]\nkind = 'trials'\ntrials = 0", "odors.trials: expected greater than or equal to 1, found 0"),
    ("[odors]\nkind = 'trials'\nlearned = 16", "odors.learned: expected at most network.assemblies = 15"),
    ("[odors]\nkind = 'morph'\nfirst = 2\nlast = 2",
     "odors.last: expected another odor than the first, found 2"),
    ("[odors]\nkind = 'morph'\nlast = 15", "odors.last: expected another odor than the first, found 15"),
    ("[odors]\nkind = 'morph'\ndirection = 'left'", "odors.direction: expected 'up', 'down' or 'both'"),
    ("[odors]\nkind = 'subspace'\ncorners = [1, 2, 3]", "odors.corners: expected "),
    ("[odors]\nkind = 'subspace'\ncorners = [1, 2, 3, 1]", "odors.corners: expected four different odors"),
    ("[odors]\nkind = 'subspace'\ntrajectories = 9", "odors.trajectories: expected less than or equal to 8"),
    ("[odors]\nfamily = 'chain'\noverlap_with = 1", "odors.family: expected no overlap_with beside it"),
    ("[odors]\nfamily = 'chain'\nnovel_pool = 750", "odors.novel_pool: expected 1125 with a family or"),
    ("[odors]\nfamily = 'square'\nshare = 0.6", "odors.share: expected at most 0.5 with family 'square'"),
    ("[network]\nseed = 'a'", "network.seed: expected a valid integer, found 'a'"),
    ("[network]\nseed = 1.5", "network.seed: expected a valid integer, found 1.5"),
    ("[network]\nseed = true", "network.seed: expected a valid integer, found True"),
    ("[network]\nseed = -1", "network.seed: expected greater than or equal to 0, found -1"),
    ("[network]\npreset = 'Z'", "network.preset: expected 'A', 'B', 'C', 'D', 'simple', 'dp3_A', "
     "'dp3_B', 'dp3_C', 'dp3_D' or 'dp3_E', found 'Z'"),
    ("[network]\nscale = 0\nseed = 'a'", "network.seed: expected a valid integer, found 'a' (and 1 more)"),
    ("[network]\nwithin = { E_to_X = 3 }",
     "network.within.E_to_X: expected 'E_to_E', 'E_to_I' or 'I_to_E', found 'E_to_X'"),
    ("[network]\nwithin = { I_to_I = 3 }", "network.within.I_to_I: expected 'E_to_E', 'E_to_I' or 'I_to_E'"),
    ("[network]\nstrength = { FBI_to_E = 0.3 }", "network.strength.FBI_to_E: expected 'OB_to_E', 'OB_to_I'"),
    ("[network]\npreset = 'dp3_A'\nprobability = { E_to_I = 0.1 }",
     "network.probability.E_to_I: expected 'OB_to_E', 'OB_to_FFI', 'E_to_E', 'E_to_FBI', 'FBI_to_E', "
     "'FFI_to_E', 'FBI_to_FBI' or 'FFI_to_FFI', found 'E_to_I'"),
    ("[network]\npreset = 'dp3_A'\nwithin = { FFI_to_E = 2 }",
     "network.within.FFI_to_E: expected 'E_to_E', 'E_to_FBI' or 'FBI_to_E', found 'FFI_to_E'"),
    ("[network]\npreset = 'dp3_A'\nwithin = { FBI_to_E = 11 }",
     "network.within.FBI_to_E: expected at most 10 members, found 11"),
    ("[network]\npreset = 'dp3_A'\nstructure = 'tuned_ei'",
     "network.structure: expected 'rand', 'tuned_i', 'e_assemblies', 'ff_assembly' or 'fb_component' with "
     "preset dp3_A, found 'tuned_ei'"),
    ("[network]\nstructure = 'ff_assembly'",
     "network.structure: expected 'rand', 'scaled_i', 'tuned_i', 'tuned_ei', 'scaled_adjust' or "
     "'tuned_adjust' with preset A, found 'ff_assembly'"),
    ("[network]\npreset = ['A']", "network.preset: expected 'A', 'B'"),
    ("[network]\nstructure = 'tuned'", "network.structure: expected 'rand', 'scaled_i', 'tuned_i', "
     "'tuned_ei', 'scaled_adjust', 'tuned_adjust', 'e_assemblies', 'ff_assembly' or 'fb_component', "
     "found 'tuned'"),
    ("[network]\npreset = 'dp3_A'\nmembers = { I = 20 }",
     "network.members.I: expected 'E' or 'FBI', found 'I'"),
    ("[network]\npreset = 'dp3_A'\nmembers = { FBI = 501 }",
     "network.members.FBI: expected at most 500 neurons, found 501"),
    ("[network]\npreset = 'dp3_A'\ninhibitory_members_from = 'OB'",
     "network.inhibitory_members_from: expected a population that is connected to FBI, found 'OB'"),
    ("[network]\npreset = 'dp3_A'\nbeta = 5.0\nwithin = { FBI_to_E = 5 }",
     "network.beta: expected no within.FBI_to_E beside it, found both"),
    ("[network]\nwithin = { I = 3 }", "network.within.I: expected 'E_to_E', 'E_to_I' or 'I_to_E', found 'I'"),
    ("[[simulation.silence]]\npopulation = 'I'\nnumbr = 3\nwindows = []",
     "simulation.silence.0.numbr: unknown key; did you mean number?"),
    ("[network]\nwithin = { I_to_E = 26 }", "network.within.I_to_E: expected at most 25 members, found 26"),
    ("[network]\nmembers = { I = 20 }\nwithin = { I_to_E = 21 }", "network.within.I_to_E: expected at most"),
    ("[network]\nmembers = { E = 4001 }", "network.members.E: expected at most 4000 neurons, found 4001"),
    ("[network]\nmembers = { E = 0 }", "network.members.E: expected greater than or equal to 1, found 0"),
    ("[network]\nalpha = 0.5", "network.alpha: expected greater than or equal to 1, found 0.5"),
    ("[network]\nalpha = 5\nwithin = { E_to_E = 25 }", "network.alpha: expected no within.E_to_E beside it"),
    ("[network]\ninhibitory_members_from = 'I'", "network.inhibitory_members_from: expected 'E' or 'OB'"),
    ("[network]\nassemblies = -1", "network.assemblies: expected greater than or equal to 0, found -1"),
    ("[odors]\noverlap_with = 15", "odors.overlap_with: expected a learned odor, below network.assemblies"),
    ("[odors]\nshare = 1.5", "odors.share: expected less than or equal to 1, found 1.5"),
    ("[network]\nprobability = { E_to_E = 2 }", "network.probability.E_to_E: expected less than 1, found 2"),
    ("[odors]\nlearned = 16", "odors.learned: expected at most network.assemblies = 15, found 16"),
    ("[odors]\nnovel = 0", "odors.novel: expected at least 1 when learned is 0, found 0"),
    ("[odors]\nduration = nan", "odors.duration: expected a finite number, found nan"),
    ("[simulation]\ndelay = 0.15", "simulation.delay: expected a multiple of dt = 0.1 ms, found 0.15"),
    ("network = 3", "network: expected a table, found 3"),
    ("[network", "expected a TOML file in UTF-8"),
])  # fmt: skip
def test_mistakes_are_named_in_one_line(tmp_path, text, message):
    path = tmp_path / "c.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    said = re.sub(r": line \d+: ", ": ", str(caught.value), count=1)
    assert said.startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_three_populations_store_twenty_memories_unless_told_otherwise():
    assert parse_config({"network": {"preset": "dp3_B"}}, "x").network.assemblies == 20
    assert parse_config({"network": {"preset": "dp3_B", "assemblies": 3}}, "x").network.assemblies == 3
    assert parse_config({"network": {"preset": "B"}}, "x").network.assemblies == 15


def test_what_a_structure_adds_can_be_overridden():
    table = {"preset": "dp3_A", "structure": "fb_component", "strength": {"E_to_FFI": 0.01}}
    assert parse_config({"network": table}, "x").network.strength == {"E_to_FFI": 0.01}
    with pytest.raises(ConfigError, match=r"strength\.E_to_FFI: expected "):
        parse_config({"network": table | {"structure": "tuned_i"}}, "x")


@pytest.mark.parametrize(("override", "message"), [
    ("seed=2", "expected SECTION.KEY=VALUE"),
    ("network.seed", "expected SECTION.KEY=VALUE"),
    ("network.seed.deep=2", "network.seed: expected a valid integer"),
    ("network.sed=2", "network.sed: unknown key; did you mean seed?"),
])  # fmt: skip
def test_bad_overrides(override, message):
    with pytest.raises(ConfigError, match=message.replace(".", r"\.").replace("?", r"\?")):
        parse_config({}, "c.toml", [override])


def test_unreadable_files(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xff")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(tmp_path / "latin.toml")
    with pytest.raises(ConfigError, match="cannot read"):
        load_config(tmp_path)


@pytest.mark.parametrize("section", [Config, *sections()])
def test_every_field_says_what_it_is_its_unit_and_where_it_comes_from(section):
    assert issubclass(section, Section)
    for name, field in section.model_fields.items():
        assert field.description, name
        assert "[" in field.description, name
        if section is not Config:
            assert any(word in field.description for word in ("Table", "Methods", "Fig.", "ours")), name


def test_the_configuration_is_immutable():
    with pytest.raises(ValidationError):
        Config().network.seed = 2
