"""Members that assemblies share, against what members chosen independently would share.

If assembly a takes n_a of N neurons at random, and b, independently, n_b, then the number they share is
hypergeometric with mean n_a n_b / N, and N (1 − Π (1 − n_k/N)) different neurons belong to any assembly.
Odors that activate the same mitral cells make assemblies that share more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.statistics.degrees import Distribution
from eiassembly.core.arrays import Floats, Ids
from eiassembly.core.text import finite_or_none

_HALF_A_PAIR = 0.5


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Shared members of all pairs of assemblies in one population.

    Parameters
    ----------
    population : str
        Its name.
    size : int
        Number of its neurons.
    shared : ndarray of int64, shape (n_assemblies, n_assemblies)
        Members of both; on the diagonal the members of one.
    n_distinct : int
        Neurons that belong to any assembly.
    """

    population: str
    size: int
    shared: Ids
    n_distinct: int

    @classmethod
    def of(cls, population: str, size: int, assemblies: Sequence[Assembly]) -> "Overlaps":
        """Compare all pairs of assemblies."""
        # Imported here: SciPy is slow to import, and building needs none of it.
        from scipy.sparse import csr_array

        members = [assembly.of(population) for assembly in assemblies]
        ids = np.concatenate([*members, np.empty(0, np.int64)])
        offsets = np.cumsum([0, *map(len, members)])
        belongs = csr_array((np.ones(len(ids), np.int64), ids, offsets), shape=(len(members), size))
        return cls(population, size, (belongs @ belongs.T).toarray(), len(np.unique(ids)))

    @property
    def sizes(self) -> Ids:
        """Members of every assembly."""
        return np.diagonal(self.shared)

    def pairs(self) -> Ids:
        """Shared members of every pair, shape (n_pairs,)."""
        return self.shared[np.triu_indices(len(self.shared), 1)]

    def expected_mean(self) -> float:
        """Return the mean over the pairs of what independently chosen members share; nan without a pair."""
        means, _ = self._moments()
        return float(means.mean()) if len(means) else float("nan")

    def expected_sd(self) -> float:
        """Return the standard deviation that the numbers of all pairs together would have."""
        means, variances = self._moments()
        return float(np.sqrt(variances.mean() + means.var())) if len(means) else float("nan")

    def expected_distinct(self) -> float:
        """Neurons that would belong to any assembly."""
        return float(self.size * (1 - np.prod(1 - self.sizes / self.size)))

    def z_score(self) -> float:
        """Deviation of the mean from its expectation in standard errors; nan without a pair.

        Numbers of different pairs are uncorrelated, also of pairs with a common assembly: given its members,
        the other two are independent and their means do not depend on which these are.
        """
        means, variances = self._moments()
        error = np.sqrt(variances.sum())
        return float((self.pairs().sum() - means.sum()) / error) if error else float("nan")

    def expected_counts(self, most: int) -> Floats:
        """Return the number of pairs that would share 0, 1, …, ``most`` members, shape (most + 1,)."""
        from scipy.stats import hypergeom

        counts = np.zeros(most + 1)
        sizes = np.sort(np.stack(self._sizes_of_pairs(), axis=1), axis=1)
        for (a, b), n_pairs in zip(*np.unique(sizes, axis=0, return_counts=True), strict=True):
            counts += n_pairs * hypergeom.pmf(np.arange(most + 1), self.size, a, b)
        return counts

    def expected_largest(self) -> int:
        """Return the largest number that at least half a pair is expected to reach."""
        counts = self.expected_counts(int(self.sizes.max(initial=0)))
        beyond = counts[::-1].cumsum()[::-1]  # pairs that share at least so many
        return int(np.flatnonzero(beyond >= _HALF_A_PAIR).max(initial=0))

    def _sizes_of_pairs(self) -> tuple[Ids, Ids]:
        first, second = np.triu_indices(len(self.shared), 1)
        return self.sizes[first], self.sizes[second]

    def _moments(self) -> tuple[Floats, Floats]:
        """Mean and variance of the hypergeometric distribution of every pair."""
        a, b = self._sizes_of_pairs()
        mean = a * b / self.size
        rest = max(1, self.size - 1)
        return mean, mean * (self.size - a) * (self.size - b) / (self.size * rest)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        pairs = self.pairs()
        most = int(pairs.max(initial=0))
        found = Distribution.of(pairs).as_json() if len(pairs) else None
        return {
            "population": self.population,
            "members": self.sizes.tolist(),
            "shared": self.shared.tolist(),
            "pairs": found,
            "distinct": self.n_distinct,
            "expected_distinct": self.expected_distinct(),
            "expected_mean": finite_or_none(self.expected_mean()),
            "expected_sd": finite_or_none(self.expected_sd()),
            "expected_pairs": self.expected_counts(most).tolist() if found else None,
            "z_score": finite_or_none(self.z_score()),
        }
