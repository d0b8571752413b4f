"""What NEST's own neurons cost, in one number and one sentence."""

SLOWDOWN = 67
"""Times as long as with our neuron, one core, delay 0.1 ms; median of the rounds in docs/benchmarks.md."""


def cost_of_stock_neurons() -> str:
    """Return what a user has to know before a simulation with ``--neuron nest``, in one line."""
    return (
        f"NEST's own neurons: rates agree, spikes do not, and it takes about {SLOWDOWN} times as long "
        "(docs/benchmarks.md)"
    )
