"""Runs that end in the middle, in this process."""

import itertools

import pytest
from run_comparison import differences
from simulations import simulated


class PowerCut(BaseException):
    """No error that anybody would handle."""


def interrupted(folder, monkeypatch, after, wiring, odors, **settings):
    """Return what a run leaves that ends in the middle of a block, after so many whole ones."""
    from eiassembly.model.simulation.network import Network  # imports NEST

    simulate, calls = Network.simulate, itertools.count()

    def some(network, steps):
        if next(calls) == after:
            raise PowerCut
        simulate(network, steps)

    with monkeypatch.context() as patch:
        patch.setattr(Network, "simulate", some)
        with pytest.raises(PowerCut):
            simulated(folder, wiring, odors, **settings)
    return folder / f"run_{settings.get('threads', 1)}.h5.partial"


def different(one, other):
    """Name what differs, but for the snapshots themselves, which depend on the blocks."""
    return [name for name in differences(one, other) if not name.startswith("eiassembly/checkpoint")]
