"""The NEST model alif_cond_exp_euler, driven directly: dynamics bit for bit as published."""

import dataclasses

import numpy as np
import pytest
from nest_kernel import NEURON, SOURCE, contact, fresh_kernel
from single_neuron import SingleNeuron, run

pytestmark = pytest.mark.nest

STATE = ("V_m", "w", "refractory_steps", "g")


def fed(nest, neuron, trains, delay=0.1):
    """Spike sources, one per port of the neuron, that fire at the given steps."""
    sources = nest.Create(SOURCE, len(trains))
    for port, source in enumerate(sources, 1):
        nest.Connect(source, neuron, syn_spec=contact(port, delay))
    give(nest, sources, trains)
    return sources


def give(nest, sources, trains):
    pairs = zip(sources, trains, strict=True)
    events = sorted((step, source.global_id) for source, train in pairs for step in train)
    # One source of every thread takes the spikes of all sources there.
    for source in sources[: nest.local_num_threads]:
        source.set(steps=[step for step, _ in events], senders=[sender for _, sender in events])


def arrivals(trains, delay_steps=1):
    """Contacts by the step from which they act: spikes of step s act from step s + delay on."""
    steps = sorted({step for train in trains for step in train})
    return {step + delay_steps: tuple(train.count(step) for train in trains) for step in steps}


def metered(nest, neurons, names=("V_m", "w", "g_1", "g_2", "g_3")):
    meter = nest.Create("multimeter", params={"record_from": names, "interval": 0.1, "time_in_steps": True})
    nest.Connect(meter, neurons)
    return meter


def trace_of(meter):
    """Samples of one neuron from step 1 on."""
    events = meter.events
    np.testing.assert_array_equal(events["times"], np.arange(1, len(events["times"]) + 1))
    return np.stack([events[name] for name in meter.record_from], axis=1)


def random_trains(seed, n_steps, rates=(0.04, 0.06, 0.01)):
    rng = np.random.default_rng(seed)
    return [(np.flatnonzero(rng.random(n_steps - 1) < rate) + 1).tolist() for rate in rates]


def random_parameters(rng, n_ports=3):
    return {
        "tau_m": rng.uniform(5, 100), "g_L": rng.uniform(0.5, 3), "E_L": rng.uniform(-70, -55),
        "V_th": rng.uniform(-50, -35), "V_reset": rng.uniform(-75, -55),
        "t_ref": rng.integers(1, 100) / 10, "tau_w": rng.uniform(5, 60),
        "a": rng.choice([0, rng.uniform(0, 2)]), "b": rng.choice([0, rng.uniform(0, 20)]),
        "I_e": rng.choice([0, rng.uniform(-20, 60)]),
        "tau_syn": rng.uniform(2, 40, n_ports).tolist(),
        "E_rev": rng.choice([0.0, -70.0, 3.5], n_ports).tolist(),
        "strength": rng.uniform(0, 2, n_ports).tolist(), "V_m": rng.uniform(-70, -40),
        "w": rng.uniform(-5, 5),
        "refractory_steps": int(rng.integers(0, 30)), "g": rng.uniform(0, 2, n_ports).tolist(),
    }  # fmt: skip


def state_of(scheme):
    return {name: getattr(scheme, name) for name in STATE}


def assert_in_state(node, scheme):
    for name in STATE:
        np.testing.assert_array_equal(node.get(name), getattr(scheme, name), err_msg=name)


@pytest.mark.parametrize("delay_steps", [1, 2, 10])
def test_trajectory_is_that_of_the_published_scheme(delay_steps):
    nest = fresh_kernel()
    strength = [1.0, 0.7, 0.4]
    neuron = nest.Create(NEURON, params={"strength": strength})
    trains = random_trains(1, 2000)
    fed(nest, neuron, trains, delay_steps / 10)
    meter = metered(nest, neuron)
    nest.Simulate(200.0 + delay_steps / 10)  # a multimeter hands over what was before the last slice
    want = np.array(run(SingleNeuron(strength=strength), 2000, arrivals(trains, delay_steps), {}))
    assert (np.diff(want[:, 1]) > 5).sum() > 3  # it has fired
    np.testing.assert_array_equal(trace_of(meter)[:2000], want)


