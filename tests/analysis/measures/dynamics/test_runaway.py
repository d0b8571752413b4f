"""Outcomes of shuffled inhibition."""

import numpy as np
import pytest

from eiassembly.analysis.measures.dynamics.runaway import outcome


def test_runaway_and_silence_are_counted():
    found = outcome(np.array([100.0, 10.0, 95.0, 0.1, 1.0]))
    assert (found.runaway, found.silent, found.n_odors) == (0.4, 0.2, 5)
    assert found.error == pytest.approx(np.sqrt(0.24 / 5))


def test_no_odors_have_no_probability():
    assert np.isnan(outcome(np.empty(0)).runaway)
