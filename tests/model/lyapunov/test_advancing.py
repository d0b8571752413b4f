"""From snapshot to snapshot: what is simulated depends on where it begins, not on what was before."""

import functools

import h5py
import numpy as np
import pytest
from nest_kernel import extension
from reference_integrator import simulate_reference
from simulations import poisson_odors, random_network, simulated

from eiassembly.core.errors import ConfigError
from eiassembly.model.state import checkpoint
from eiassembly.model.state.snapshot import Snapshot

pytestmark = pytest.mark.nest

WIRING = random_network(1, drive=3.0)
ODORS = poisson_odors(1, 2000, rate=60.0)
GIVEN = ODORS.steps, ODORS.ids


@functools.cache
def reference(delay_steps):
    return simulate_reference(WIRING, *GIVEN, 2000, delay_steps).spikes


def runner(delay=0.1, **options):
    from eiassembly.model.lyapunov.runner import Runner  # imports NEST

    return Runner(WIRING, extension(), delay, **options)


def same(one, other):
    return one.step == other.step and all(
        np.array_equal(one.states[name], other.states[name]) for name in ("E", "I")
    )


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("delay_steps", [1, 17])
def test_pieces_are_the_whole(delay_steps, threads):
    """Also with something else simulated between any two of them."""
    network = runner(delay_steps / 10, threads=threads)
    now, elsewhere, parts = network.at_rest(), None, []
    for n_steps in (1, 3, 700, 40, 9, 800, 447):
        advanced = network.advance(now, *GIVEN, n_steps)
        elsewhere = network.advance(elsewhere or now, ODORS.steps, ODORS.ids[::-1], 55).end
        now = advanced.end
        parts.append(advanced.spikes)
    assert now.step == 2000
    for name in ("E", "I"):
        spikes = [np.concatenate(columns) for columns in zip(*(part[name] for part in parts), strict=True)]
        np.testing.assert_array_equal(spikes, reference(delay_steps)[name], err_msg=name)


def test_identical_twins_stay_identical_and_displaced_ones_do_not():
    from eiassembly.model.lyapunov.runner import displaced

    network = runner()
    start = network.advance(network.at_rest(), *GIVEN, 500).end
    other = displaced(start, {"E": {"V_m": np.full(60, 0.5)}})
    assert not same(start, other)
    one, twin, displaced_one = (network.advance(s, *GIVEN, 1000) for s in (start, start, other))
    assert same(one.end, twin.end)
    for name in ("E", "I"):
        np.testing.assert_array_equal(one.spikes[name], twin.spikes[name])
    assert not np.array_equal(one.spikes["E"], displaced_one.spikes["E"])
    assert not same(one.end, displaced_one.end)


def test_without_spikes_a_displacement_decays_as_the_leak_does():
    """Without input V relaxes with its own time constants: eigenvalues of the linear scheme of V and z."""
    from eiassembly.model.lyapunov.runner import displaced

    network, none = runner(), np.empty(0, np.int64)
    delta = np.linspace(-1.0, 1.0, 60)
    twin = displaced(network.at_rest(), {"E": {"V_m": delta}})
    end = network.advance(twin, none, none, 300).end
    p = WIRING.population("E").neuron
    step = np.eye(2) + 0.1 * np.array(
        [[-1 / p.tau_m, -1 / (p.tau_m * p.g_rest)], [p.a / p.tau_a, -1 / p.tau_a]]
    )
    want = np.linalg.matrix_power(step, 300) @ np.stack([delta, np.zeros(60)])
    np.testing.assert_allclose(end.states["E"][:, 0] - p.E_rest, want[0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(end.states["E"][:, 1], want[1], rtol=1e-9, atol=1e-12)


def test_from_the_snapshot_of_a_file(tmp_path):
    run = simulated(tmp_path, WIRING, ODORS, duration=80.0, delay=1.7, checkpoint_every=80.0)
    with h5py.File(run) as h5:
        start = checkpoint.read(h5, lambda step: step - 17)
    spikes = runner(1.7).advance(start, *GIVEN, 1200).spikes
    for name in ("E", "I"):
        steps, ids = reference(17)[name]
        np.testing.assert_array_equal(spikes[name], (steps[steps > 800], ids[steps > 800]))


def test_what_does_not_fit_is_named():
    network = runner()
    rest = network.at_rest()
    with pytest.raises(ConfigError, match="n_steps: expected at least 1, found 0"):
        network.advance(rest, *GIVEN, 0)
    with pytest.raises(ConfigError, match=r"snapshot: expected states .* found"):
        network.advance(Snapshot(0, {"E": rest.states["E"]}, {}), *GIVEN, 1)
