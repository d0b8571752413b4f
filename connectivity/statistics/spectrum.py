"""Eigenvalues of the effective weights: a bulk, modes of whole populations, and an outlier per assembly.

Effective weight. Without spikes a neuron (Table 1) follows

    g_rest τ dV/dt = g_rest (E_rest − V) + Σ g (E_rev − V) − a (V − E_rest)

with the steady state of adaptation. One presynaptic spike adds w exp(−t/τ_syn) per contact to g, so a source
that fires at the rate r adds the mean conductance w τ_syn r. To first order, around a potential V₀, the mean
potential then changes by J r with

    J = w τ_syn (E_rev − V₀) / (g_rest + a)                                            (mV per Hz)

times the number of contacts. V₀ is halfway between rest and threshold. J is the gain of one neuron's rate to
another's potential; a pattern of rates that is an eigenvector returns to itself multiplied by λ × the slope
(Hz per mV) of the neurons' response, so it grows by itself where that slope exceeds 1/λ. In a running network
synaptic conductances add to g_rest and make all that smaller, by a factor which the wiring does not know.

Bulk. Independent entries with the variances σ²_ab of block (a, b) have their eigenvalues within a disc of the
radius √ρ, ρ being the largest eigenvalue of the matrix N_b σ²_ab (Aljadeff, Stern & Sharpee 2015, Phys Rev
Lett 114:088101; for one population √(N σ²), Girko's circular law). The mean weights between populations, and
between the members of assemblies, are a perturbation of low rank: it adds its own eigenvalues where they are
beyond the bulk, and changes nothing else (Tao 2013, Probab Theory Relat Fields 155:231).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eiassembly.config.parameters import NeuronParameters, Population, Sign
from eiassembly.connectivity.wiring import Projection, Wiring
from eiassembly.core.arrays import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array


Complex = NDArray[np.complex128]

_DENSE = 1500
"""Neurons up to which all eigenvalues are computed: seconds."""
_SPARE = 8
"""Eigenvalues computed besides those of populations and assemblies."""
_RESTARTS = (4, 40)
_BUDGET = 1.5e10
"""Entries of the matrix that are multiplied, at most, in all products together: half a minute."""
_TOLERANCE = 1e-3
"""Of an eigenvalue, relative."""
_MS_PER_S = 1000.0


def without(values: Complex, others: Complex) -> Complex:
    """Leave out, for each of the others, the value that is closest to it."""
    left = values.tolist()
    for other in others.tolist()[: len(left)]:
        distances = [abs(value - other) for value in left]
        left.pop(distances.index(min(distances)))
    return np.array(left, np.complex128)


def gain(strength: float, sign: Sign, neuron: NeuronParameters) -> float:
    """Change of a neuron's mean potential per rate of a source with one contact, mV/Hz.

    Parameters
    ----------
    strength : float
        Conductance step per spike, nS.
    sign : str
        Of the source.
    neuron : NeuronParameters
        Of the target.
    """
    potential = (neuron.E_rest + neuron.V_th) / 2
    drive = strength * neuron.tau_syn(sign) * (neuron.reversal(sign) - potential)
    return drive / (neuron.g_rest + neuron.a) / _MS_PER_S


def effective_weights(wiring: Wiring) -> "csr_array":
    """Effective weights of all neurons on each other, mV/Hz.

    Returns
    -------
    scipy.sparse.csr_array of float64, shape (n_neurons, n_neurons)
        Row = target; populations in the order of the wiring, without sources of given spikes.
    """
    # Imported here: SciPy is slow to import, and building needs none of it.
    from scipy.sparse import block_array, csr_array

    neurons = _neurons(wiring)
    table = [[csr_array((target.size, source.size)) for source in neurons] for target in neurons]
    for (row, column), (projection, weight) in _blocks(wiring).items():
        data = projection.multiplicity * weight
        # SciPy makes both of the wider type: with offsets of 64 bits the indices would take twice the memory.
        width = np.int32 if len(data) <= np.iinfo(np.int32).max else np.int64
        places = (projection.sources, projection.offsets.astype(width))
        table[row][column] = csr_array((data, *places), shape=(projection.n_targets, projection.n_sources))
    return csr_array(block_array(table))


def eigenvalues(weights: "csr_array", wanted: int) -> Complex:
    """Eigenvalues by decreasing magnitude: all of a small matrix, ``wanted`` of a large one.

    Of a large matrix those may be missing that lie so close to others, at the edge of the bulk, that telling
    them apart would take long; those far outside are found first.
    """
    size = weights.shape[0]
    if size <= max(_DENSE, 3 * wanted + 1):
        return _by_magnitude(np.linalg.eigvals(weights.toarray()))
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import ArpackNoConvergence, eigs

    # Half the bytes, half the time.
    data = weights.data.astype(np.float32)
    single = csr_array((data, weights.indices, weights.indptr), shape=weights.shape)
    restarts = int(np.clip(_BUDGET / (2 * wanted * weights.nnz), *_RESTARTS))
    start = np.random.default_rng(0).standard_normal(size, np.float32)  # the same result every time
    options = {"ncv": 3 * wanted, "v0": start, "maxiter": restarts, "tol": _TOLERANCE}
    try:
        found = eigs(single, wanted, return_eigenvectors=False, **options)
    except ArpackNoConvergence as error:
        found = error.eigenvalues
    return _by_magnitude(found)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of the effective weights of all neurons, mV per Hz.

    Parameters
    ----------
    eigenvalues : ndarray of complex128
        By decreasing magnitude; all of them, or those of largest magnitude.
    n_neurons : int
        Size of the matrix.
    radius : float
        Of the bulk, from the variances of the blocks.
    of_populations : ndarray of complex128, shape (n_populations,)
        Eigenvalues of the mean weights between populations: what a network without assemblies has outside
        the bulk. Expected, not found.
    of_assemblies : ndarray of complex128
        What the mean weights within and between the members of assemblies add to these. Expected, not found.
    """

    eigenvalues: Complex
    n_neurons: int
    radius: float
    of_populations: Complex
    of_assemblies: Complex

    @property
    def edge(self) -> float:
        """Magnitude beyond which an eigenvalue is an outlier.

        The largest of N eigenvalues of the bulk exceeds the radius by a part of the order √(log N / N) (Rider
        2003, J Phys A 36:3401, for independent normal entries).
        """
        return float(self.radius * (1 + np.sqrt(np.log(self.n_neurons) / self.n_neurons)))

    @property
    def outliers(self) -> Complex:
        """Eigenvalues beyond the bulk that are not modes of populations, by decreasing magnitude."""
        return without(self.beyond(self.eigenvalues), self.beyond(self.of_populations))

    @property
    def is_complete(self) -> bool:
        """Whether all outliers were found: in a very large network there is no time for those at the edge."""
        return len(self.eigenvalues) == self.n_neurons or bool(np.abs(self.eigenvalues).min() <= self.edge)

    def beyond(self, values: Complex) -> Complex:
        """Return those values that are beyond the bulk."""
        return values[np.abs(values) > self.edge]

    def as_json(self) -> dict[str, Any]:
        """Plain values; a complex number is a pair."""
        lists = ("eigenvalues", "of_populations", "of_assemblies", "outliers")
        numbers = {name: [[z.real, z.imag] for z in getattr(self, name).tolist()] for name in lists}
        return {
            "units": "mV/Hz",
            "neurons": self.n_neurons,
            "radius": self.radius,
            "edge": self.edge,
        } | numbers


