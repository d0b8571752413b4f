"""Numbers about wirings, on wirings small enough to count by hand."""

import numpy as np
import pytest
from random_projections import random_projection

from eiassembly.config.parameters import EXCITATORY, INHIBITORY, two_populations
from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.statistics.description import described
from eiassembly.connectivity.statistics.enrichment import contacts_within, enrichment, relative_density
from eiassembly.connectivity.wiring import Wiring
from eiassembly.core.communicator import Serial

ASSEMBLIES = (
    Assembly(0, {"E": np.array([0, 1, 2]), "I": np.array([0])}),
    Assembly(1, {"E": np.array([2, 3]), "I": np.array([1])}),
)


def full(source, target, n_sources, n_targets):
    return random_projection(0, n_sources, n_targets, 1.0, source=source, target=target)


def wiring(changes=()):
    sizes = {"OB": 3, "E": 5, "I": 4}
    pairs = [("E", "E"), ("I", "E"), ("E", "I")]
    base = Wiring(
        populations=two_populations(EXCITATORY, INHIBITORY, sizes),
        projections=tuple(full(s, t, sizes[s], sizes[t]) for s, t in pairs),
        assemblies=ASSEMBLIES,
    )
    return base.replacing(changes)


def test_contacts_within_a_fully_connected_network():
    assert [c.tolist() for c in contacts_within(full("E", "E", 5, 5), ASSEMBLIES)] == [[3, 3, 3], [2, 2]]
    assert [c.tolist() for c in contacts_within(full("I", "E", 4, 5), ASSEMBLIES)] == [[1, 1, 1], [1, 1]]
    assert [c.tolist() for c in contacts_within(full("E", "I", 5, 4), ASSEMBLIES)] == [[3], [2]]


def test_density_is_relative():
    assert relative_density(full("E", "I", 5, 4), ASSEMBLIES) == pytest.approx(1)
    assert np.isnan(relative_density(full("E", "I", 5, 4), ()))


def test_enrichment_counts_multiplicity():
    doubled = random_projection(0, 5, 5, 1.0, multiplicity=np.full(25, 2, np.uint8))
    found = enrichment(wiring(), wiring([doubled]), Serial())
    assert found == {"alpha": 2.0, "beta": 1.0, "gamma": 1.0}


def test_description_names_what_one_looks_for():
    text = described(wiring())
    assert "source of given spikes" in text
    assert "E → I" in text
    assert "2.5 members each, 4 different neurons, two assemblies share at most 1" in text
    assert "unknown" in text
    assert "assemblies    0" in described(Wiring(wiring().populations, wiring().projections))