def test_spikes_are_stamped_with_the_step_in_which_the_threshold_is_crossed():
    nest = fresh_kernel()
    neuron = nest.Create(NEURON, params={"I_e": 60.0})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(neuron, recorder)
    nest.Simulate(600.0)
    scheme = SingleNeuron(I_e=60.0)
    want = [step for step in range(1, 6001) if scheme.step((0, 0, 0))]
    assert len(want) > 3
    assert recorder.events["times"].tolist() == want


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_neurons_of_different_kinds_are_independent_of_each_other(threads):
    """More neurons than are updated at once, runs of equal ones, different numbers of ports."""
    nest = fresh_kernel(threads)
    rng = np.random.default_rng(3)
    kinds = [random_parameters(rng, n_ports) for n_ports in (3, 1, 15, 2, 3)]
    kinds = [kinds[0]] * 700 + [kind for kind in kinds[1:] for _ in range(3)] * 4 + [kinds[4]] * 80
    nodes = nest.NodeCollection()
    for kind in kinds:
        nodes += nest.Create(NEURON, params=kind)
    nest.Simulate(30.0)
    ends = {}
    for node, kind in zip(nodes, kinds, strict=True):
        if id(kind) not in ends:
            ends[id(kind)] = SingleNeuron(**kind)
            for _ in range(300):
                ends[id(kind)].step([0] * len(kind["g"]))
        assert_in_state(node, ends[id(kind)])


@pytest.mark.parametrize("seed", range(5))
def test_random_parameters_and_states(seed):
    nest = fresh_kernel()
    parameters = random_parameters(np.random.default_rng(seed))
    neuron = nest.Create(NEURON, params=parameters)
    trains = random_trains(seed, 1000)
    fed(nest, neuron, trains)
    meter = metered(nest, neuron)
    nest.Simulate(100.1)
    want = run(SingleNeuron(**parameters), 1000, arrivals(trains), {})
    np.testing.assert_array_equal(trace_of(meter)[:1000], want)


def test_given_adaptation_acts_and_decays_without_a_and_b():
    nest = fresh_kernel()
    neuron = nest.Create(NEURON, params={"a": 0.0, "b": 0.0, "w": 8.0})
    nest.Simulate(20.0)
    assert neuron.w == pytest.approx(8.0 * (1 - 0.1 / 40) ** 200, rel=1e-12)
    scheme = SingleNeuron(a=0.0, b=0.0, w=8.0)
    run(scheme, 200, {}, {})
    assert_in_state(neuron, scheme)


def test_constant_current_gives_the_potential_and_the_period_of_the_membrane_equation():
    """Euler steps of a linear equation in closed form: V_k = V_inf + (V_0 - V_inf)(1 - dt/tau)^k."""
    nest = fresh_kernel()
    current, p = 40.0, SingleNeuron(a=0.0, b=0.0)
    final = p.E_L + current / p.g_L
    below = nest.Create(NEURON, params={"a": 0.0, "b": 0.0, "I_e": current, "V_th": 0.0})
    firing = nest.Create(NEURON, params={"a": 0.0, "b": 0.0, "I_e": current})
    recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
    nest.Connect(firing, recorder)
    nest.Simulate(500.0)
    assert below.V_m == pytest.approx(final + (p.E_L - final) * (1 - 0.1 / p.tau_m) ** 5000, rel=1e-12)
    climb = int(np.log((p.V_th - final) / (p.E_L - final)) / np.log(1 - 0.1 / p.tau_m)) + 1
    spikes = recorder.events["times"]
    assert spikes[0] == climb
    assert len(spikes) > 2
    assert set(np.diff(spikes)) == {80 + climb}


def test_the_threshold_must_be_exceeded():
    """A potential that rests on the threshold does not fire; with a threshold one bit lower it does."""
    nest = fresh_kernel()
    parameters = {"g_L": 1.0, "I_e": 20.0, "a": 0.0, "b": 0.0, "V_m": -40.0}
    resting, above = nest.Create(NEURON, 2, params=parameters | {"V_th": -40.0})
    above.V_m = -30.0  # updated together with the one that rests
    firing = nest.Create(NEURON, params=parameters | {"V_th": np.nextafter(-40.0, -41.0)})
    recorder = nest.Create("spike_recorder")
    nest.Connect(resting + above + firing, recorder)
    nest.Simulate(0.1)
    assert set(recorder.events["senders"]) == {above.global_id, firing.global_id}
    assert (resting.V_m, resting.refractory_steps) == (-40.0, 0)
    assert (firing.V_m, firing.refractory_steps) == (-40.0, 80)


