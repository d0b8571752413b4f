"""Stabilisation by inhibition: what happens when inhibitory spikes are replayed shuffled."""

from dataclasses import dataclass

import numpy as np

from eiassembly.core.arrays import Floats

RUNAWAY = 10.0
"""E rate in the first 1.5 s of an odor above which activity has run away, Hz."""
SILENT = 0.3
"""E rate below which the odor got no response, Hz."""


@dataclass(frozen=True)
class Outcome:
    """What became of some odors with shuffled inhibition.

    Parameters
    ----------
    runaway, silent : float
        Fractions of the odors with E rates above `RUNAWAY` and below `SILENT`.
    error : float
        Standard error of the first, √(P(1 − P)/n).
    n_odors : int
        Odors.
    """

    runaway: float
    silent: float
    error: float
    n_odors: int


def outcome(rates: Floats) -> Outcome:
    """Probability of runaway activity and of silence.

    Parameters
    ----------
    rates : ndarray of float64, shape (n_odors,)
        Mean rate of E in the first 1.5 s of every odor, inhibition being replayed shuffled, Hz.
    """
    n = len(rates)
    if not n:
        return Outcome(np.nan, np.nan, np.nan, 0)
    runaway = float(np.mean(rates > RUNAWAY))
    return Outcome(runaway, float(np.mean(rates < SILENT)), float(np.sqrt(runaway * (1 - runaway) / n)), n)
