"""The NEST model alif_cond_exp_euler, driven directly: what can be read and set, and what is refused."""

import re
from pathlib import Path

import numpy as np
import pytest
from nest_kernel import CONTACT, NEURON, SOURCE, contact, fresh_kernel

from eiassembly.model.neuron import compile

pytestmark = pytest.mark.nest

# The whole interface, each with a value that is not the default.
SCALARS = {
    "tau_m": 20.0, "g_L": 2.5, "E_L": -66.0, "V_reset": -67.0, "V_th": -41.0, "t_ref": 3.3,
    "tau_w": 90.0, "a": 0.25, "b": 3.0, "I_e": -7.0, "V_m": -44.0, "w": 2.5, "refractory_steps": 12,
}  # fmt: skip
PORTS = {"tau_syn": [5.0, 6.0], "E_rev": [1.0, -90.0], "strength": [0.0, 3.5], "g": [0.5, 0.0]}


def same(found, wanted):
    return all(np.array_equal(found[name], value) for name, value in wanted.items())


def status(node):
    return {name: node.get(name) for name in (*SCALARS, *PORTS)}


def test_interface_is_complete():
    """Everything that NEST does not itself add to a node can be read, and is one of these."""
    nest = fresh_kernel()
    added_by_nest = set(nest.GetDefaults(SOURCE)) - {"steps", "senders"}
    names = set(nest.GetDefaults(NEURON)) - added_by_nest
    assert names == {*SCALARS, *PORTS, "C_m", "silent_from", "silent_until", "recordables"}


def test_user_documentation_lists_the_whole_interface():
    """As NEST's own documentation is made: the tables of parameters in the block above the class."""
    header = (Path(compile.__file__).parent / "alif_cond_exp_euler.h").read_text()
    block = header[header.index("BeginUserDocs: neuron") : header.index("EndUserDocs")]
    tables = block[block.index("\nParameters\n") : block.index("Of ``C_m`` and ``tau_m``")]
    documented = re.findall(r"^(\w+) +(?:mV|pA|pF|ms|nS|integer|list of) ", tables, re.MULTILINE)
    assert sorted(documented) == sorted({*SCALARS, *PORTS, "C_m", "silent_from", "silent_until"})
    for heading in ("Short description", "Description", "Sends", "Receives", "References", "See also"):
        assert f"\n{heading}\n{'+' * len(heading)}\n" in block


FORMER = {"g_rest": "g_L", "tau_a": "tau_w", "z": "w"}


@pytest.mark.parametrize("former", FORMER)
def test_earlier_names_are_accepted(former):
    nest = fresh_kernel()
    name, nodes = FORMER[former], nest.Create(NEURON, 2)
    nodes[0].set({former: SCALARS[FORMER[former]]})
    nodes[1].set({name: SCALARS[name]})
    assert same(status(nodes[0]), status(nodes[1]))
    assert nodes[0].get(name) == SCALARS[name]
    with pytest.raises(
        nest.NESTErrors.BadProperty, match=f"{former} is the earlier name of {name}: give one"
    ):
        nodes[0].set({former: 1.0, name: 1.0})


def test_e_rest_was_the_leak_and_the_reset_potential():
    nest = fresh_kernel()
    nodes = nest.Create(NEURON, 3, params={"E_rest": nest.random.uniform(-70.0, -60.0)})
    assert list(nodes.E_L) == list(nodes.V_reset)
    assert len({-60.0, *nodes.E_L}) == 4
    for name in ("E_L", "V_reset"):
        with pytest.raises(nest.NESTErrors.BadProperty, match=f"E_rest is the earlier name of {name}"):
            nodes[0].set({"E_rest": -65.0, name: -65.0})


def test_the_earlier_name_of_the_adaptation_is_recorded():
    nest = fresh_kernel()
    meter = nest.Create("multimeter", params={"record_from": ["w", "z"], "interval": 0.1})
    nest.Connect(meter, nest.Create(NEURON, params={"w": 8.0}))
    nest.Simulate(2.0)
    assert len(meter.events["w"]) > 5
    assert meter.events["w"].tolist() == meter.events["z"].tolist()


