"""Memories and targets of networks with feedback and feedforward inhibition: the same, other members."""

import pytest

from eiassembly.config.config import parse_config
from eiassembly.connectivity.build import build, build_base
from eiassembly.connectivity.memories.rule import rule_of
from eiassembly.connectivity.memories.store import add_memory, forget, measured
from eiassembly.core.errors import ConfigError
from eiassembly.odors.draw import learned_odors


def configured(**network):
    return parse_config({"network": {"preset": "dp3_A", "structure": "tuned_i"} | network}, "test")


@pytest.mark.parametrize("structure", ["tuned_i", "ff_assembly", "fb_component"])
def test_one_by_one_is_build_and_forgetting_undoes_it(structure):
    config = configured(structure=structure, assemblies=4)
    whole, base = build(config), build_base(config.network)
    wiring = base
    for odor in learned_odors(config):
        wiring = add_memory(wiring, odor, rule_of(config.network))
    assert wiring.content_hash() == whole.content_hash()
    assert measured(wiring).description["enrichment"] == whole.description["enrichment"]
    for index in (1, 2, 0, 0):
        wiring = forget(wiring, index)
    assert wiring.content_hash() == base.content_hash()


def test_ratios_and_sizes():
    wiring = build(configured(alpha=4.0, beta=8.0, members={"E": 60, "FBI": 15}, assemblies=6))
    assert wiring.description["enrichment"] == pytest.approx({"alpha": 4, "beta": 8, "gamma": 1}, abs=5e-3)
    assert {len(a.of("FBI")) for a in wiring.assemblies} == {15}


@pytest.mark.parametrize(("network", "message"), [
    ({"members": {"I": 20}}, "network.members.I: expected 'E' or 'FBI', found 'I'"),
    ({"members": {"FBI": 501}}, "network.members.FBI: expected at most 500 neurons, found 501"),
    ({"inhibitory_members_from": "OB"}, "expected a population that is connected to FBI, found 'OB'"),
    ({"structure": "ff_assembly", "beta": 3.0}, "network.beta: expected a structure with one such"),
    ({"beta": 3.0, "within": {"FBI_to_E": 9}}, "network.beta: expected no within.FBI_to_E beside it"),
    ({"members": {"FBI": 8}, "within": {"FBI_to_E": 9}}, "within.FBI_to_E: expected at most 8 members"),
])  # fmt: skip
def test_what_does_not_fit(network, message):
    with pytest.raises(ConfigError, match=message):
        configured(**network)


def test_targets_out_of_reach_are_named():
    with pytest.raises(ConfigError, match=r"network\.beta: expected at most .*, found 60"):
        build(configured(beta=60.0, assemblies=2))
