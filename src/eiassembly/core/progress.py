"""Progress of a run: a bar on a terminal, a line every ten per cent in a log file."""

import sys
import time
from types import TracebackType

from tqdm import tqdm


class Progress:
    """Report how much of a run is done.

    Parameters
    ----------
    duration : float
        Simulated time of the whole run, ms.
    enabled : bool
        False on all ranks but one.
    """

    def __init__(self, duration: float, enabled: bool = True):
        self._duration = duration
        self._enabled = enabled
        self._started = time.perf_counter()
        self._next_line = 0.1
        self._bar: tqdm | None = None

    def __enter__(self) -> "Progress":
        if self._enabled and sys.stderr.isatty():
            layout = "{l_bar}{bar}| {n:.1f}/{total:.1f} s simulated [{elapsed}<{remaining}]"
            self._bar = tqdm(total=self._duration / 1000, bar_format=layout)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, now: float) -> None:
        """Report that the simulation has reached ``now`` [ms]."""
        if self._bar is not None:
            self._bar.update(now / 1000 - self._bar.n)
        elif self._enabled and now / self._duration >= self._next_line - 1e-9:
            self._next_line = (int(10 * now / self._duration + 1e-9) + 1) / 10
            elapsed = time.perf_counter() - self._started
            print(
                f"simulated {now / 1000:.1f} of {self._duration / 1000:.1f} s in {elapsed:.0f} s",
                file=sys.stderr,
                flush=True,
            )
