"""Effective weights and their eigenvalues: theory of random matrices, low rank, the authors' networks."""

from dataclasses import replace

import numpy as np
import pytest
from authors_data import CONNEC, needs_authors_data, strengths
from random_projections import random_projection
from small_wirings import three, two

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, Population
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.files.matlab import ScaledInhibition, import_network
from eiassembly.connectivity.statistics import spectrum as module
from eiassembly.connectivity.statistics.spectrum import (
    effective_weights,
    eigenvalues,
    gain,
    spectrum,
    without,
)
from eiassembly.connectivity.wiring import Projection, Wiring


def test_gain_by_hand():
    """E neuron: halfway between −60 and −38 mV is −49 mV; 1.35 + 1 nS; 30 and 10 ms."""
    assert gain(0.128, "excitatory", EXCITATORY) == pytest.approx(0.128 * 30 * 49 / 2.35 / 1000)
    assert gain(0.48, "inhibitory", EXCITATORY) == pytest.approx(0.48 * 10 * -21 / 2.35 / 1000)
    assert gain(0.25, "inhibitory", INHIBITORY) == pytest.approx(0.25 * 10 * -15 / 0.9 / 1000)


@pytest.mark.parametrize("sign", ["excitatory", "inhibitory"])
@pytest.mark.parametrize("neuron", [EXCITATORY, INHIBITORY])
def test_gain_is_the_slope_of_the_steady_potential(sign, neuron):
    """A current holds the cell halfway to threshold; then a source starts to fire at a low rate."""
    holding = (neuron.E_rest + neuron.V_th) / 2
    leak = neuron.g_rest + neuron.a
    current = leak * (holding - neuron.E_rest)

    def potential(rate):
        g = 0.3 * neuron.tau_syn(sign) / 1000 * rate
        return (leak * neuron.E_rest + current + g * neuron.reversal(sign)) / (leak + g)

    slope = (potential(1e-3) - potential(0.0)) / 1e-3
    assert gain(0.3, sign, neuron) == pytest.approx(slope, rel=1e-4)


def test_weights_are_rows_of_targets():
    wiring = three()
    found = effective_weights(wiring).toarray()
    first = {"E": 0, "FBI": 40, "FFI": 52}
    assert found.shape == (62, 62)
    expected = np.zeros((62, 62))
    for p in wiring.projections:
        if p.source != "OB":
            contacts = p.matrix().toarray()
            rows, columns = first[p.target], first[p.source]
            target, source = wiring.population(p.target).neuron, wiring.population(p.source).sign
            expected[rows : rows + len(contacts), columns : columns + contacts.shape[1]] = (
                gain(p.strength, source, target) * contacts
            )
    np.testing.assert_allclose(found, expected)
    assert (found[:, 40:] <= 0).all()


def one_population(projection, assemblies=()):
    size = projection.n_targets
    population = Population(name="E", size=size, sign="excitatory", neuron=EXCITATORY)
    return Wiring((population,), (projection,), assemblies)


def test_all_to_all_has_one_eigenvalue():
    n = 20
    p = Projection(
        "E", "E", 0.1, n, n * np.arange(n + 1), np.tile(np.arange(n, dtype=np.int32), n),
        np.ones(n * n, np.uint8),
    )  # fmt: skip
    found = spectrum(one_population(p))
    J = gain(0.1, "excitatory", EXCITATORY)
    np.testing.assert_allclose(found.of_populations, [n * J])
    np.testing.assert_allclose(found.eigenvalues, [n * J, *[0] * (n - 1)], atol=1e-12)
    assert found.radius == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("n", [300, 700])
