"""Random numbers that belong to neurons: any selection gives the same, and they are random."""

import numpy as np
import pytest
from scipy import stats

from eiassembly.core.random import Streams, below, mixed, uniform

EVERYONE = np.arange(100)


@pytest.mark.parametrize("chosen", [EVERYONE[3:9], EVERYONE[::7], EVERYONE[[5, 4, 90]], EVERYONE[:0]])
def test_a_neurons_words_do_not_depend_on_who_else_is_asked(chosen):
    streams = Streams(1, "test")
    np.testing.assert_array_equal(streams.words(chosen, 6), streams.words(EVERYONE, 6)[chosen])
    np.testing.assert_array_equal(streams.word(chosen), streams.word(EVERYONE)[chosen])


def test_seeds_purposes_and_blocks_give_other_words():
    reference = Streams(1, "a").words(EVERYONE, 4)
    others = (Streams(2, "a").words(EVERYONE, 4), Streams(1, "b").words(EVERYONE, 4))
    for other in (*others, Streams(1, "a").words(EVERYONE, 4, block=1)):
        assert not (other == reference).any()


def test_neurons_share_no_words():
    words = Streams(1, "test").words(np.arange(1000), 5)
    assert len(np.unique(words)) == words.size


def test_large_seeds_are_distinct():
    seeds = (1, 1 + 2**32, 2**62)
    assert len({int(Streams(seed, "a").word(EVERYONE)[0]) for seed in seeds}) == len(seeds)


@pytest.mark.parametrize("words", [
    Streams(3, "u").words(np.arange(500), 40).ravel(),
    mixed(Streams(3, "u").word(np.arange(500))[:, np.newaxis], np.arange(40)).ravel(),
])  # fmt: skip
def test_words_are_uniform_and_uncorrelated(words):
    numbers = uniform(words)
    assert stats.kstest(numbers, "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 4 / np.sqrt(len(numbers))
    counts = np.bincount(below(words, 10), minlength=10)
    assert stats.chisquare(counts).pvalue > 1e-3


def test_the_stream_is_the_same_on_every_machine_and_version():
    assert Streams(1, "inputs E_to_E").words(np.array([0, 3999]), 2).tolist() == STREAM
    assert mixed(np.array([0], np.uint64), 0).tolist() == [0xE220A8397B1DCDAF]  # first output of SplitMix64


STREAM = [[7890022396355293055, 14190921257186278221], [5230096998840015848, 4746610541149360160]]
