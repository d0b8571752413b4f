"""What the paper says about the dynamics of the structures, and what the runs at hand show (S8, D1, D2)."""

import math
from collections.abc import Mapping

from eiassembly.analysis.comparison import ByStructure, Finding, Statement, descending, findings
from eiassembly.analysis.dynamics import DYNAMICS, Dynamics

MUCH = 10.0
"""What ≫ is taken to mean in D2."""
AS_RAND = 0.05
"""Largest difference from rand, of a correlation, that counts as none in D1."""


def _decay_or_nothing(measures: Dynamics) -> float:
    """Decay time, 0 where it was looked at what outlasts the odour and nothing was: that decays at once."""
    if math.isnan(measures.decay_time) and not math.isnan(measures.offset_excess):
        return 0.0
    return measures.decay_time


def _outlasts(values: Mapping[str, float]) -> bool:
    others = [value for structure, value in values.items() if structure != "scaled_i"]
    return values["scaled_i"] > MUCH * max(others)


def _as_rand(values: Mapping[str, float]) -> bool:
    return all(abs(value - values["rand"]) <= AS_RAND for value in values.values())


_STATEMENTS = (
    Statement(
        "S8", "Members fire regularly in Scaled I, irregularly in tuned networks", "Fig. 2 suppl. 2C",
        "learned", "cv_members", ("scaled_i", "tuned"), descending("tuned", "scaled_i"),
    ),
    Statement(
        "D1", "Patterns of learned odors correlate over time most in Scaled I, modestly in tuned networks",
        "Fig. 2E", "learned", "time_correlation", ("rand", "scaled_i", "tuned"),
        descending("scaled_i", "tuned", "rand"),
    ),
    Statement(
        "D1", "Patterns of novel odors correlate over time as in rand, within 0.05", "Fig. 2 suppl. 2D",
        "novel", "time_correlation", ("rand", "scaled_i", "tuned"), _as_rand,
    ),
    Statement(
        "D2", "Activity outlasts learned odors in Scaled I only: its decay takes over 10 times as long",
        "Fig. 2E", "learned", "decay_time", ("rand", "scaled_i", "tuned"), _outlasts, _decay_or_nothing,
    ),
)  # fmt: skip


def dynamics_findings(runs: ByStructure) -> tuple[Finding, ...]:
    """Compare the dynamics of the structures.

    Parameters
    ----------
    runs : mapping
        Structure → kind of odour → `Dynamics`.
    """
    return findings(runs, _STATEMENTS, DYNAMICS)
