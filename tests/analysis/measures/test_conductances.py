"""Conductances from spikes and wiring against the recursion of the scheme and against single spikes."""

from dataclasses import replace

import numpy as np
import pytest
from run_files import random_spikes, write_random_run

from eiassembly.analysis.measures.conductances import (
    filtered_means,
    mean_conductances,
    mean_weights,
    neuron_of,
    time_constant,
)
from eiassembly.analysis.measures.currents import (
    cell_weights,
    clamp_current,
    conductance_traces,
    holding_potential,
    trace,
)
from eiassembly.analysis.runs.run import open_run
from eiassembly.analysis.runs.spikes import Spikes
from eiassembly.config.parameters import EXCITATORY
from eiassembly.core.grid import Window

TAU = 300.0


def recursion(run, target, source, n_steps):
    """Every conductance at the end of every step, as the scheme computes it, one step at a time."""
    projection = run.wiring.projection(source, target)
    contacts = projection.matrix().toarray()
    decay = np.exp(-run.dt / time_constant(run.wiring, projection))
    g, history = np.zeros(len(contacts)), np.zeros((n_steps + 1, len(contacts)))
    spikes = run.spikes[source]
    for step in range(1, n_steps + 1):
        arrived = spikes.ids[spikes.steps + run.delay_steps - 1 == step]
        g = g * decay + projection.strength * contacts[:, arrived].sum(axis=1)
        history[step] = g
    return history


@pytest.fixture(params=[1, 10])
def run(tmp_path, request):
    return open_run(write_random_run(tmp_path / "run.h5", delay=request.param * 0.1))


@pytest.mark.parametrize("source", ["OB", "E", "I"])
@pytest.mark.parametrize("every", [1, 10])
def test_means_equal_the_recursion(run, source, every):
    windows = [Window(0, 500, 50.0), Window(1000, 2500, 150.0), Window(1001, 1011, 1.0)]
    history = recursion(run, "E", source, 2500)
    found = mean_conductances(run, "E", windows, every)[source]
    for row, window in enumerate(windows):
        expected = history[window.first + every : window.last + 1 : every].mean(axis=0)
        np.testing.assert_allclose(found[row], expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("source", ["OB", "E", "I"])
def test_traces_equal_the_recursion(run, source):
    steps = np.array([0, 1, 10, 999, 1000, 2500])
    history = recursion(run, "I", source, 2500)
    found = conductance_traces(run, "I", steps, cell=5)[source]
    np.testing.assert_allclose(found, history[steps, 5], rtol=1e-11, atol=1e-15)
    mean = conductance_traces(run, "I", steps)[source]
    np.testing.assert_allclose(mean, history[steps].mean(axis=1), rtol=1e-11, atol=1e-15)


def single(step):
    return Spikes(2, np.array([step]), np.array([1]))


@pytest.mark.parametrize("delay", [1, 7])
def test_a_single_spike_decays_exponentially(delay):
    steps = np.arange(200)
    expected = np.where(steps >= 99 + delay, 0.5 * np.exp(-(steps - 99.0 - delay) / TAU), 0)
    found = trace(single(100), np.array([9.0, 0.5]), steps, TAU, delay)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_single_spike_long_ago_still_counts():
    found = filtered_means(single(100), [Window(20_000, 20_010, 1.0)], TAU)[1, 0]
    expected = np.exp(-(np.arange(20_001, 20_011) - 100) / TAU).mean()
    assert found == pytest.approx(expected, rel=1e-11)


def test_the_mean_tends_to_the_continuous_integral():
    """Spike at s, window (t0, t1]: τ (exp(−(t0 − s)/τ) − exp(−(t1 − s)/τ)) / (t1 − t0)."""
    tau = 1e6
    found = filtered_means(single(1), [Window(10, 2_000_010, 1.0)], tau)[1, 0]
    expected = tau * (np.exp(-9 / tau) - np.exp(-2_000_009 / tau)) / 2_000_000
    assert found == pytest.approx(expected, rel=1e-5)


def test_a_spike_in_the_last_step_counts_once_and_later_ones_not():
    window = [Window(0, 100, 10.0)]
    assert filtered_means(single(100), window, TAU)[1, 0] == pytest.approx(0.01)
    assert filtered_means(single(101), window, TAU)[1, 0] == 0
    assert filtered_means(single(100), window, TAU, delay=2)[1, 0] == 0


def test_poisson_input_has_the_mean_of_campbells_theorem():
    spikes = Spikes(200, *random_spikes(np.random.default_rng(1), 200, 400_000, 6.0))
    found = filtered_means(spikes, [Window(10_000, 400_000, 39_000.0)], TAU).mean()
    assert found == pytest.approx(6.0 * TAU * 1e-4, rel=0.02)


def test_weights_of_a_cell_and_of_the_mean_cell(run):
    projection = run.wiring.projection("E", "I")
    contacts = projection.matrix().toarray()
    np.testing.assert_allclose(cell_weights(projection, 3), projection.strength * contacts[3])
    np.testing.assert_allclose(mean_weights(projection), projection.strength * contacts.mean(axis=0))


def test_doubling_the_strength_doubles_the_conductance(run):
    windows = [Window(0, 5000, 500.0)]
    doubled = [replace(p, strength=2 * p.strength) for p in run.wiring.projections]
    before = mean_conductances(run, "E", windows)["I"]
    run.__dict__["wiring"] = run.wiring.replacing(doubled)
    np.testing.assert_allclose(mean_conductances(run, "E", windows)["I"], 2 * before)


def test_mitral_cells_have_no_conductances(run):
    with pytest.raises(ValueError, match="OB is a source of given spikes"):
        neuron_of(run.wiring, "OB")


def test_currents_at_the_holding_potential():
    holding = holding_potential(EXCITATORY)
    assert holding == -49.0
    assert clamp_current(np.array([2.0]), EXCITATORY.E_exc, holding) == pytest.approx(98.0)
    assert clamp_current(np.array([2.0]), EXCITATORY.E_inh, holding) == pytest.approx(-42.0)
