"""Growth of small differences: linear systems with known rates, and the real network."""

import numpy as np
import pytest
from nest_kernel import extension
from simulations import poisson_odors, random_network

from eiassembly.core.errors import ConfigError
from eiassembly.model.lyapunov.growth import (
    Sampling,
    are_identical,
    displaced_by,
    distance,
    growth,
    set_back,
    with_spike,
)
from eiassembly.model.state.snapshot import Snapshot

G_REST = {"E": 1.35, "I": 0.9}
NONE = np.empty(0, np.int64)


def state(seed=1):
    rng = np.random.default_rng(seed)
    rows = {name: rng.uniform(1.0, 2.0, (n, 6)) for name, n in (("E", 30), ("I", 10))}
    return Snapshot(0, rows, {"OB": (NONE, NONE), "E": (NONE, NONE), "I": (NONE, NONE)})


def growing(rate):
    """All differences from a point grow by the same rate per step; a spike is a displacement by 1."""

    def advance(start, n_steps):
        factor = np.exp(rate * n_steps)
        states = {name: 1.5 + factor * (rows - 1.5) for name, rows in start.states.items()}
        _, ids = start.trains["E"]
        states["E"][ids, 0] += 1.0
        return Snapshot(start.step + n_steps, states, {**start.trains, "E": (NONE, NONE)})

    return advance


SAMPLING = Sampling((1e-6, 1.0), 5, 8, 2, 3, 4, 2, 1)


@pytest.mark.parametrize("rate", [0.02, -0.03])
def test_a_linear_system_has_its_rate_at_every_size(rate):
    start = state()
    found = growth(growing(rate), start, "E", G_REST, SAMPLING)
    np.testing.assert_allclose(found.rates[1], rate * 5, rtol=1e-9)
    np.testing.assert_allclose(found.rates[0], rate * 5, rtol=1e-6)
    np.testing.assert_allclose(
        found.distances, np.exp(rate * 2 * np.arange(4)) / np.sqrt(40) * np.ones((3, 1))
    )
    assert found.end.step == 50


def test_sizes_are_what_they_are_said_to_be():
    start = state()
    other = displaced_by(start, 0.25, np.random.default_rng(1))
    assert distance(start, other, G_REST) == pytest.approx(0.25)
    back = set_back(start, other, 0.1)
    assert distance(start, back, G_REST) == pytest.approx(0.025)
    assert are_identical(start, set_back(start, other, 0.0))
    assert not are_identical(start, other)


def test_adaptation_counts_in_mv():
    start = state()
    other = set_back(start, start, 1.0)
    other.states["I"][:, 1] += 0.9
    assert distance(start, other, G_REST) == pytest.approx(np.sqrt(10 / 40))


def test_counters_and_conductances_stay_possible():
    start, other = state(), state(2)
    far = set_back(start, other, 100.0)
    for name, rows in far.states.items():
        np.testing.assert_array_equal(rows[:, 2], start.states[name][:, 2])
        assert rows[:, 3:].min() >= 0


def test_one_spike_more_is_on_its_way():
    steps, ids = with_spike(state(), "E", 7).trains["E"]
    assert (steps.tolist(), ids.tolist()) == ([0], [7])


def measured(**changes):
    from eiassembly.model.lyapunov.measure import Settings, measure_growth  # imports NEST

    settings = Settings((1e-6, 1.0), window=20.0, discarded=5.0, spikes=2, **changes)
    wiring, odors = random_network(1, drive=3.0), poisson_odors(1, 4000, rate=60.0)
    return measure_growth(wiring, odors, settings, extension())


@pytest.mark.nest
def test_a_network_in_nest():
    """Too small to move a spike a difference decays with the membranes; an added spike is seen."""
    found = measured(starts=(100.0, 250.0))
    assert [epoch.start for epoch in found.epochs] == [100, 250]
    for epoch in found.epochs:
        assert epoch.epoch == "novel"
        assert (epoch.rates.shape, epoch.distances.shape) == ((2, 4), (2, 50))
        assert epoch.rates[0].mean() < 0 < epoch.distances.max()
    again = measured(starts=(250.0,), threads=2)
    np.testing.assert_array_equal(again.epochs[0].rates, found.epochs[1].rates)


@pytest.mark.nest
def test_times_after_the_end_are_refused():
    with pytest.raises(ConfigError, match=r"--from: expected times from 0 to 300 ms, found \[350.0\]"):
        measured(starts=(350.0,))
