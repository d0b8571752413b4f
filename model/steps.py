"""Times as whole numbers of time steps."""


def in_steps(milliseconds: float, dt: float) -> int:
    """Whole number of steps in a time [ms]; ValueError if it is not a multiple of ``dt`` [ms]."""
    steps = round(milliseconds / dt)
    if abs(steps * dt - milliseconds) > 1e-6 * dt:
        raise ValueError(f"expected a multiple of {dt} ms, found {milliseconds} ms")
    return steps