def test_capacitance_stands_for_the_time_constant():
    nest = fresh_kernel()
    node = nest.Create(NEURON, params={"C_m": 200.0, "g_L": 8.0})
    assert (node.tau_m, node.C_m) == (25.0, 200.0)
    node.g_L = 4.0
    assert (node.tau_m, node.C_m) == (25.0, 100.0)
    node.set(tau_m=10.0, C_m=40.0)
    assert (node.tau_m, node.C_m) == (10.0, 40.0)
    with pytest.raises(nest.NESTErrors.BadProperty, match="C_m must be tau_m"):
        node.set(tau_m=20.0, C_m=40.0)
    with pytest.raises(nest.NESTErrors.BadProperty, match="C_m must be finite and greater than 0"):
        node.set(C_m=0.0)
    assert (node.tau_m, node.C_m) == (10.0, 40.0)


def test_defaults_are_the_excitatory_neuron_of_table_1():
    nest = fresh_kernel()
    table_1 = {
        "tau_m": 85.0, "g_L": 1.35, "E_L": -60.0, "V_reset": -60.0, "V_th": -38.0, "t_ref": 8.0,
        "tau_w": 40.0, "a": 1.0, "b": 10.0, "I_e": 0.0, "tau_syn": [30.0, 30.0, 10.0],
        "E_rev": [0.0, 0.0, -70.0], "V_m": -60.0, "w": 0.0, "g": [0.0] * 3, "refractory_steps": 0,
    }  # fmt: skip
    assert same(nest.GetDefaults(NEURON), table_1)
    assert same(nest.Create(NEURON).get(), table_1)


@pytest.mark.parametrize("simulated", [False, True])
def test_what_is_set_is_read(simulated):
    """Before the first step a node keeps its state itself, then a shared array does."""
    nest = fresh_kernel()
    nodes = nest.Create(NEURON, 3)
    if simulated:
        nest.Simulate(1.0)
    untouched = status(nodes[0])
    nodes[1].set(SCALARS | PORTS)
    assert same(nodes[1].get(), SCALARS | PORTS)
    assert same(status(nodes[0]), untouched)
    assert same(status(nodes[2]), untouched)
    nodes[2].set({name: nodes[1].get(name) for name in status(nodes[1])})
    assert same(nodes[2].get(), SCALARS | PORTS)


@pytest.mark.parametrize("name", SCALARS)
def test_every_scalar_alone(name):
    nest = fresh_kernel()
    node = nest.Create(NEURON)
    before = status(node)
    node.set({name: SCALARS[name]})
    assert node.get(name) == SCALARS[name] != before[name]
    assert same(status(node), {key: value for key, value in before.items() if key != name})


@pytest.mark.parametrize("threads", [1, 2])
def test_values_at_creation(threads):
    nest = fresh_kernel(threads)
    potentials = [-60.0, -50.5, -40.25]
    ports = {
        name: [values] * 3 for name, values in PORTS.items()
    }  # with any list NEST expects one for every node
    nodes = nest.Create(NEURON, 3, params=SCALARS | ports | {"V_m": potentials})
    assert list(nodes.V_m) == potentials
    for node in nodes:
        assert same(node.get(), SCALARS | PORTS | {"V_m": node.V_m})


def test_values_per_node():
    nest = fresh_kernel(2)
    nodes = nest.Create(NEURON, 4)
    nodes.set([{"I_e": float(k), "g": [k / 2, 0.0, 1.0]} for k in range(4)])
    nodes.V_th = [-30.0, -31.0, -32.0, -33.0]
    for k, node in enumerate(nodes):
        assert same(node.get(), {"I_e": k, "g": [k / 2, 0.0, 1.0], "V_th": -30.0 - k})


def test_defaults_and_copied_models():
    nest = fresh_kernel()
    nest.SetDefaults(NEURON, PORTS | {"tau_m": 33.0})
    nest.CopyModel(NEURON, "mine", {"V_m": -51.0})
    assert same(nest.Create(NEURON).get(), PORTS | {"tau_m": 33.0, "V_m": -60.0})
    assert same(nest.Create("mine").get(), PORTS | {"tau_m": 33.0, "V_m": -51.0})
    assert same(fresh_kernel().Create(NEURON).get(), {"tau_m": 85.0, "tau_syn": [30.0, 30.0, 10.0]})


