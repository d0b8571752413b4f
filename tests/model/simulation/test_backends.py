"""What backends declare, and that they have just the methods for that."""

from dataclasses import replace

import pytest

from eiassembly.config.neurons import NEURONS
from eiassembly.core.errors import ConfigError
from eiassembly.model.protocol import abilities

pytestmark = pytest.mark.nest
METHODS = {
    abilities.BLOCK: {"silence"},
    abilities.INJECT: {"inject"},
    abilities.DROP: {"drop"},
    abilities.SEND: {"send"},
    abilities.DISPLACE: {"snapshot", "restore"},
    abilities.CHANGE: {"set_g_rest"},
    abilities.SNAPSHOT: {"snapshot", "restore", "arrive"},
}


@pytest.fixture
def cells():
    """Classes of cells by the name of their neuron."""
    from eiassembly.model.simulation.exact import ExactCells  # import NEST
    from eiassembly.model.simulation.stock import StockCells

    return {"extension": ExactCells, "nest": StockCells}


def backend(name):
    from eiassembly.model.simulation.simulate import backend_of

    return backend_of(name)


@pytest.mark.parametrize("name", NEURONS)
def test_methods_are_those_of_the_abilities_that_are_declared(cells, name):
    assert METHODS.keys() == abilities.EVERYTHING
    every = {method for methods in METHODS.values() for method in methods}
    wanted = {method for ability in backend(name).abilities for method in METHODS[ability]}
    assert {method for method in every if hasattr(cells[name], method)} == wanted


def test_states_have_a_column_for_every_port_that_neurons_have():
    exact, stock = backend("extension"), backend("nest")
    assert exact.state(["OB", "E"]) == ("V_m", "z", "refractory_steps", "g_OB", "g_E")
    assert exact.recordables(["OB", "E"]) == ("V_m", "z", "g_OB", "g_E")
    assert stock.state(["OB", "E"]) == stock.recordables(["OB", "E"]) == ("V_m",)


def test_the_first_thing_that_neurons_cannot_do_is_refused():
    from eiassembly.model.simulation.backend import check_abilities

    asked = [("current", (abilities.INJECT,)), ("silence", (abilities.BLOCK,)), ("x", (abilities.SNAPSHOT,))]
    check_abilities(backend("extension"), asked)
    some = replace(backend("nest"), abilities=frozenset({abilities.INJECT}))
    with pytest.raises(ConfigError) as caught:
        check_abilities(some, asked)
    assert str(caught.value) == (
        "silence: expected the exact neuron (--neuron extension), found the stock NEST neurons, "
        "which cannot be silenced"
    )
