"""Inputs from fellow members as targets: reached, or refused with the largest that can be reached.

All ranks that own a slice come to the same end: what they decide on are totals over all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eiassembly.connectivity.assembly import Assembly
from eiassembly.connectivity.memories.rewiring import Rewired, rewired
from eiassembly.connectivity.memories.rule import key_of
from eiassembly.connectivity.statistics.enrichment import contacts_within
from eiassembly.connectivity.wiring import Projection
from eiassembly.core.communicator import Collectives
from eiassembly.core.errors import ConfigError

_LIMIT = "every fellow member can take over one contact from outside the assembly"


@dataclass(frozen=True, eq=False)
class Storing:
    """Assemblies that are to be stored in a projection.

    Parameters
    ----------
    projection : Projection
        The own slice.
    assemblies : sequence of Assembly
        In the order in which they are stored.
    seed : int
        Of the wiring.
    collectives : Collectives
        To the owners of the other slices.
    """

    projection: Projection
    assemblies: Sequence[Assembly]
    seed: int
    collectives: Collectives

    def reaching(self, within: float) -> Rewired:
        """Store the assemblies with as many contacts as asked for.

        Raises
        ------
        ConfigError
            Somewhere there are not enough members or contacts to move; for all ranks.
        """
        result = self._tried(within)
        if result.n_missing:
            raise ConfigError(
                f"{self._key(ratio=False)}: expected at most {self._largest(within)} contacts ({_LIMIT}), "
                f"found {within:g}"
            )
        return result

    def contacts_for(self, ratio: float, before: Projection) -> float:
        """Find the contacts per member with which the density within assemblies is so many times that before.

        As near as whole contacts permit, after all assemblies are stored: those that come later take
        contacts from earlier ones.

        Parameters
        ----------
        ratio : float
            α, β or γ.
        before : Projection
            The own slice without any memory.

        Raises
        ------
        ConfigError
            There are not enough members or contacts to move, or no contacts before; for all ranks.
        """
        base, n_members = self._total(before), self._n_members()
        if not n_members:
            return 0.0
        if not base:
            raise ConfigError(
                f"{self._key(ratio=True)}: expected contacts within the assemblies before storing, found none"
            )
        wanted = round(ratio * base)
        high = self._enough(wanted, guess=int(wanted / n_members) + 2)
        largest = self._achieved(high)
        if largest < wanted:
            raise ConfigError(
                f"{self._key(ratio=True)}: expected at most {largest / base:.4g} ({_LIMIT}), found {ratio:g}"
            )
        return nearest(self._achieved, (0.0, high), wanted, 0.5 / n_members)

    def _enough(self, wanted: int, guess: int) -> float:
        """Find contacts per member that lead to at least what is wanted in all, or the most that can be had.

        Later memories take contacts from earlier ones: to guess from the total alone may not be enough.
        """
        while True:
            tried = self._tried(float(guess))
            if tried.n_missing:
                return float(self._largest(guess))
            if self._total(tried.projection) >= wanted:
                return float(guess)
            guess += 1

    def _tried(self, within: float) -> Rewired:
        """Store the assemblies; what is missing is the total over all slices."""
        result = rewired(self.projection, self.assemblies, within, self.seed)
        missing = self.collectives.total(np.array([result.n_missing]))
        return replace(result, n_missing=int(missing[0]))

    def _largest(self, within: float) -> int:
        """Largest whole number of contacts below ``within``, which is out of reach, that can be reached."""
        low, high = 0, int(np.ceil(within))
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._tried(float(middle)).n_missing else (middle, high)
        return low

    def _achieved(self, within: float) -> int:
        return self._total(self._tried(within).projection)

    def _total(self, projection: Projection) -> int:
        """Contacts within the assemblies, over all slices."""
        own = sum(int(counts.sum()) for counts in contacts_within(projection, self.assemblies))
        return int(self.collectives.total(np.array([own]))[0])

    def _n_members(self) -> int:
        return sum(len(assembly.of(self.projection.target)) for assembly in self.assemblies)

    def _key(self, ratio: bool) -> str:
        return key_of((self.projection.source, self.projection.target), ratio)


def nearest(count: Callable[[float], int], between: tuple[float, float], wanted: int, width: float) -> float:
    """Find where an increasing count comes nearest to what is wanted (regula falsi, Illinois).

    Parameters
    ----------
    count : callable
        Called as few times as possible.
    between : tuple of 2 floats
        At the second of them the count is at least ``wanted``.
    wanted : int
        The count.
    width : float
        Ends when the interval is narrower than this.
    """
    low, high = between
    counts = {low: count(low), high: count(high)}
    below, above = float(counts[low] - wanted), float(counts[high] - wanted)
    last = 0
    while high - low > width and below < 0 < above and wanted not in counts.values():
        middle = low - below * (high - low) / (above - below)
        middle = min(max(middle, low + width / 4), high - width / 4)
        counts[middle] = found = count(middle)
        side = 1 if found > wanted else -1
        if side > 0:
            high, above = middle, float(found - wanted)
        else:
            low, below = middle, float(found - wanted)
        if side == last:  # the other end has stayed: give it less weight
            below, above = (below / 2, above) if side > 0 else (below, above / 2)
        last = side
    return min(counts, key=lambda x: (abs(counts[x] - wanted), x))