REFUSED = [
    *[({name: value}, f"{name} must be greater than 0") for name in ("tau_m", "g_L", "t_ref", "tau_w")
      for value in (0.0, -1.0)],
    *[({name: -0.1}, f"{name} must not be negative") for name in ("a", "b")],
    *[({name: value}, "must be finite") for name in SCALARS if name != "refractory_steps"
      for value in (np.nan, np.inf)],
    ({"V_th": -60.0}, "V_reset must be below V_th"),
    ({"V_reset": -38.0}, "V_reset must be below V_th"),
    ({"E_rest": -38.0}, "V_reset must be below V_th"),
    ({"t_ref": 0.05}, "t_ref must be at least one time step"),
    ({"tau_syn": [30.0, 0.0, 10.0]}, "tau_syn must be greater than 0"),
    ({"tau_syn": [30.0, np.inf, 10.0]}, "tau_syn must be greater than 0"),
    ({"E_rev": [0.0, np.nan, 0.0]}, "E_rev must be finite"),
    ({"strength": [1.0, 1.0, -1.0]}, "strength must not be negative"),
    ({"strength": [1.0, 1.0, np.inf]}, "strength must not be negative"),
    ({"g": [1.0, 1.0, -1.0]}, "g must not be negative"),
    ({"g": [1.0, 1.0, np.nan]}, "g must not be negative"),
    ({"g": [1.0, 1.0]}, "g must have one value per port"),
    ({"tau_syn": [1.0, 1.0]}, "must have one value per port"),
    ({"strength": [1.0] * 4}, "must have one value per port"),
    ({name: [1.0] * 16 for name in ("tau_syn", "E_rev", "strength", "g")}, "at most 15 ports"),
    ({"refractory_steps": -1}, "refractory_steps must not be negative"),
    ({"refractory_steps": 2**31}, "refractory_steps must be below"),
    ({"frozen": True}, "cannot be frozen"),
]  # fmt: skip


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize(("values", "message"), REFUSED, ids=lambda case: str(case)[:40])
def test_impossible_values_are_refused_and_change_nothing(values, message, simulated):
    nest = fresh_kernel()
    nodes = nest.Create(NEURON, 2, params={"V_m": -55.0, "g": [0.5, 1.0, 0.25]})
    if simulated:
        nest.Simulate(1.0)
    # The first node of a thread updates all; NEST reads it as the only one that is not frozen.
    node = nodes[0]
    before = status(node)
    with pytest.raises(nest.NESTErrors.BadProperty, match=message):
        node.set({"I_e": 5.0, "w": 7.0, "strength": [2.0, 2.0, 2.0], **values})
    assert same(status(node), before)


def test_impossible_defaults_are_refused():
    nest = fresh_kernel()
    with pytest.raises(nest.NESTErrors.BadProperty, match="tau_m must be greater than 0"):
        nest.SetDefaults(NEURON, {"V_th": -20.0, "tau_m": -1.0})
    assert same(nest.GetDefaults(NEURON), {"tau_m": 85.0, "V_th": -38.0})


@pytest.mark.parametrize("values", [{"tau_syn": 5.0}, {"refractory_steps": 1.5}, {"V_M": -60.0}])
def test_wrong_types_and_names_are_refused(values):
    nest = fresh_kernel()
    node = nest.Create(NEURON)
    before = status(node)
    with pytest.raises((nest.NESTErrors.KernelException, RuntimeError), match=next(iter(values))):
        node.set(values)
    assert same(status(node), before)


