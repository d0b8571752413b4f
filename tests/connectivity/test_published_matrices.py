"""Our networks against the authors' matrices: as far from theirs as theirs are from each other.

Yardstick: a quantity's distribution in every network; the distance (Wasserstein, Kolmogorov-Smirnov) between
two networks. The mean distance between ours and theirs must not exceed the largest between two of theirs.
Theirs are all published networks in which the quantity has the same parameters; ours have the authors'
odors, which all their networks have in common, and the seeds 1 to 8. What does not meet this is in
``BEYOND``, with the numbers.
"""

import itertools
from functools import cache

import numpy as np
import pytest
from authors_data import CONNEC, ODORS, needs_authors_data
from scipy.stats import ks_2samp, wasserstein_distance

from eiassembly.config.network import NetworkConfig
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.build import build_base
from eiassembly.connectivity.files.matlab import import_network
from eiassembly.connectivity.memories.rule import rule_of
from eiassembly.connectivity.memories.store import with_memories
from eiassembly.connectivity.statistics.enrichment import contacts_within
from eiassembly.odors.matlab import import_odors

pytestmark = needs_authors_data

OURS = tuple(zip("ABCDABCD", range(1, 9), strict=True))
"""Presets and seeds."""
STRUCTURES = {"tEI": "tuned_ei", "tI": "tuned_i"}


@cache
def theirs(name):
    return import_network(CONNEC / f"connec_{name}.mat", (1.0,) * 6)


@cache
def base(preset, seed):
    return build_base(NetworkConfig(preset=preset, seed=seed))


@cache
def ours(preset, seed, variant):
    if not variant:
        return base(preset, seed)
    network = NetworkConfig(preset=preset, seed=seed, structure=STRUCTURES[variant])
    return with_memories(base(preset, seed), odors(), rule_of(network))


@cache
def odors():
    return import_odors(ODORS / "odorset_10learned.mat", "learned").odors


def in_degree(wiring, source, target):
    return wiring.projection(source, target).in_degree()


def out_degree(wiring, source, target):
    return wiring.projection(source, target).out_degree()


def within(wiring, source, target):
    return np.concatenate(contacts_within(wiring.projection(source, target), wiring.assemblies))


def doubled(wiring, source, target):
    """Inputs of each neuron that have several contacts."""
    projection = wiring.projection(source, target)
    return np.bincount(projection.targets()[projection.multiplicity > 1], minlength=projection.n_targets)


def density(wiring, source, target):
    """Of contacts within each assembly."""
    contacts = contacts_within(wiring.projection(source, target), wiring.assemblies)
    return np.array([c.mean() / len(a.of(source)) for c, a in zip(contacts, wiring.assemblies, strict=True)])


def received(wiring, source, target):
    """Contacts of each member with what it was chosen by."""
    projection = wiring.projection(source, target)
    groups = [o.activated for o in odors()] if source == "OB" else [a.of(source) for a in wiring.assemblies]
    counts = projection.received_from(groups)
    return np.concatenate([c[a.of(target)] for c, a in zip(counts, wiring.assemblies, strict=True)])


def shared(wiring, population):
    members = [assembly.of(population) for assembly in wiring.assemblies]
    return np.array([len(np.intersect1d(a, b)) for a, b in itertools.combinations(members, 2)])


def memberships(wiring, population):
    members = np.concatenate([assembly.of(population) for assembly in wiring.assemblies])
    return np.bincount(members, minlength=wiring.population(population).size)


EE, IE, EI, II = ("E", "E"), ("I", "E"), ("E", "I"), ("I", "I")
FAMILIES = [
    # quantity, of what, letters of the networks, variant
    *((degree, pair, "ABCD", "") for degree in (in_degree, out_degree) for pair in (EE, IE)),
    *((degree, pair, "ABD", "") for degree in (in_degree, out_degree) for pair in (EI, II)),
    *((out_degree, EE, "ABCD", variant) for variant in STRUCTURES),
    *((out_degree, IE, "ABCD", variant) for variant in STRUCTURES),
    (out_degree, EI, "ABD", "tEI"),
    *((quantity, EE, "ABCD", v) for v in STRUCTURES for quantity in (within, density, doubled)),
    *((quantity, IE, "ABCD", v) for v in STRUCTURES for quantity in (within, density, doubled)),
    *((quantity, EI, "ABD", "tEI") for quantity in (within, density, doubled)),
    (received, ("E", "I"), "ABD", "tI"),
    (received, ("OB", "E"), "ABC", "tI"),
    *((quantity, ("E",), "ABCD", v) for v in STRUCTURES for quantity in (shared, memberships)),
    *((quantity, ("I",), "ABD", v) for v in STRUCTURES for quantity in (shared, memberships)),
]
NUMBERS = {"A": 1, "B": 4, "C": 1, "D": 1}
METRICS = ("Wasserstein", "Kolmogorov-Smirnov")

