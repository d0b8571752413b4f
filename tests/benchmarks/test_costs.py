"""The table that the package estimates from is that of the last measurements."""

import json
from pathlib import Path

import pytest

from benchmarks import costs, results
from benchmarks.measure import RESULTS


def test_the_package_carries_the_last_measurements(tmp_path):
    """If not: make bench-pages."""
    costs.write(results.load(RESULTS), tmp_path / "costs.json")
    assert json.loads(costs.COSTS.read_text()) == json.loads((tmp_path / "costs.json").read_text())


def test_the_table_has_the_formulas_and_the_activity(measured):
    table = costs.cost_table(measured)
    assert table["formulas"]["memory"] == pytest.approx(
        {"synapses": 80.0, "neurons": 300.0, "constant": 100e6}
    )
    activity = table["activity"]
    assert activity["odor"]["events_per_synapse"] > activity["baseline"]["events_per_synapse"] > 0
    assert set(activity["odor"]) == {"spikes_per_neuron", "events_per_synapse"}


def test_the_place_is_in_the_package():
    assert Path("campaign", "costs.json").parts == costs.COSTS.parts[-2:]
