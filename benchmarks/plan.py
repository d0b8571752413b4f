"""What is measured: how long, how often, on how many processors; the whole of it or a quick look."""

import os
from dataclasses import dataclass
from itertools import takewhile

DELAYS = (0.1, 1.0)


@dataclass(frozen=True)
class Case:
    """One way to simulate.

    Parameters
    ----------
    contestant : str
        ``ours``, ``stock``, ``loop`` or ``brian2``.
    duration : float
        Simulated time, ms.
    delay : float
        Synaptic delay, ms.
    ranks, threads : int
        Processes, and threads of each.
    scale : int
        Factor of the network's size.
    """

    contestant: str
    duration: float
    delay: float = 1.0
    ranks: int = 1
    threads: int = 1
    scale: int = 1

    @property
    def cores(self) -> int:
        """Processors in use."""
        return self.ranks * self.threads


@dataclass(frozen=True)
class BenchmarkPlan:
    """One pass through all benchmarks.

    Parameters
    ----------
    duration, stock_duration : float
        Simulated time of the comparison, ms; the stock neurons get whole odor cycles too, but fewer.
    analysed : float
        Simulated time of the run that is analysed, ms.
    rounds : int
        Repetitions of everything at scale 1.
    scales : tuple of int
        Sizes of the scaling series, increasing.
    repeats : tuple of int
        Repetitions at each of them.
    baseline, odor : float
        Protocol of the scaling series: one presentation, ms. Both are multiples of ``block``.
    block : float
        Time between two lines of progress, from which the cost without the start is read, ms.
    """

    duration: float
    stock_duration: float
    analysed: float
    rounds: int
    scales: tuple[int, ...]
    repeats: tuple[int, ...]
    baseline: float = 1000.0
    odor: float = 1000.0
    block: float = 500.0

    def contest(self, processors: int) -> list[Case]:
        """Everything that takes part in the rounds at scale 1, on a machine with these processors."""
        ours = [Case("ours", self.duration, delay) for delay in DELAYS]
        several = [(1, 2), (2, 1)] if processors >= 2 else []
        ours += [Case("ours", self.duration, 1.0, ranks, threads) for ranks, threads in several]
        others = [Case(name, self.duration, delay) for name in ("loop", "brian2") for delay in DELAYS]
        return [*ours, *others, Case("stock", self.stock_duration, 0.1)]

    def scaling(self, scale: int, processors: int) -> list[Case]:
        """One size on every layout of 1, 2, 4, … processors."""
        duration = self.baseline + self.odor
        return [Case("ours", duration, 1.0, *layout, scale) for layout in layouts(processors)]


FULL = BenchmarkPlan(30_000.0, 3000.0, 30_000.0, 5, scales=(1, 2, 4, 10, 20, 40), repeats=(3, 3, 3, 2, 2, 1))
QUICK = BenchmarkPlan(
    300.0, 100.0, 3000.0, 1, scales=(1, 2), repeats=(1, 1), baseline=100.0, odor=100.0, block=50.0
)


def layouts(processors: int) -> list[tuple[int, int]]:
    """(ranks, threads) that fill 1, 2, 4, … processors, threads first.

    >>> layouts(2)
    [(1, 1), (1, 2), (2, 1)]
    """
    powers = list(takewhile(lambda n: n <= processors, (1 << k for k in range(20))))
    return [(ranks, n // ranks) for n in powers for ranks in powers if ranks <= n]


def available_processors() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0))