def spectrum(wiring: Wiring) -> Spectrum | None:
    """Find the outstanding eigenvalues of a whole network; None if no neurons are connected.

    Parameters
    ----------
    wiring : Wiring
        Whole; sources of given spikes are left out, as nothing returns to them.
    """
    blocks = _blocks(wiring)
    if not blocks:
        return None
    sizes = np.array([population.size for population in _neurons(wiring)])
    mean, variance = _moments(wiring, blocks)
    of_populations = _by_magnitude(np.linalg.eigvals(mean * sizes))
    weights = effective_weights(wiring)
    return Spectrum(
        eigenvalues(weights, len(sizes) + len(wiring.assemblies) + _SPARE),
        int(sizes.sum()),
        float(np.sqrt(np.abs(np.linalg.eigvals(variance * sizes)).max())),
        of_populations,
        without(_modes_of_groups(weights, _groups(wiring)), of_populations),
    )


Blocks = Mapping[tuple[int, int], tuple[Projection, float]]
"""Projections between neurons with the gain of a contact, by the places of (target, source)."""


def _neurons(wiring: Wiring) -> list[Population]:
    return [population for population in wiring.populations if population.neuron is not None]


def _blocks(wiring: Wiring) -> Blocks:
    place = {population.name: index for index, population in enumerate(_neurons(wiring))}
    blocks = {}
    for p in wiring.projections:
        neuron = wiring.population(p.target).neuron
        if neuron is not None and p.source in place and p.n_contacts:
            weight = gain(p.strength, wiring.population(p.source).sign, neuron)
            blocks[place[p.target], place[p.source]] = (p, weight)
    return blocks


def _moments(wiring: Wiring, blocks: Blocks) -> tuple[Floats, Floats]:
    """Mean and variance of the effective weights of all blocks, shape (n_populations, n_populations)."""
    n_populations = len(_neurons(wiring))
    mean, variance = np.zeros((2, n_populations, n_populations))
    for place, (projection, weight) in blocks.items():
        n_pairs = projection.n_sources * projection.n_targets
        contacts = projection.n_contacts / n_pairs
        squares = np.square(projection.multiplicity, dtype=np.int64).sum() / n_pairs
        mean[place] = weight * contacts
        variance[place] = weight**2 * (squares - contacts**2)
    return mean, variance


def _groups(wiring: Wiring) -> "csr_array":
    """Say who belongs to which population and to which assembly, shape (n_groups, n_neurons)."""
    from scipy.sparse import csr_array

    neurons = _neurons(wiring)
    ends = np.cumsum([0, *(population.size for population in neurons)])
    groups = [np.arange(low, high) for low, high in pairwise(ends.tolist())]
    for assembly in wiring.assemblies:
        members = (low + assembly.of(p.name) for low, p in zip(ends.tolist(), neurons, strict=False))
        groups += [ids for ids in members if len(ids)]
    offsets = np.cumsum([0, *map(len, groups)])
    ids = np.concatenate(groups)
    return csr_array((np.ones(len(ids)), ids, offsets), shape=(len(groups), int(ends[-1])))


def _modes_of_groups(weights: "csr_array", groups: "csr_array") -> Complex:
    """Eigenvalues of the mean weights between groups of neurons, which may share some.

    They are those of the matrix restricted to patterns that are constant within groups; least squares find
    for every pattern the closest of these.
    """
    overlap = (groups @ groups.T).toarray()
    returned = groups @ (weights @ groups.T.toarray())
    restricted = np.linalg.lstsq(overlap, returned, rcond=None)[0]
    return _by_magnitude(np.linalg.eigvals(restricted))


def _by_magnitude(values: NDArray[np.inexact[Any]]) -> Complex:
    """Decreasing; of a conjugate pair first the one above the real axis."""
    order = np.lexsort((-values.imag, -np.round(np.abs(values), 12)))
    return values[order].astype(np.complex128)
