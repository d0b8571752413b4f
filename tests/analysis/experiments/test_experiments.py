"""Which network a run is of, and whether it is the paper's, as told by what is stored."""

from dataclasses import replace

import pytest
from run_files import write_random_run

from eiassembly.analysis.runs.identity import is_as_published, name_of, network_name
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.config import parse_config


def described(**network):
    return {"config": parse_config({"network": network, "odors": {"seed": 2}}, "test").model_dump()}


def test_networks_are_named_by_what_structures_share():
    assert name_of(described(preset="B", seed=3, structure="tuned_ei")) == "B seed 3 odors 2"
    assert name_of(described(preset="B", seed=3, structure="rand")) == "B seed 3 odors 2"
    assert name_of(described(scale=4)) == "A seed 1 scale 4 odors 2"
    assert name_of({"preset": "C"}) == "C"
    assert name_of({}) == "imported"


@pytest.fixture
def run(tmp_path):
    return open_run(write_random_run(tmp_path / "run.h5"))


def with_description(run, description):
    changed = replace(run)
    vars(changed)["wiring"] = run.wiring.replacing([], description=description)
    return changed


def test_a_network_is_published_if_nothing_else_was_configured(run):
    assert network_name(run) == "A"
    assert is_as_published(run)  # not ours: nothing is known
    assert is_as_published(with_description(run, described(structure="tuned_ei", seed=5)))
    for changed in ({"added": 2}, {"assemblies": 5}, {"structure": "scaled_i", "chi": 1.0}):
        assert not is_as_published(with_description(run, described(**changed)))


def test_networks_from_before_a_key_was_there_are_published(run):
    description = described(structure="tuned_ei")
    del description["config"]["network"]["added"]
    assert is_as_published(with_description(run, description))


def test_a_run_with_an_intervention_is_not_published(run):
    changed = with_description(run, described())
    vars(changed)["config"] = {"simulation": {"silence": [{"population": "E"}]}}
    assert not is_as_published(changed)
