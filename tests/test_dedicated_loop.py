"""The benchmark's floor gives the spikes of the reference integrator, else its speed would mean nothing."""

from typing import Any

import numpy as np
import pytest
from authors_data import needs_authors_data
from own_networks import dedicated_loop
from reference_integrator import simulate_reference
from run_files import random_wiring
from test_reference_integrator import load_authors

from eiassembly.connectivity.wiring import Wiring


def assert_same_spikes(wiring: Wiring, train: tuple[Any, Any], n_steps: int, delay: int) -> None:
    got, _ = dedicated_loop().DedicatedLoop(wiring, delay).run(*train, n_steps)
    want = simulate_reference(wiring, *train, n_steps, delay)
    for name, (steps, ids) in got.items():
        assert len(steps) > 0
        np.testing.assert_array_equal(steps, want.spikes[name][0])
        np.testing.assert_array_equal(ids, want.spikes[name][1])


@pytest.mark.parametrize("delay", [1, 3, 10])
def test_small_network_spike_for_spike(delay: int) -> None:
    """More cells than one block, a last block that is not full, steps that are no multiple of the delay."""
    wiring = random_wiring(3, sizes={"OB": 50, "E": 150, "I": 40})
    rng = np.random.default_rng(5)
    steps, ids = np.nonzero(rng.random((2003, 50)) < 0.004)
    assert_same_spikes(wiring, (steps + 1, ids), 2003, delay)


@needs_authors_data
@pytest.mark.parametrize("delay", [1, 10])
def test_authors_network_spike_for_spike(delay: int) -> None:
    """A second of baseline and the first 300 ms of an odor."""
    wiring, odors = load_authors("connec_A_1")
    assert_same_spikes(wiring, (odors.steps, odors.ids), 13_000, delay)
