"""Exponents of systems whose exponents are known: growth of differences, its means and its passages."""

import math

import numpy as np
import pytest

from eiassembly.analysis.measures.dynamics.lyapunov import mean_rate, passage_exponents
from eiassembly.model.lyapunov.growth import Sampling, growth
from eiassembly.model.state.snapshot import COLUMNS, Snapshot

LN2 = math.log(2)
POTENTIAL = COLUMNS.index("V_m")


def exponent(system, start, size, n_intervals, seed, interval=1.0, n_discarded=0):
    """Exponent of a system whose variables stand in for the potentials of a network, per unit of time."""
    rows = np.zeros((len(start), len(COLUMNS)))
    rows[:, POTENTIAL] = start

    def advance(snapshot, n_steps):
        later = np.zeros_like(rows)
        later[:, POTENTIAL] = system(snapshot.states["E"][:, POTENTIAL])
        return Snapshot(snapshot.step + n_steps, {"E": later}, snapshot.trains)

    sampling = Sampling((size,), 1, n_intervals, n_discarded, n_spikes=0, n_followed=0, apart=1, seed=seed)
    found = growth(advance, Snapshot(0, {"E": rows}, {}), "E", {"E": 1.0}, sampling)
    return mean_rate(found.rates[0] / interval)


def distances_to_displaced(system, start, size, n_samples, n_intervals):
    """How far displaced copies get, one row per sample; every one starts where the last one ended."""
    found, random = np.empty((n_samples, n_intervals)), np.random.default_rng(1)
    for row in found:
        drawn = random.standard_normal(len(start))
        other = start + size * drawn / np.linalg.norm(drawn)
        for k in range(n_intervals):
            start, other = system(start), system(other)
            row[k] = np.linalg.norm(other - start)
    return found


def passages(system, start, sizes, n_samples=4, n_intervals=60, interval=1.0):
    distances = distances_to_displaced(system, start, sizes[0] / 100, n_samples, n_intervals)
    return passage_exponents(interval * np.arange(1, n_intervals + 1), distances, sizes)


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
    found = exponent(doubling, np.zeros(2), 1e-3, 50, seed=1, n_discarded=40)
    assert found.value == pytest.approx(LN2, rel=1e-12)
    assert found.error == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(found.running, LN2)


def test_chaotic_logistic_map():
    found = exponent(logistic(4.0), np.array([0.3]), 1e-9, 20_000, seed=2)
    assert found.value == pytest.approx(LN2, abs=5 * found.error + 1e-3)
    assert found.running[-1] == pytest.approx(found.value)


def test_stable_logistic_map():
    """At its fixed point x = 0.6 the map with r = 2.5 has the slope −0.5."""
    found = exponent(logistic(2.5), np.array([0.6]), 1e-6, 100, seed=2)
    assert found.value == pytest.approx(-LN2, abs=1e-4)


def test_lorenz_attractor():
    """0.906 per unit of time (Sprott 2003)."""
    start = lorenz(20.0)(np.array([1.0, 1.0, 20.0]))
    found = exponent(lorenz(0.5), start, 1e-8, 1200, seed=3, interval=0.5, n_discarded=20)
    assert found.value == pytest.approx(0.906, abs=0.03)


def test_leak_and_adaptation_of_a_quiet_cell():
    """Eigenvalues of the linear E neuron of Table 1, [[−g/85, −1/(1.35·85)], [1/40, −1/40]] per ms."""
    matrix = np.array([[-1 / 85, -1 / (1.35 * 85)], [1 / 40, -1 / 40]])
    values, vectors = np.linalg.eig(matrix)
    step = (vectors @ np.diag(np.exp(values)) @ np.linalg.inv(vectors)).real
    found = exponent(lambda state: step @ state, np.zeros(2), 1e-6, 20_000, seed=1, interval=1e-3)
    assert found.value == pytest.approx(-18.382, abs=0.1)


def test_identical_copies_never_part():
    assert exponent(lambda state: np.zeros(3), np.ones(3), 1e-3, 5, seed=1).value == -math.inf


def test_finite_sizes_of_a_linear_map_all_grow_alike():
    sizes = 1e-4 * 2.0 ** np.arange(8)
    found = passages(lambda s: 1.1 * s, np.zeros(3), sizes, n_intervals=200, interval=0.5)
    np.testing.assert_allclose(found, 2 * math.log(1.1))


def test_finite_sizes_of_the_logistic_map_reach_its_exponent_from_above_saturation_down():
    found = passages(logistic(4.0), np.array([0.3]), 1e-6 * 2.0 ** np.arange(18), n_samples=400)
    assert np.mean(found[:10]) == pytest.approx(LN2, abs=0.06)


def test_flux_tube_small_perturbations_shrink_and_large_ones_grow():
    """A threshold: below 0.01 a difference halves, above it grows by a half, like spikes on a time grid."""

    def advance(state):
        return state * np.where(np.abs(state) < 0.01, 0.5, 1.5)

    sizes = np.array([1.0, 2.0, 4.0])
    assert np.isnan(passages(advance, np.zeros(1), 1e-3 * sizes)).all()
    np.testing.assert_allclose(passages(advance, np.zeros(1), 2 * sizes), math.log(1.5))
    assert exponent(advance, np.zeros(1), 1e-3, 5, seed=1).value < 0
    assert exponent(advance, np.zeros(1), 0.1, 5, seed=1).value > 0


def test_a_jump_over_several_sizes_counts_its_whole_gain():
    """Growth by 8 per step passes three sizes at once: the mean over sizes is still ln 8."""
    found = passages(lambda s: 8 * s, np.zeros(1), 2.0 ** np.arange(-12, 4), n_intervals=50)
    np.testing.assert_allclose(found[~np.isnan(found)], math.log(8))
