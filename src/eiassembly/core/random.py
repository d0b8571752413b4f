"""Random numbers that belong to a neuron, so that it does not matter who draws them.

A purpose (a projection, the members of assemblies, …) and a seed give the key of a Philox generator; the
id of the neuron is in its counter. Numbers of neurons with successive ids lie next to each other in one
sequence and are drawn in one call. Decisions about single connections need no order at all: they use a hash
of both ends.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eiassembly.core.arrays import Ids

Words = NDArray[np.uint64]

_WORDS_PER_COUNT = 4
"""Philox4x64 makes four words of 64 bits per value of its counter."""


@dataclass(frozen=True)
class Streams:
    """One stream of random words per neuron.

    Parameters
    ----------
    seed : int
        Of the run.
    purpose : str
        What the numbers are for; streams of different purposes are independent.
    """

    seed: int
    purpose: str

    def words(self, neurons: Ids, width: int, block: int = 0) -> Words:
        """Draw the first ``width`` words of a block of each neuron's stream, shape (n_neurons, width).

        Where a neuron's words lie depends on ``width``, so it must not depend on which neurons are asked for.

        Parameters
        ----------
        neurons : ndarray of int64
            Ids; runs of successive ids are fast.
        width : int
            Words per neuron.
        block : int
            0, 1, … continue the streams.
        """
        counts = -(-width // _WORDS_PER_COUNT)
        drawn = np.empty((len(neurons), counts * _WORDS_PER_COUNT), np.uint64)
        sequence = np.random.SeedSequence(self.seed, spawn_key=tuple(self.purpose.encode()))
        key = sequence.generate_state(2, np.uint64)
        generator = np.random.Philox(key=key, counter=np.array([0, 0, block, 0], np.uint64))
        edges = np.concatenate(([0], np.flatnonzero(np.diff(neurons) != 1) + 1, [len(neurons)]))
        follows = 0  # the neuron whose words the generator would draw now
        for low, high in pairwise(edges.tolist()):
            if low < high:
                generator.advance((int(neurons[low]) - follows) * counts)
                drawn[low:high] = generator.random_raw(drawn[low:high].size).reshape(high - low, -1)
                follows = int(neurons[low]) + high - low
        return drawn[:, :width]

    def word(self, neurons: Ids) -> Words:
        """Draw one word per neuron, shape (n_neurons,); cheap also for scattered ids."""
        if len(neurons) == 0:
            return np.empty(0, np.uint64)
        first = int(neurons.min())
        words = self.words(np.arange(first, int(neurons.max()) + 1), 1)
        return np.asarray(words[neurons - first, 0])


def mixed(words: Words, numbers: ArrayLike) -> Words:
    """Hash words with whole numbers (broadcast): independent words for every pair.

    The finaliser of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators"),
    as a generator whose state is the word advanced by the number.
    """
    steps = np.atleast_1d(numbers).astype(np.uint64) + np.uint64(1)
    z: Words = np.asarray(words + steps * np.uint64(0x9E3779B97F4A7C15))
    shifted = np.empty_like(z)
    z ^= np.right_shift(z, np.uint64(30), out=shifted)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= np.right_shift(z, np.uint64(27), out=shifted)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= np.right_shift(z, np.uint64(31), out=shifted)
    return z


def below(words: Words, n: int) -> Ids:
    """Turn words into integers 0 … n − 1 (n < 2**32), of equal probability to within n/2**32."""
    return (((words >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32)).astype(np.int64)


def uniform(words: Words) -> NDArray[np.float64]:
    """Turn words into floats, 0 <= x < 1."""
    return np.asarray((words >> np.uint64(11)) * 2.0**-53)