def test_subthreshold_adaptation_acts_as_a_conductance():
    nest = fresh_kernel()
    neuron = nest.Create(NEURON, params={"I_e": 30.0, "a": 1.5})
    nest.Simulate(5000.0)
    depolarisation = 30.0 / (1.35 + 1.5)
    assert neuron.V_m == pytest.approx(-60 + depolarisation, rel=1e-12)
    assert neuron.w == pytest.approx(1.5 * depolarisation, rel=1e-12)


@pytest.mark.parametrize("delay_steps", [1, 10])
def test_injected_current_acts_from_its_time_on(delay_steps):
    """As for spikes a delay of one step is none: a current of time t acts after t + delay - dt."""
    nest = fresh_kernel()
    parameters = {"I_e": 5.0, "tau_m": 20.0}
    neuron = nest.Create(NEURON, params=parameters)
    generator = nest.Create("step_current_generator")
    generator.set(amplitude_times=[2.0, 5.0, 9.0], amplitude_values=[20.0, -7.0, 0.0])
    nest.Connect(generator, neuron, syn_spec={"weight": 1.5, "delay": delay_steps / 10})
    meter = metered(nest, neuron)
    nest.Simulate(20.0)
    start = delay_steps - 1
    current = {start + step: 1.5 * (20.0 if step <= 50 else -7.0) for step in range(21, 91)}
    got = trace_of(meter)
    np.testing.assert_array_equal(got, run(SingleNeuron(**parameters), len(got), {}, current))


@pytest.mark.parametrize("first", ["devices", "neuron"])
@pytest.mark.parametrize("delay_steps", [1, 16])
def test_devices_act_after_the_delay_whatever_is_updated_first(first, delay_steps):
    """They deliver in the middle of a slice; a slice is as long as the only delay."""
    nest = fresh_kernel()
    models = ("spike_generator", "step_current_generator", NEURON)
    nodes = {model: nest.Create(model) for model in (models if first == "devices" else reversed(models))}
    spikes, current, neuron = (nodes[model] for model in models)
    spikes.set(spike_times=[0.1, 1.6, 1.7, 4.0, 6.3], spike_weights=[1.0, 2.0, 1.0, 1.0, 3.0])
    current.set(amplitude_times=[2.0, 3.3], amplitude_values=[30.0, 0.0])
    nest.Connect(spikes, neuron, syn_spec={"receptor_type": 2, "delay": delay_steps / 10})
    nest.Connect(current, neuron, syn_spec={"delay": delay_steps / 10})
    meter = metered(nest, neuron)
    nest.Simulate(12.0)
    trains = [[], [1, 16, 16, 17, 40, 63, 63, 63], []]
    acting = {step + delay_steps: 30.0 for step in range(20, 33)}
    got = trace_of(meter)
    assert len(got) > 63 + delay_steps
    np.testing.assert_array_equal(got, run(SingleNeuron(), len(got), arrivals(trains, delay_steps), acting))


def test_state_that_is_set_continues_the_run():
    trains = random_trains(4, 1000)
    middle = next(step for step in range(500, 1000) if not any(step in train for train in trains))
    before = [[step for step in train if step < middle] for train in trains]
    after = [[step - middle for step in train if step > middle] for train in trains]
    nest = fresh_kernel()
    neuron = nest.Create(NEURON)
    sources = fed(nest, neuron, before)
    nest.Simulate(middle / 10)
    found = {name: neuron.get(name) for name in STATE}
    give(nest, sources, [[step + middle for step in train] for train in after])
    nest.Simulate((1000 - middle) / 10)
    whole = {name: neuron.get(name) for name in STATE}
    nest = fresh_kernel()
    neuron = nest.Create(NEURON, params=found)
    fed(nest, neuron, after)
    nest.Simulate((1000 - middle) / 10)
    for name in STATE:
        np.testing.assert_array_equal(neuron.get(name), whole[name])
    scheme = SingleNeuron()
    assert max(row[1] for row in run(scheme, 1000, arrivals(trains), {})) > 10  # it has fired
    assert_in_state(neuron, scheme)


