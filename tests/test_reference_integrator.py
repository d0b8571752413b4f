"""The oracle of the exactness tests, checked itself: against the authors' spikes and against closed forms."""

import functools

import numpy as np
import pytest
from authors_data import authors_network, authors_odors, counts_and_digest, needs_authors_data, reference_runs
from reference_integrator import Reference, simulate_reference

from eiassembly.config.parameters import EXCITATORY, Population, two_populations
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.odors.odors import OdorSet


@functools.cache
def load_authors(network: str) -> tuple[Wiring, OdorSet]:
    """Network and the ten learned odors."""
    return authors_network(network), authors_odors("learned")


def run_authors(network: str, n_steps: int) -> Reference:
    wiring, odors = load_authors(network)
    return simulate_reference(wiring, odors.steps, odors.ids, n_steps)


@needs_authors_data
def test_three_seconds_are_the_authors_spike_for_spike() -> None:
    got = run_authors("connec_A_1", 30_000)
    [want] = reference_runs(net="connec_A_1", kind="rand", odors="learned", ms=3000)
    assert counts_and_digest(got.spikes).items() <= want.items()


def one_connection(strength: float, multiplicity: int = 1) -> Wiring:
    """One mitral cell onto one E neuron."""
    contact = Projection(
        "OB", "E", strength, 1, np.array([0, 1]), np.zeros(1, np.int32), np.full(1, multiplicity, np.uint8)
    )
    mitral, exc, _ = two_populations(EXCITATORY, EXCITATORY, {"OB": 1, "E": 1, "I": 1})
    return Wiring((mitral, exc), (contact,))


@pytest.mark.parametrize("delay", [1, 2, 10])
def test_conductance_of_one_spike_decays_exponentially_from_its_arrival(delay: int) -> None:
    g = simulate_reference(one_connection(0.5, 3), [7], [0], 60, delay, record={"E": [0]}).traces["E"]["g_OB"]
    arrival = 7 + delay - 1
    want = [0.5 * 3 * np.exp(-(step - arrival) * 0.1 / 30) if step >= arrival else 0 for step in range(1, 61)]
    np.testing.assert_allclose(g[:, 0], want, rtol=1e-12)


def test_a_spike_listed_twice_counts_twice() -> None:
    twice = simulate_reference(one_connection(0.5), [3, 3], [0, 0], 10, record={"E": [0]})
    double = simulate_reference(one_connection(0.5, 2), [3], [0], 10, record={"E": [0]})
    for quantity, values in twice.traces["E"].items():
        np.testing.assert_array_equal(values, double.traces["E"][quantity])


def test_constant_conductance_fires_regularly_with_the_period_of_the_membrane_equation() -> None:
    """Without adaptation, g (almost) constant: t_ref + τ' ln((V∞ − E_rest)/(V∞ − V_th)), τ' effective."""
    neuron = EXCITATORY.model_copy(update={"a": 0.0, "b": 0.0, "tau_exc": 1e9})
    wiring = one_connection(1.0)
    populations = (wiring.populations[0], Population(name="E", size=1, sign="excitatory", neuron=neuron))
    dt, g = 0.01, 3.0
    steps, _ = simulate_reference(
        Wiring(populations, wiring.projections), [], [], 100_000, dt=dt, initial={"E": {"g_OB": g}}
    ).spikes["E"]
    total = neuron.g_rest + g
    final = (neuron.g_rest * neuron.E_rest + g * neuron.E_exc) / total
    climb = np.log((final - neuron.E_rest) / (final - neuron.V_th)) * neuron.tau_m * neuron.g_rest / total
    np.testing.assert_allclose(np.diff(steps) * dt, neuron.t_ref + climb, atol=3 * dt)


def test_given_state_is_where_the_integration_starts() -> None:
    """A run continued from the recorded state is the rest of the whole run, bit for bit."""
    wiring = one_connection(2.0)
    steps, ids = np.arange(1, 400, 3), np.zeros(133, np.int64)
    whole = simulate_reference(wiring, steps, ids, 400, record={"E": [0]})
    middle = int(whole.spikes["E"][0][0]) + 20
    state = {name: values[middle - 1] for name, values in whole.traces["E"].items()} | {"refractory": 60}
    later = np.searchsorted(steps, middle + 1)
    rest = simulate_reference(
        wiring, steps[later:] - middle, ids[later:], 400 - middle, initial={"E": state}, record={"E": [0]}
    )
    for quantity, values in rest.traces["E"].items():
        np.testing.assert_array_equal(values, whole.traces["E"][quantity][middle:])
