"""Networks of our own, five seeds per preset, against the paper's ranges and the authors' networks."""

import math
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
import pytest
from authors_data import OBSERVABLES, needs_authors_data, reference_runs
from own_networks import configured, observed, observed_with_new_spikes

from eiassembly.analysis.observables import QUANTITIES

pytestmark = pytest.mark.seeds

PRESETS = ("A", "B", "C", "D", "simple")
SEEDS = (1, 2, 3, 4, 5)
STRUCTURES = {"rand": "rand", "scaled_i": "scaled", "tuned_i": "tI", "tuned_ei": "tEI"}
"""Our names and those of the reference runs."""
NETWORKS = ("connec_A_1", "connec_B_4", "connec_C_1", "connec_D_1")
COTUNING = ("cotuning_correlation", "cotuning_ratio")
N_ODORS = 10


def in_parallel(function, arguments):
    """Results by argument; one process per processor, started afresh: NEST's threads survive no fork."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        return dict(zip(arguments, pool.map(function, *zip(*arguments, strict=True)), strict=True))


def simulated(preset, structure, seed):
    """Observables by kind; novel odours where they tell something new, and for one seed of every network."""
    novel = N_ODORS if structure == "rand" or seed == 1 else 0
    return observed(configured(preset, structure, seed, learned=N_ODORS, novel=novel))


@pytest.fixture(scope="module")
def own():
    """Observables by (preset, structure, seed) and kind of odour."""
    return in_parallel(simulated, list(product(PRESETS, STRUCTURES, SEEDS)))


def values(own, name, structure, kind, presets):
    """Values of one observable in all networks for which it was measured."""
    found = [
        getattr(kinds[kind], name)
        for (preset, its_structure, _), kinds in own.items()
        if its_structure == structure and preset in presets and kind in kinds
    ]
    assert len(found) >= len(presets)
    return np.array(found)


RANGED = [name for name, quantity in QUANTITIES if quantity.has_range]


@pytest.mark.parametrize("kind", ["learned", "novel"])
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", RANGED)
def test_rand_lies_within_the_papers_ranges(own, name, preset, kind):
    mean = values(own, name, "rand", kind, [preset]).mean()
    assert dict(QUANTITIES)[name].verdict(mean, "rand") == "in range", mean


def compared(kind):
    """Observables that both sides have for this kind of odour."""
    names = [name for name in OBSERVABLES if name != "assembly_rate" or kind == "learned"]
    return [(kind, structure, name) for structure in STRUCTURES for name in names]


@needs_authors_data
@pytest.mark.parametrize(("kind", "structure", "name"), [*compared("learned"), *compared("novel")])
def test_three_standard_deviations_of_the_reference(own, kind, structure, name):
    """Mean over presets A to D, as the reference is of one network of each."""
    rows = reference_runs(kind=STRUCTURES[structure], odors=kind)
    reference = np.array([row.get(OBSERVABLES[name], math.nan) for row in rows])
    if np.isnan(reference).any():
        pytest.skip(f"the reference has no {name} for {structure}")
    if (kind, structure) == ("learned", "tuned_i") and name in COTUNING:
        pytest.skip("one draw of the spikes is not typical: see the next test")
    mean = values(own, name, structure, kind, "ABCD").mean()
    assert abs(mean - reference.mean()) <= 3 * reference.std(ddof=1), (mean, reference)


@needs_authors_data
@pytest.mark.parametrize("name", COTUNING)
def test_cotuning_of_tuned_i_with_several_draws_of_the_spikes(own, name):
    """The authors' networks and odours with spikes drawn anew.

    In Tuned I networks co-tuning of cells outside the assemblies follows the population's rate, which
    fluctuates from draw to draw, so that a single one says little.
    """
    draws = in_parallel(
        observed_with_new_spikes, [(network, seed) for network in NETWORKS for seed in (1, 2, 3)]
    )
    reference = np.array([getattr(found, name) for found in draws.values()])
    mean = values(own, name, "tuned_i", "learned", "ABCD").mean()
    assert abs(mean - reference.mean()) <= 3 * reference.std(ddof=1), (mean, reference)
