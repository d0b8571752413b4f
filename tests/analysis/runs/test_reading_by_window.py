"""Analyses read the windows they need and give the numbers they give with all spikes in memory."""

import numpy as np
import pytest
from run_files import (
    SIZES,
    presentations,
    random_spikes,
    random_wiring,
    summary_of,
    write_random_run,
    write_run,
)

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.figures.all import all_figures
from eiassembly.analysis.measures import conductances
from eiassembly.analysis.measures.currents import conductance_traces
from eiassembly.analysis.report.as_json import as_json
from eiassembly.analysis.runs import spikes as stored_spikes
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.config.simulation import Dynamics
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.resolve import interventions


class LongestWindow:
    """Remembers how much was asked for at once."""

    def __init__(self, monkeypatch):
        self.steps, plain = 0, stored_spikes.StoredSpikes.between

        def between(source, first, last):
            self.steps = max(self.steps, last - first)
            return plain(source, first, last)

        monkeypatch.setattr(stored_spikes.StoredSpikes, "between", between)


@pytest.fixture
def asked(monkeypatch):
    monkeypatch.setattr(stored_spikes, "PAGE", 50)
    monkeypatch.setattr(conductances, "_AT_ONCE", 3 * SIZES["E"])
    return LongestWindow(monkeypatch)


def test_analysing_never_has_all_spikes(tmp_path, asked):
    path = write_random_run(tmp_path / "run.h5", duration=30_000.0)
    run, whole = open_run(path), open_run(path)
    assert whole.spikes
    found, expected = analyse_run(run), analyse_run(whole)
    all_figures([found])
    assert "spikes" not in vars(run)
    # The longest: currents over 3 s, with the 745 time constants before them that are not forgotten.
    assert 30_000 < asked.steps < run.n_steps
    assert as_json(summary_of([found])) == as_json(summary_of([expected]))
    for name, g in expected.responses.conductances.items():
        np.testing.assert_array_equal(found.responses.conductances[name], g)


def test_conductances_far_into_a_run_need_only_what_is_not_forgotten(tmp_path, asked):
    run = open_run(write_random_run(tmp_path / "run.h5", duration=60_000.0))
    steps = np.array([500_000, 500_001, 510_000])
    late = conductance_traces(run, "E", steps, 3)
    assert asked.steps < 300_000
    from_the_start = conductance_traces(run, "E", np.append(0, steps), 3)
    for name, g in from_the_start.items():
        np.testing.assert_array_equal(late[name], g[1:])


PROTOCOLS = {
    "silenced": {"silence": [{"population": "I", "fraction": 0.5, "around": [0.0, 900.0]}]},
    "dropped": {
        "perturb": [
            {"population": "E", "id": 3, "at": 800.0},
            {"population": "E", "id": 3, "at": 801.0},
            {"population": "I", "id": 1, "at": 12_999.9},
        ]
    },
    "added": {"perturb": [{"population": "I", "id": 2, "at": 2000.0, "change": "add"}]},
    "replayed": {"replay": [{"population": "I", "windows": [[1500.0, 2500.0], [3000.0, 9000.0]]}]},
    "replayed throughout": {"replay": [{"population": "I"}]},
    "shuffled": {
        "replay": [
            {"population": "I", "shuffle": "times", "windows": [[1500.0, 2500.0]]},
            {"population": "E", "windows": [[1000.0, 2500.0]]},
        ],
        "perturb": [{"population": "E", "id": 3, "at": 900.0}],
    },
}


def protocol_of(name, other):
    tables = {key: [dict(one) for one in value] for key, value in PROTOCOLS[name].items()}
    for replay in tables.get("replay", []):
        replay["run"] = str(other)
    return tables


@pytest.mark.parametrize("name", PROTOCOLS)
def test_what_was_sent_in_any_window_is_part_of_all_that_was_sent(tmp_path, asked, name):
    other = write_random_run(tmp_path / "other.h5", seed=5)
    rng = np.random.default_rng(2)
    spikes = {p: random_spikes(rng, size, 130_000, 4.0) for p, size in SIZES.items()}
    protocol = protocol_of(name, other)
    path = write_run(tmp_path / "run.h5", random_wiring(), spikes, presentations(), 13_000.0, protocol)
    run, whole = open_run(path), open_run(path)
    expected = delivered(whole)
    assert any(len(expected[p][0]) != len(spikes[p][0]) for p in spikes)
    for population, source in run.transmitted.items():
        steps, ids = expected[population]
        for first, last in ((0, 130_000), (8_000, 8_100), (14_990, 25_010), (89_000, 91_000)):
            inside = (steps > first) & (steps <= last)
            found = source.between(first, last)
            np.testing.assert_array_equal(found[0], steps[inside])
            assert sorted(zip(*found, strict=True)) == sorted(zip(steps[inside], ids[inside], strict=True))
    assert "spikes" not in vars(run)


def delivered(run):
    """All that reached its targets, as the simulator says it."""
    tables = Dynamics.model_validate(
        {k: v for k, v in run.config["simulation"].items() if k in INTERVENTIONS}
    )
    context = Context(run.wiring, run.presentations, run.n_steps, run.n_steps, run.dt, "test")
    trains = {name: (spikes.steps, spikes.ids) for name, spikes in run.spikes.items()}
    return interventions(tables, context).delivered(trains)
