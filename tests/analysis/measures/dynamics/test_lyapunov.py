"""Exponents of systems whose exponents are known."""

import math

import numpy as np
import pytest

from eiassembly.analysis.measures.dynamics.lyapunov import benettin, finite_size_exponents

LN2 = math.log(2)


def doubling(state):
    return state * np.array([2.0, 0.5])


def logistic(r):
    return lambda state: r * state * (1 - state)


def lorenz(interval, step=0.01):
    """The attractor of Lorenz (10, 28, 8/3) by the classical Runge-Kutta method."""

    def slope(x, y, z):
        return 10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z

    def advance(state):
        x, y, z = state.tolist()
        for _ in range(round(interval / step)):
            a = slope(x, y, z)
            b = slope(x + step / 2 * a[0], y + step / 2 * a[1], z + step / 2 * a[2])
            c = slope(x + step / 2 * b[0], y + step / 2 * b[1], z + step / 2 * b[2])
            d = slope(x + step * c[0], y + step * c[1], z + step * c[2])
            x, y, z = (
                v + step / 6 * (p + 2 * q + 2 * r + s)
                for v, p, q, r, s in zip((x, y, z), a, b, c, d, strict=True)
            )
        return np.array([x, y, z])

    return advance


def test_linear_map():
    found = benettin(doubling, np.zeros(2), 1.0, 1e-3, 50, seed=1, n_discarded=40)
    assert found.value == pytest.approx(LN2, rel=1e-12)
    assert found.error == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(found.running, LN2)


def test_the_interval_sets_the_unit_of_time():
    found = benettin(doubling, np.zeros(2), 0.25, 1e-3, 50, seed=1, n_discarded=40)
    assert found.value == pytest.approx(4 * LN2)


def test_chaotic_logistic_map():
    found = benettin(logistic(4.0), np.array([0.3]), 1.0, 1e-9, 20_000, seed=2)
    assert found.value == pytest.approx(LN2, abs=5 * found.error + 1e-3)
    assert found.running[-1] == pytest.approx(found.value)


def test_stable_logistic_map():
    """At its fixed point x = 0.6 the map with r = 2.5 has the slope −0.5."""
    found = benettin(logistic(2.5), np.array([0.6]), 1.0, 1e-6, 100, seed=2)
    assert found.value == pytest.approx(-LN2, abs=1e-4)


def test_lorenz_attractor():
    """0.906 per unit of time (Sprott 2003)."""
    start = lorenz(20.0)(np.array([1.0, 1.0, 20.0]))
    found = benettin(lorenz(0.5), start, 0.5, 1e-8, 1200, seed=3, n_discarded=20)
    assert found.value == pytest.approx(0.906, abs=0.03)


def test_leak_and_adaptation_of_a_quiet_cell():
    """Eigenvalues of the linear E neuron of Table 1, [[−g/85, −1/(1.35·85)], [1/40, −1/40]] per ms."""
    matrix = np.array([[-1 / 85, -1 / (1.35 * 85)], [1 / 40, -1 / 40]])
    values, vectors = np.linalg.eig(matrix)
    step = (vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)).real
    found = benettin(lambda state: step @ state, np.zeros(2), 1e-3, 1e-6, 20_000, seed=1)
    assert found.value == pytest.approx(-18.382, abs=0.1)


def test_identical_copies_never_part():
    found = benettin(lambda state: np.zeros(3), np.ones(3), 1.0, 1e-3, 5, seed=1)
    assert found.value == -math.inf


def test_variables_that_are_not_perturbed_are_taken_over():
    """A counter that would dominate the distance does not, and never differs between the copies."""
    seen = []

    def advance(state):
        seen.append(state[1])
        return np.array([2 * state[0], state[1] + 1])

    chosen = np.array([True, False])
    found = benettin(advance, np.zeros(2), 1.0, 1e-3, 10, seed=1, perturbed=chosen)
    assert found.value == pytest.approx(LN2)
    assert seen[::2] == seen[1::2] == list(range(10))


def test_benettin_does_not_change_the_state_it_starts_from():
    state = np.array([0.3])
    benettin(logistic(4.0), state, 1.0, 1e-6, 10, seed=1)
    assert state[0] == 0.3


def test_finite_sizes_of_a_linear_map_all_grow_alike():
    sizes = 1e-4 * 2.0 ** np.arange(8)
    found = finite_size_exponents(lambda s: 1.1 * s, np.zeros(3), 0.5, sizes, 5, seed=1, max_intervals=200)
    np.testing.assert_allclose(found.values, 2 * math.log(1.1))
    np.testing.assert_allclose(found.grown, 1)
    np.testing.assert_array_equal(found.sizes, sizes[:-1])


def test_finite_sizes_of_the_logistic_map_reach_its_exponent_from_above_saturation_down():
    sizes = 1e-6 * 2.0 ** np.arange(18)
    found = finite_size_exponents(logistic(4.0), np.array([0.3]), 1.0, sizes, 400, seed=4, max_intervals=200)
    assert np.mean(found.values[:10]) == pytest.approx(LN2, abs=0.06)


def test_flux_tube_small_perturbations_shrink_and_large_ones_grow():
    """A threshold: below 0.01 a difference halves, above it grows by a half, like spikes on a time grid."""

    def advance(state):
        first, difference = state
        return np.array([first, difference * (0.5 if abs(difference) < 0.01 else 1.5)])

    def start_at(size):
        return finite_size_exponents(
            advance, np.zeros(2), 1.0, size * np.array([1.0, 2.0, 4.0]), 4, 1, 50, np.array([False, True])
        )

    assert np.isnan(start_at(1e-3).values).all()
    large = start_at(2.0)
    np.testing.assert_allclose(large.values, math.log(1.5))
    assert benettin(advance, np.zeros(2), 1.0, 1e-3, 5, 1, perturbed=np.array([False, True])).value < 0
    assert benettin(advance, np.zeros(2), 1.0, 0.1, 5, 1, perturbed=np.array([False, True])).value > 0


def test_a_jump_over_several_sizes_counts_its_whole_gain():
    """Growth by 8 per step passes three sizes at once: the mean over sizes is still ln 8."""
    sizes = 2.0 ** np.arange(-12, 4)
    found = finite_size_exponents(lambda s: 8 * s, np.zeros(1), 1.0, sizes, 20, seed=1, max_intervals=50)
    np.testing.assert_allclose(found.values[~np.isnan(found.values)], math.log(8))
