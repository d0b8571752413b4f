"""Growth of small differences, from files of ``eiassembly lyapunov``: exponents against size."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eiassembly.analysis.measures.dynamics.lyapunov import Exponent, mean_rate, passage_exponents
from eiassembly.analysis.measures.measure import Measure, Sample, by_name
from eiassembly.analysis.runs.identity import name_of
from eiassembly.core.arrays import Floats
from eiassembly.model.lyapunov.file import GrowthFile, load

NAME = "lyapunov"
MEASURES = by_name(
    Measure("exponent", "Growth rate of differences of a size", "1/s", "ours"),
    Measure("passage_exponent", "Growth rate after an added spike, from a size to its double", "1/s", "ours"),
    Measure("one_spike", "Difference that an added spike makes in 10 ms", "mV", "ours"),
)
PASSED = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Sizes that differences are timed from and to, mV."""
FELT = 10.0
"""Time after which the size of one spike is taken, ms."""


@dataclass(frozen=True, eq=False)
class Exponents:
    """Growth in one network during one kind of epoch.

    Parameters
    ----------
    network, structure, condition : str
        Which network, and ``baseline``, ``learned odor`` or ``novel odor``.
    sizes : ndarray of float64, shape (n_sizes,)
        Sizes of the differences, mV.
    exponents : tuple of Exponent
        One per size, 1/s; intervals of all epochs of this kind together.
    times : ndarray of float64, shape (n_times,)
        Of ``distances``, ms after an added spike.
    distances : ndarray of float64, shape (n_spikes, n_times)
        To copies with an added spike, mV.
    passages : ndarray of float64, shape (4,)
        Exponents of these from one size of `PASSED` to the next, 1/s; NaN where none got there.
    """

    network: str
    structure: str
    condition: str
    sizes: Floats
    exponents: tuple[Exponent, ...]
    times: Floats
    distances: Floats
    passages: Floats

    @property
    def values(self) -> Floats:
        """Exponents by size, 1/s, shape (n_sizes,)."""
        return np.array([one.value for one in self.exponents])

    @property
    def course(self) -> Floats:
        """Geometric mean of the distances to copies with an added spike, mV, shape (n_times,)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(np.log(self.distances).mean(axis=0)))


@dataclass(frozen=True)
class Lyapunov:
    """Exponents of several networks."""

    found: tuple[Exponents, ...]

    def samples(self) -> Iterator[Sample]:
        """Yield the numbers; the condition is the epoch, and the size: ``learned odor, 0.001 mV``."""
        for one in self.found:
            key = NAME, one.network, one.structure
            for size, value in zip(one.sizes, one.values, strict=True):
                yield Sample(*key, "exponent", float(value), f"{one.condition}, {size:g} mV")
            for size, value in zip(PASSED, one.passages, strict=False):
                yield Sample(*key, "passage_exponent", float(value), f"{one.condition}, {size:g} mV")
            felt = float(np.interp(FELT, one.times, one.course)) if one.times.size else math.nan
            yield Sample(*key, "one_spike", felt, one.condition)


def read_lyapunov(paths: Sequence[Path]) -> Lyapunov:
    """Read files of ``eiassembly lyapunov``.

    Parameters
    ----------
    paths : sequence of Path
        LYAPUNOV.h5 of one or several networks.

    Raises
    ------
    FileFormatError
        Missing, damaged or of another kind.
    """
    return Lyapunov(tuple(one for path in paths for one in _of_file(load(path))))


def _of_file(file: GrowthFile) -> Iterator[Exponents]:
    for epoch in dict.fromkeys(one.epoch for one in file.epochs):
        same = [one for one in file.epochs if one.epoch == epoch]
        rates = np.concatenate([one.rates for one in same], axis=1)
        distances = np.concatenate([one.distances for one in same])
        times = np.asarray(same[0].apart * np.arange(1, distances.shape[1] + 1))
        yield Exponents(
            network=name_of(file.description),
            structure=str(file.description.get("structure", "")),
            condition="baseline" if epoch == "baseline" else f"{epoch} odor",
            sizes=file.sizes,
            exponents=tuple(mean_rate(row) for row in rates),
            times=times,
            distances=distances,
            passages=1000 * passage_exponents(times, distances, np.array(PASSED)),
        )