@pytest.mark.parametrize("connect", ["spikes", "multimeter"])
def test_number_of_ports_is_fixed_by_the_first_connection(connect):
    nest = fresh_kernel()
    node = nest.Create(NEURON)
    node.set(PORTS)
    if connect == "spikes":
        nest.Connect(nest.Create(SOURCE), node, syn_spec=contact(2))
    else:
        nest.Connect(nest.Create("multimeter", params={"record_from": ["g_2"]}), node)
    with pytest.raises(nest.NESTErrors.BadProperty, match="ports cannot change once there are connections"):
        node.set({name: [1.0] for name in PORTS})
    assert same(node.get(), PORTS)
    node.set({name: [value, 4.0] for name, (value, _) in PORTS.items()})
    assert node.E_rev.tolist() == [1.0, 4.0]


@pytest.mark.parametrize("synapse", [CONTACT, "static_synapse"])
@pytest.mark.parametrize("receptor", [0, 4])
def test_receptors_that_are_not_there(synapse, receptor):
    nest = fresh_kernel()
    with pytest.raises(nest.NESTErrors.IncompatibleReceptorType, match=f"[Rr]eceptor type {receptor}"):
        nest.Connect(nest.Create(SOURCE), nest.Create(NEURON),
                     syn_spec={"synapse_model": synapse, "receptor_type": receptor})  # fmt: skip
    assert nest.num_connections == 0


@pytest.mark.parametrize("model", ["step_current_generator", "multimeter"])
def test_currents_and_meters_have_no_receptor(model):
    nest = fresh_kernel()
    with pytest.raises(nest.NESTErrors.UnknownReceptorType):
        nest.Connect(nest.Create(model), nest.Create(NEURON), syn_spec={"receptor_type": 1})


def test_contacts_are_one_each_and_have_no_weight():
    nest = fresh_kernel()
    source, node = nest.Create(SOURCE), nest.Create(NEURON)
    with pytest.raises(nest.NESTErrors.BadProperty, match="no weight"):
        nest.Connect(source, node, syn_spec=contact() | {"weight": 2.0})
    assert nest.num_connections == 0
    for receptor in (1, 3, 3):
        nest.Connect(source, node, syn_spec=contact(receptor, 0.7))
    contacts = nest.GetConnections(source, node)
    assert contacts.get("receptor") == [1, 3, 3]
    assert contacts.get("delay") == pytest.approx([0.7] * 3)
    for attempt in (lambda: contacts.set(weight=2.0), lambda: nest.SetDefaults(CONTACT, {"weight": 2.0})):
        with pytest.raises(nest.NESTErrors.KernelException, match="weight"):
            attempt()


@pytest.mark.parametrize("target", ["iaf_cond_exp", "spike_recorder", SOURCE])
def test_contacts_exist_on_our_neuron_only(target):
    nest = fresh_kernel()
    with pytest.raises(nest.NESTErrors.IllegalConnection, match="only to alif_cond_exp_euler"):
        nest.Connect(nest.Create(SOURCE), nest.Create(target), syn_spec=contact())


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("weight", [-1.0, 1.5, 1e10])
def test_weights_that_are_no_number_of_contacts(weight, threads):
    """A weight is seen when the first spike arrives; NEST then ends the simulation, not the process."""
    nest = fresh_kernel(threads)
    source, nodes = nest.Create(SOURCE), nest.Create(NEURON, 4)
    synapse = {"synapse_model": "static_synapse", "receptor_type": 1, "weight": weight, "delay": 0.1}
    nest.Connect(source, nodes, syn_spec=synapse)
    source.set(steps=[5], senders=[source.global_id])
    with pytest.raises(nest.NESTErrors.BadProperty, match="a weight is a number of contacts"):
        nest.Simulate(1.0)


def test_weights_count_contacts():
    nest = fresh_kernel()
    source, nodes = nest.Create(SOURCE), nest.Create(NEURON, 2, params={"strength": [0.3, 1.0, 1.0]})
    for weight in (2.0, 0.0):
        nest.Connect(source, nodes[0], syn_spec={"receptor_type": 1, "weight": weight, "delay": 0.1})
    for _ in range(2):
        nest.Connect(source, nodes[1], syn_spec=contact())
    source.set(steps=[5], senders=[source.global_id])
    nest.Simulate(0.6)
    assert nodes[0].g.tolist() == nodes[1].g.tolist() == [0.6, 0.0, 0.0]
