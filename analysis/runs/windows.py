"""Time windows in steps, and the windows in which the paper's observables are measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from eiassembly.core.grid import Window
from eiassembly.odors.odors import Presentation

RESPONSE = 1500.0
"""Part of an odor, from its onset, over which responses are averaged, ms (Methods)."""
BASELINE = 1000.0
"""Time before an odor in which the baseline rate is counted, ms (Methods)."""
BEFORE = 500.0
"""Time before an odor whose mean conductance is subtracted, ms (Methods)."""
SAMPLING = 1.0
"""Distance of the points over which conductances are averaged, ms (as in the authors' recordings)."""


_GRID = 1e-6
"""Tolerance of times, ms: an odor that ends just where the second before another one begins is over."""
BIN = 10.0
"""Bins of rates after offset, ms."""


def is_free_before(shown: Presentation, every: Sequence[Presentation]) -> bool:
    """Whether the second before a presentation is in the run and in no other odor, and so a baseline.

    Parameters
    ----------
    shown : Presentation
        One of the presentations of a run.
    every : sequence of Presentation
        All of them.
    """
    start = shown.onset - BASELINE
    return start > -_GRID and not any(
        other.onset < shown.onset and other.offset > start + _GRID for other in every
    )


@dataclass(frozen=True)
class OdorWindows:
    """The four windows that belong to one presentation.

    These are the conventions of the reference values: the only ones, among window edges within 3 ms and
    sampling from 0.1 to 100 ms, that reproduce all of them. Spikes count strictly inside a window: onset < t
    < onset + 1.5 s for the response and onset − 1 s + dt < t < onset for the baseline; counts are divided by
    1.5 s and 1 s. Conductances are sampled every 1 ms, at the end of a step, in onset < t <= onset + 1.5 s
    and onset − 0.5 s < t <= onset.
    """

    response_spikes: Window
    baseline_spikes: Window
    response: Window
    before: Window

    @classmethod
    def around(cls, presentation: Presentation, dt: float) -> "OdorWindows":
        """Windows of a presentation for time steps of ``dt`` ms; a shorter odor has a shorter response."""
        length = min(RESPONSE, presentation.offset - presentation.onset)
        onset, end = round(presentation.onset / dt), round((presentation.onset + length) / dt)
        baseline, before = round(BASELINE / dt), round(BEFORE / dt)
        return cls(
            response_spikes=Window(onset, end - 1, length),
            baseline_spikes=Window(onset - baseline + 1, onset - 1, BASELINE),
            response=Window(onset, end, length),
            before=Window(onset - before, onset, BEFORE),
        )

    def lie_within(self, n_steps: int) -> bool:
        """Whether a run of this many steps covers all of them."""
        return self.baseline_spikes.first >= 0 and self.response.last <= n_steps
