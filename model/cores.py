"""Which processors there are, for simulations and for analyses."""

import os


def usable_processors() -> frozenset[int]:
    """Processors that this process may use, as bound by the launcher or the batch system."""
    try:
        return frozenset(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return frozenset(range(os.cpu_count() or 1))