def test_independent_entries_fill_a_disc(n):
    """Girko: radius √(N σ²), uniformly filled; the mean adds one eigenvalue."""
    p = random_projection(n, n, n, 0.1)
    found = spectrum(one_population(p))
    J, density = gain(0.1, "excitatory", EXCITATORY), p.n_contacts / n**2
    assert found.radius == pytest.approx(J * np.sqrt(n * density * (1 - density)))
    assert found.eigenvalues[0].real == pytest.approx(J * n * density, rel=0.02)
    bulk = np.abs(found.eigenvalues[1:])
    assert len(found.outliers) == 0
    assert bulk.max() == pytest.approx(found.radius, rel=0.1)
    assert np.mean(bulk < found.radius / np.sqrt(2)) == pytest.approx(0.5, abs=0.05)


def two_populations(n_exc, n_inh, densities, strength=0.3):
    """E and I with a density for each pair."""
    sizes = {"E": n_exc, "I": n_inh}
    projections = tuple(
        random_projection(
            k, sizes[s], sizes[t], density, source=s, target=t, strength=strength, most=1 + (s == "I")
        )
        for k, ((s, t), density) in enumerate(densities.items())
    )
    populations = (
        Population(name="E", size=n_exc, sign="excitatory", neuron=EXCITATORY),
        Population(name="I", size=n_inh, sign="inhibitory", neuron=INHIBITORY),
    )
    return Wiring(populations, projections)


def test_blocks_with_different_variances():
    """The bulk ends where the matrix of variances says, and not where one block alone would end."""
    densities = {("E", "E"): 0.05, ("E", "I"): 0.4, ("I", "E"): 0.3, ("I", "I"): 0.1}
    found = spectrum(two_populations(500, 250, densities))
    bulk = without(found.eigenvalues, found.of_populations)
    assert np.abs(bulk).max() == pytest.approx(found.radius, rel=0.06)
    lone = spectrum(two_populations(500, 250, {("E", "E"): 0.05}))
    assert found.radius > 1.5 * lone.radius


def with_assembly(projection, members, sources=None, more=1):
    """Every member receives more contacts from every source: mean weights grow by so many gains."""
    contacts = projection.matrix().toarray()
    contacts[np.ix_(members, members if sources is None else sources)] += more
    rows, columns = np.nonzero(contacts)
    offsets = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(contacts)))))
    multiplicity = contacts[rows, columns].astype(np.uint8)
    return replace(projection, offsets=offsets, sources=columns.astype(np.int32), multiplicity=multiplicity)


def test_every_assembly_adds_an_outlier():
    """Those of the mean weights: three assemblies, and the population; all others are within the bulk."""
    p, mean = random_projection(5, 700, 700, 0.05), np.full((700, 700), 0.05)
    members = [np.arange(0, 40), np.arange(40, 90), np.arange(90, 150)]
    for ids in members:
        p = with_assembly(p, ids)
        mean[np.ix_(ids, ids)] += 1
    found = spectrum(one_population(p, tuple(Assembly(k, {"E": m}) for k, m in enumerate(members))))
    J = gain(0.1, "excitatory", EXCITATORY)
    expected = J * np.sort(np.linalg.eigvals(mean).real)[:-5:-1]
    np.testing.assert_allclose(found.eigenvalues[:4], expected, rtol=0.04)
    assert len(found.outliers) == 3
    assert len(found.beyond(found.of_assemblies)) == 3
    np.testing.assert_allclose(found.outliers, found.beyond(found.of_assemblies), rtol=0.04)


def test_inhibition_from_within_takes_the_outlier_back():
    """E members that excite I members and are inhibited by them: their own mode shrinks."""
    densities = {("E", "E"): 0.05, ("E", "I"): 0.05, ("I", "E"): 0.05, ("I", "I"): 0.05}
    base = two_populations(600, 150, densities)
    exc, inh = np.arange(60), np.arange(30)
    excited = with_assembly(base.projection("E", "E"), exc)
    assembly = (Assembly(0, {"E": exc, "I": inh}),)
    alone = spectrum(base.replacing([excited], assemblies=assembly))

    inhibited = with_assembly(base.projection("I", "E"), exc, inh, more=2)
    loop = [excited, inhibited, with_assembly(base.projection("E", "I"), inh, exc, more=2)]
    tuned = spectrum(base.replacing(loop, assemblies=assembly))
    assert alone.beyond(alone.of_assemblies).real.max() > 1.1 * alone.radius
    assert tuned.of_assemblies.real.max() < 0.8 * alone.of_assemblies.real.max()


