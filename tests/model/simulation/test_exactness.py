"""Random small networks against the reference integrator: every spike in its step, every trace exact."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from reference_integrator import simulate_reference
from simulations import poisson_odors, random_network, records_of, simulated, spikes_of
from three_populations import small_network

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, PRESETS, NeuronParameters

pytestmark = pytest.mark.nest

N_STEPS = 803  # no multiple of a delay or a block
PUBLISHED = ("A", "simple", "dp3_A")
"""Presets with all kinds of published neurons."""
THREE_POPULATIONS = {
    "E": EXCITATORY,
    "IFF": INHIBITORY.model_copy(update={"E_rest": -60.0, "b": 5.0}),
    "IFB": INHIBITORY.model_copy(update={"E_rest": -60.0}),
}


def random_neuron(rng: np.random.Generator) -> NeuronParameters:
    """Parameters as wild as the scheme allows; refractory periods also between two steps."""
    ranges = {
        "tau_m": (5, 100), "g_rest": (0.5, 3), "E_rest": (-75, -55), "V_th": (-50, -30), "t_ref": (0.1, 10),
        "tau_a": (5, 100), "a": (-1, 2), "b": (-5, 15), "E_exc": (-10, 10), "E_inh": (-90, -60),
        "tau_exc": (5, 40), "tau_inh": (1, 40),
    }  # fmt: skip
    drawn = {name: rng.uniform(*limits) for name, limits in ranges.items()}
    return NeuronParameters(**drawn | {name: max(drawn[name], 0.0) for name in "ab"})


def assert_same_spikes(got: Any, want: Any) -> None:
    """All populations, in the order of time, then id."""
    assert got.keys() == want.keys()
    for name, (steps, ids) in want.items():
        np.testing.assert_array_equal(got[name][0], steps, err_msg=name)
        np.testing.assert_array_equal(got[name][1], ids, err_msg=name)


def assert_exact(folder: Any, wiring: Any, delay_steps: int, block: float) -> None:
    odors = poisson_odors(5, N_STEPS)
    want = simulate_reference(wiring, odors.steps, odors.ids, N_STEPS, delay_steps).spikes
    for population in wiring.populations:
        assert len(want[population.name][0]) > population.size  # else the comparison means little
    for threads in (1, 2, 3):
        run = simulated(folder, wiring, odors, threads, block, delay=delay_steps / 10)
        assert_same_spikes(spikes_of(run), want)


@pytest.mark.parametrize("delay_steps", [1, 10])
@pytest.mark.parametrize("preset", PUBLISHED)
def test_published_neurons(preset, delay_steps, tmp_path):
    """All populations receive from all, as no published network has it."""
    kinds = {p.name: p.neuron for p in PRESETS[preset].populations if p.neuron}
    assert_exact(tmp_path, random_network(3, kinds, drive=3.0), delay_steps, 40.0)


def test_no_published_neurons_are_left_out():
    def kinds(names):
        return {p.neuron for name in names for p in PRESETS[name].populations}

    assert kinds(PUBLISHED) == kinds(PRESETS)


@pytest.mark.parametrize("delay_steps", [1, 10])
def test_inhibitory_neurons_with_adaptation(delay_steps, tmp_path):
    assert_exact(tmp_path, random_network(3, THREE_POPULATIONS, drive=3.0), delay_steps, 40.0)


@pytest.mark.parametrize("delay_steps", [1, 10])
def test_feedback_and_feedforward_inhibition(delay_steps, tmp_path):
    """The published projections: neurons with two and with four ports."""
    assert_exact(tmp_path, small_network(3), delay_steps, 33.3)


@pytest.mark.parametrize(
    ("delay_steps", "block"),
    [
        (1, 1.1),
        (1, 3.3),
        (1, 50.0),
        (2, 0.1),
        (2, 1000.0),
        (3, 5.1),
        (10, 0.9),
        (10, 3.3),
        (10, 50.0),
        (10, 1000.0),
    ],
)
def test_random_neurons_and_wirings(delay_steps, block, tmp_path):
    """Blocks shorter than the delay, longer than the run, and such that do not divide it."""
    rng = np.random.default_rng([delay_steps, round(block * 10)])
    kinds = {"E": random_neuron(rng), "I": random_neuron(rng)}
    assert_exact(tmp_path, random_network(int(rng.integers(1000)), kinds, drive=6.0), delay_steps, block)


@pytest.mark.parametrize(
    ("delay_steps", "block", "threads"),
    [(1, 40.0, 1), (1, 40.0, 2), (10, 40.0, 1), (10, 40.0, 3), (10, 0.9, 1), (10, 2.3, 2), (3, 1000.0, 2)],
)
def test_recorded_state_to_the_last_bit(delay_steps, block, threads, tmp_path):
    """A recorded conductance is the one that acted in the step: the scheme's after the step before."""
    wiring, odors = random_network(8, drive=3.0), poisson_odors(8, N_STEPS)
    reference = simulate_reference(
        wiring, odors.steps, odors.ids, N_STEPS, delay_steps, record={"E": range(10), "I": range(10)}
    )
    quantities = ("V_m", "z", "g_OB", "g_E", "g_I")
    recording = {"record": quantities, "every": 0.1, "cells": 10}
    run = simulated(tmp_path, wiring, odors, threads, block, delay=delay_steps / 10, **recording)
    assert_same_spikes(spikes_of(run), reference.spikes)
    for name, traces in reference.traces.items():
        assert np.ptp(traces["V_m"]) > 10
        steps, got = records_of(run, name)
        np.testing.assert_array_equal(steps, np.arange(1, N_STEPS + 1))
        assert got.keys() == traces.keys()
        for quantity, want in traces.items():
            late = quantity.startswith("g_")
            np.testing.assert_array_equal(got[quantity][late:], want[: N_STEPS - late], err_msg=quantity)


@pytest.mark.parametrize("deaf", ["E", "I"])
def test_a_population_without_inputs_is_silent(deaf, tmp_path):
    wiring, odors = random_network(4, drive=3.0), poisson_odors(4, N_STEPS)
    wiring = replace(wiring, projections=tuple(p for p in wiring.projections if p.target != deaf))
    got = spikes_of(simulated(tmp_path, wiring, odors, record=("V_m", "g_OB")))
    assert_same_spikes(got, simulate_reference(wiring, odors.steps, odors.ids, N_STEPS).spikes)
    assert [name for name, (steps, _) in got.items() if len(steps) == 0] == [deaf]


def test_the_same_simulation_twice_in_one_process(tmp_path):
    """Also after one with other populations, threads and delay: nothing is left over."""
    wiring, odors = random_network(4, drive=3.0), poisson_odors(4, N_STEPS)
    runs = []
    for index in range(2):
        (folder := tmp_path / str(index)).mkdir()
        runs.append(spikes_of(simulated(folder, wiring, odors)))
        simulated(
            tmp_path, random_network(5, THREE_POPULATIONS), odors, threads=2, delay=1.0, record=("V_m",)
        )
    assert len(runs[0]["E"][0]) > 100
    assert_same_spikes(runs[1], runs[0])