def test_setting_in_mid_run_changes_that_and_nothing_else():
    nest = fresh_kernel()
    neurons = nest.Create(NEURON, 3, params={"I_e": 25.0})
    schemes = [SingleNeuron(I_e=25.0) for _ in range(3)]
    changes = {"V_th": -50.0, "tau_m": 30.0, "V_m": -52.5, "g": [0.5, 0.0, 0.1]}
    for _ in range(2):
        nest.Simulate(40.0)
        for scheme in schemes:
            run(scheme, 400, {}, {})
        neurons[1].set(changes)
        schemes[1] = dataclasses.replace(schemes[1], **changes)
    nest.Simulate(1.0)
    for node, scheme in zip(neurons, schemes, strict=True):
        run(scheme, 10, {}, {})
        assert_in_state(node, scheme)


def test_spikes_under_way_survive_more_neurons():
    nest = fresh_kernel()
    first = nest.Create(NEURON)
    trains = [[3, 85], [60, 97, 97]]
    source = nest.Create(SOURCE, 2)
    nest.Connect(source[0], first, syn_spec=contact(1, 1.0))
    nest.Connect(source[1], first, syn_spec=contact(2, 7.0))
    give(nest, source, trains)
    nest.Simulate(9.7)
    ports = {"tau_syn": [5.0] * 5, "E_rev": [0.0] * 5, "strength": [1.0] * 5, "g": [0.0] * 5}
    more = nest.Create(NEURON, 100, params=ports)
    nest.Connect(source[0], more, syn_spec=contact(5, 7.0))
    source[0].set(steps=[100], senders=[source[0].global_id])
    nest.Simulate(10.3)
    early = SingleNeuron()
    run(early, 200, arrivals([[3, 85, 100], [], []], 10) | arrivals([[], [60, 97, 97], []], 70), {})
    assert_in_state(first, early)
    late = SingleNeuron(tau_syn=(5.0,) * 5, E_rev=(0.0,) * 5, strength=(1.0,) * 5, g=[0.0] * 5)
    run(late, 103, {3 + 70: (0, 0, 0, 0, 1)}, {})
    for node in more:
        assert_in_state(node, late)


def test_recordables_are_potential_adaptation_and_one_conductance_per_port():
    nest = fresh_kernel()
    ports = {"tau_syn": [1.0, 2.0], "E_rev": [0.0, 0.0], "strength": [1.0, 1.0], "g": [0.0, 0.0]}
    assert nest.Create(NEURON).recordables == ["V_m", "w", "g_1", "g_2", "g_3"]
    two = nest.Create(NEURON, params=ports)
    assert two.recordables == ["V_m", "w", "g_1", "g_2"]
    with pytest.raises(nest.NESTErrors.IllegalConnection, match="g_3"):
        nest.Connect(nest.Create("multimeter", params={"record_from": ["g_3"]}), two)


def test_recording_some_neurons_leaves_all_as_they_are():
    states = []
    for recorded in (0, 2):
        nest = fresh_kernel(2)
        neurons = nest.Create(NEURON, 7, params={"I_e": [10.0 * k for k in range(7)]})
        if recorded:
            metered(nest, neurons[3:5])
        nest.Simulate(100.0)
        states.append([neurons.get(name) for name in STATE])
    np.testing.assert_equal(states[1], states[0])


def test_a_reset_kernel_starts_from_nothing():
    """Spikes under way, recorders and states of an earlier network are gone."""
    for _ in range(3):
        nest = fresh_kernel(2)
        neurons = nest.Create(NEURON, 5)
        fed(nest, neurons[2], [[1, 2, 3, 99], [50], [100]], delay=5.0)
        meter = metered(nest, neurons[2])
        nest.Simulate(10.5)
        scheme = SingleNeuron()
        want = run(scheme, 105, arrivals([[1, 2, 3, 99], [50], [100]], 50), {})
        assert_in_state(neurons[2], scheme)
        got = trace_of(meter)
        np.testing.assert_array_equal(got, want[: len(got)])


def test_more_neurons_than_sixteen_bits_count():
    """The last of 65,540 neurons of a thread fires in its own name, and its spike goes to its own target."""
    nest = fresh_kernel()
    neurons = nest.Create(
        NEURON, 65_540, params={"tau_syn": [30.0], "E_rev": [0.0], "strength": [1.0], "g": [0.0]}
    )
    last, target = neurons[-1], neurons[-2]
    last.I_e = 200.0
    nest.Connect(last, target, "one_to_one", contact())
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons[-4:], recorder)
    nest.Simulate(20.0)
    assert set(recorder.events["senders"].tolist()) == {last.global_id}
    assert target.g[0] > 0
    assert neurons[65_538 - 65_536].g[0] == 0