def test_few_eigenvalues_of_a_large_matrix_are_those_of_all(monkeypatch):
    wiring = one_population(with_assembly(random_projection(5, 700, 700, 0.05), np.arange(60)))
    weights = effective_weights(wiring)
    everything = eigenvalues(weights, 6)
    monkeypatch.setattr(module, "_DENSE", 100)
    few = eigenvalues(weights, 6)
    assert len(everything) == 700
    assert 2 <= len(few) <= 7
    np.testing.assert_allclose(np.abs(few[:2]), np.abs(everything[:2]), rtol=1e-3)
    np.testing.assert_array_equal(few, eigenvalues(weights, 6))


def test_what_was_not_found_in_time_is_said(monkeypatch):
    monkeypatch.setattr(module, "_DENSE", 100)
    monkeypatch.setattr(module, "_RESTARTS", (1, 1))
    p = with_assembly(random_projection(5, 700, 700, 0.05), np.arange(200))
    assemblies = tuple(Assembly(k, {"E": np.arange(20 * k, 20 * k + 20)}) for k in range(3))
    found = spectrum(one_population(p, assemblies))
    assert len(found.eigenvalues) < 12
    assert found.is_complete == (np.abs(found.eigenvalues).min() <= found.edge)


def test_identical_assemblies_do_not_confuse():
    p = with_assembly(random_projection(5, 300, 300, 0.05), np.arange(60))
    assemblies = tuple(Assembly(k, {"E": np.arange(60)}) for k in range(2))
    once, twice = (spectrum(one_population(p, assemblies[:n])) for n in (1, 2))
    np.testing.assert_allclose(twice.beyond(twice.of_assemblies), once.beyond(once.of_assemblies), rtol=1e-6)


def test_networks_without_recurrence():
    wiring = two()
    assert spectrum(Wiring(wiring.populations, wiring.projections[:1])) is None
    assert spectrum(Wiring(wiring.populations[:1], ())) is None


def test_the_closest_is_left_out():
    values = np.array([3, 1 + 1j, 1 - 1j])
    assert without(values, np.array([2.9 + 0j])).tolist() == [1 + 1j, 1 - 1j]
    assert without(values, values).tolist() == []
    assert without(values[:1], values).tolist() == []


@needs_authors_data
def test_the_authors_networks():
    """Unstructured: only populations. Scaled I: an outlier per assembly. Tuned E+I: fewer, smaller."""
    weights = strengths("connec_A_1")
    rand = spectrum(import_network(CONNEC / "connec_A_1.mat", weights))
    assert len(rand.outliers) == 0
    assert np.abs(rand.eigenvalues[2:]).max() == pytest.approx(rand.radius, rel=0.04)
    inhibition = ScaledInhibition(CONNEC / "connec_A_1.mat", 1.4)
    scaled = spectrum(import_network(CONNEC / "connec_A_1_tI.mat", weights, inhibition))
    expected = scaled.beyond(scaled.of_assemblies)
    assert len(expected) == 15
    assert 15 <= len(scaled.outliers) <= 17  # where the bulk ends, one or two of its own
    np.testing.assert_allclose(np.sort(np.abs(scaled.outliers))[-15:], np.sort(np.abs(expected)), rtol=0.06)
    tuned = spectrum(import_network(CONNEC / "connec_A_1_tEI.mat", weights))
    assert len(tuned.beyond(tuned.of_assemblies)) < 15
    assert tuned.of_assemblies.real.max() < 0.9 * scaled.of_assemblies.real.max()
