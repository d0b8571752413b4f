"""Fixed in-degrees: exact numbers, different sources, every source equally likely, slices join."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eiassembly.connectivity.random_wiring import draw_inputs, n_inputs
from eiassembly.core.random import Streams


@pytest.mark.parametrize(("probability", "n_sources", "count"), [
    (0.02, 1500, 31), (0.01, 1500, 16), (0.05, 4000, 201), (0.03, 1500, 46), (0.1, 1000, 101), (0.999, 5, 5),
])  # fmt: skip
def test_one_input_more_than_p_times_n(probability, n_sources, count):
    assert n_inputs(probability, n_sources) == count


@given(n_sources=st.integers(1, 60), share=st.floats(0, 1), seed=st.integers(0, 2**63 - 1))
def test_inputs_are_distinct_sorted_and_in_range(n_sources, share, seed):
    count = max(1, round(share * n_sources))
    inputs = draw_inputs(Streams(seed, "test"), np.arange(20), n_sources, count)
    assert inputs.shape == (20, count)
    assert (np.diff(inputs, axis=1) > 0).all()
    assert inputs.min() >= 0
    assert inputs.max() < n_sources


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, 3000), max_size=4), step=st.integers(1, 5))
def test_joined_slices_equal_the_whole(cuts, step):
    streams, everyone = Streams(4, "inputs"), np.arange(3000)
    whole = draw_inputs(streams, everyone, 80, 9)
    for low, high in zip([0, *sorted(cuts)], [*sorted(cuts), 3000], strict=True):
        np.testing.assert_array_equal(draw_inputs(streams, everyone[low:high], 80, 9), whole[low:high])
    for first in range(step):
        np.testing.assert_array_equal(draw_inputs(streams, everyone[first::step], 80, 9), whole[first::step])


def test_all_subsets_are_equally_probable():
    inputs = draw_inputs(Streams(5, "subsets"), np.arange(20_000), 6, 3)
    counts = np.unique(inputs @ np.array([36, 6, 1]), return_counts=True)[1]
    assert len(counts) == 20  # 3 out of 6
    assert stats.chisquare(counts).pvalue > 1e-3


def test_out_degrees_are_binomial():
    out_degree = np.bincount(
        draw_inputs(Streams(6, "out"), np.arange(2000), 1000, 50).ravel(), minlength=1000
    )
    assert out_degree.mean() == 100
    assert out_degree.std() == pytest.approx(np.sqrt(2000 * 0.05 * 0.95), rel=0.1)