# In a permutation test that exchanges their networks and ours p > 0.01 in all of these but the inputs that
# have several contacts. Once doubled, a connection keeps its contacts in the authors' networks when a later
# memory takes others away (89-94 % of those that can be followed; 42-46 % in ours).
BEYOND = {
    "in_degree I_to_I Wasserstein": "1.11 times the spread",
    "in_degree I_to_I Kolmogorov-Smirnov": "1.22 times the spread",
    "out_degree E_to_I tEI Wasserstein": "1.15 times the spread",
    "within E_to_E tEI Kolmogorov-Smirnov": "1.21 times the spread",
    "within E_to_E tI Kolmogorov-Smirnov": "1.23 times the spread",
    "doubled I_to_E tI Wasserstein": "1.07 times the spread, and systematic (p = 0.002)",
    "within E_to_I tEI Wasserstein": "1.09 times the spread",
    "doubled E_to_I tEI Wasserstein": "1.03 times the spread",
    "received E_to_I tI Wasserstein": "1.10 times the spread",
    "received E_to_I tI Kolmogorov-Smirnov": "1.14 times the spread",
    "shared E tEI Kolmogorov-Smirnov": "1.03 times the spread",
    "memberships E tI Kolmogorov-Smirnov": "1.08 times the spread",
    "memberships I tEI Wasserstein": "1.70 times the spread",
    "memberships I tEI Kolmogorov-Smirnov": "1.67 times the spread",
    "shared I tI Kolmogorov-Smirnov": "1.08 times the spread",
}
"""What does not meet the criterion, with the ratio of the two distances."""


def kolmogorov_smirnov(a, b):
    return ks_2samp(a, b, method="asymp").statistic


def cases():
    for (quantity, of, letters, variant), metric in itertools.product(FAMILIES, METRICS):
        name = " ".join(filter(None, (quantity.__name__, "_to_".join(of), variant, metric)))
        marks = [pytest.mark.xfail(reason=BEYOND[name], strict=True)] if name in BEYOND else []
        yield pytest.param(quantity, of, letters, variant, metric, id=name, marks=marks)


@pytest.mark.parametrize(("quantity", "of", "letters", "variant", "metric"), list(cases()))
def test_ours_are_as_far_from_theirs_as_theirs_from_each_other(quantity, of, letters, variant, metric):
    suffix = f"_{variant}" if variant else ""
    published = [quantity(theirs(f"{a}_{NUMBERS[a]}{suffix}"), *of) for a in letters]
    built = [quantity(ours(preset, seed, variant), *of) for preset, seed in OURS if preset in letters]
    distance = wasserstein_distance if metric == "Wasserstein" else kolmogorov_smirnov
    spread = max(distance(a, b) for a, b in itertools.combinations(published, 2))
    assert np.mean([distance(a, b) for a in built for b in published]) <= spread


def test_what_does_not_fit_is_what_is_known():
    assert set(BEYOND) <= {case.id for case in cases()}


@pytest.mark.parametrize(("name", "targets", "ratios"), [
    # The file that is called "noA" has the targets of Tuned[adjust]: it is not the control whose I members
    # are chosen by their input from the odor.
    ("A_1_tEI_noA", {"E_to_E": 25, "I_to_E": 13, "E_to_I": 25}, {"alpha": 4.93, "beta": 10.2, "gamma": 2.89}),
    # Scaled[adjust]; the text has α 3.7 and χ 1.07, this network α 3.56 and χ 1.05.
    ("A_1_matchS", {"E_to_E": 18}, {"alpha": 3.56, "beta": 1.0, "gamma": 1.0}),
])  # fmt: skip
def test_adjusted_networks_of_the_authors(name, targets, ratios):
    before, after = theirs("A_1"), theirs(name)
    assemblies = [Assembly(a.odor, {"I": np.arange(0)} | dict(a.members)) for a in after.assemblies]
    for key, pair in {"alpha": EE, "beta": IE, "gamma": EI}.items():
        old, new = (np.concatenate(contacts_within(w.projection(*pair), assemblies)) for w in (before, after))
        if old.sum():
            assert new.sum() / old.sum() == pytest.approx(ratios[key], abs=0.02)
        if "_to_".join(pair) in targets:
            assert np.median(new) == targets["_to_".join(pair)]


def test_inhibitory_members_of_the_authors_receive_from_the_assembly_not_from_the_odor():
    """Also those of the file "noA"; ours, when chosen by the odor, the other way round."""
    network = NetworkConfig(structure="tuned_ei", inhibitory_members_from="OB")
    control = with_memories(base("A", 1), odors(), rule_of(network))
    for name in ("A_1_tEI", "A_1_tI", "A_1_tEI_noA"):
        assemblies = theirs(name).assemblies
        assert 8.5 < chosen_by(theirs("A_1"), "E", assemblies) < 8.8
        assert 1.4 < chosen_by(theirs("A_1"), "OB", assemblies) < 1.6  # all I neurons: 1.6
    assert 3.9 < chosen_by(base("A", 1), "E", control.assemblies) < 4.2  # all I neurons: 4.0
    assert chosen_by(base("A", 1), "OB", control.assemblies) > 2.5 * 1.6


def chosen_by(wiring, source, assemblies):
    """Mean number of contacts that I members receive from their E members or from their odor."""
    groups = [o.activated for o in odors()] if source == "OB" else [a.of("E") for a in assemblies]
    counts = wiring.projection(source, "I").received_from(groups[: len(assemblies)])
    return np.mean([c[a.of("I")].mean() for c, a in zip(counts, assemblies, strict=True)])
