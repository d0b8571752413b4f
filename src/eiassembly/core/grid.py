"""Times on the grid of the simulation: whole numbers of time steps, and windows of them."""

from dataclasses import dataclass


def in_steps(milliseconds: float, dt: float) -> int:
    """Whole number of steps in a time [ms]; ValueError if it is not a multiple of ``dt`` [ms]."""
    steps = round(milliseconds / dt)
    if abs(steps * dt - milliseconds) > 1e-6 * dt:
        raise ValueError(f"expected a multiple of {dt} ms, found {milliseconds} ms")
    return steps


@dataclass(frozen=True)
class Window:
    """The steps ``first`` < s <= ``last``; step s is the time s·dt.

    Parameters
    ----------
    first, last : int
        Steps.
    duration : float
        Nominal length in ms, by which counts are divided.
    """

    first: int
    last: int
    duration: float
