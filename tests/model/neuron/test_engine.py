"""The module's functions that are called from Python: what they refuse, in one line, and change nothing."""

import subprocess
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from nest_kernel import NEURON, SOURCE, extension, fresh_kernel

from eiassembly.core.errors import EiassemblyError, EnvironmentProblemError, SimulationError
from eiassembly.model.neuron import toolchain
from eiassembly.model.simulation.exact import Engine
from eiassembly.model.state.snapshot import state_width

pytestmark = pytest.mark.nest

N_PORTS = 3
"""Of a neuron by default."""


def kernel_with_neurons(threads: int = 2) -> tuple[ModuleType, Engine, Any]:
    """Four neurons (1 to 4), two sources (5, 6); time stands at step 10."""
    nest = fresh_kernel(threads)
    neurons = nest.Create(NEURON, 4, params={"I_e": 30.0})
    nest.Create(SOURCE, 2)
    engine = Engine(extension())
    engine.clear()
    nest.Simulate(1.0)
    return nest, engine, neurons


def ids(*values: int) -> Any:
    return np.array(values, np.int64)


def states(n: int, width: int = state_width(N_PORTS), refractory: float = 0.0) -> Any:
    rows = np.zeros((n, width))
    rows[:, 2] = refractory
    return rows


REFUSED = [
    ("snapshot", (ids(1, 2), N_PORTS - 1), "take_snapshot: .* expected a state of 6 numbers, found 5"),
    ("snapshot", (ids(1, 5), N_PORTS), "node 5 is not an alif_cond_exp_euler"),
    ("snapshot", (ids(0), N_PORTS), "expected a node id from 1 to 6, found 0"),
    ("snapshot", (ids(7), N_PORTS), "expected a node id from 1 to 6, found 7"),
    ("restore", (ids(1, 2), states(2, 7)), "restore: .* expected a state of 6 numbers, found 7"),
    ("restore", (ids(1, 2), states(1)), "expected 2 states, found 1"),
    ("restore", (ids(1, 2), states(2, refractory=-1.0)), "expected refractory steps, found -1"),
    ("restore", (ids(1, 2), states(2, refractory=np.nan)), "expected refractory steps, found nan"),
    ("restore", (ids(1, 99), states(2)), "expected a node id from 1 to 6, found 99"),
    ("arrive", (ids(1, 2), ids(10, 10), ids(1, 1), N_PORTS), "expected a port below 3, found 3"),
    ("arrive", (ids(1, 2), ids(10, 9), ids(1, 1), 0), "arrivals in the future, from step 10, found 9"),
    ("arrive", (ids(1, 2), ids(10, 2**62), ids(1, 1), 0), "arrivals in the future"),
    ("arrive", (ids(1, 2), ids(10, 10), ids(1, -1), 0), "expected a number of contacts, found -1"),
    ("arrive", (ids(1, 2), ids(10), ids(1, 1), 0), r"expected arrays of one length, found \[1, 2\]"),
    ("record_state", (ids(1, 2), 0, 0), "record_state: expected an interval of at least one step"),
    ("record_state", (ids(1, 2), 1, -1), "no negative shift"),
    ("record_state", (ids(1, 6), 1, 0), "node 6 is not an alif_cond_exp_euler"),
    ("samples", (1, N_PORTS), "n_sampled_numbers: "),
    ("inject", (ids(1, 5), 10, 20, 1.0), "node 5 is not an alif_cond_exp_euler"),
    ("inject", (ids(1, 2), 10, 20, np.nan), "expected a finite current"),
    ("drop", (5, 20), "drop: node 5 is not an alif_cond_exp_euler"),
    ("send", (ids(12, 11), ids(1, 2)), "send: .* steps in the future that do not decrease"),
    ("send", (ids(10, 11), ids(1, 2)), "steps in the future"),
    ("send", (ids(11), ids(1, 2)), "expected arrays of one length"),
    ("feed", (ids(10), ids(5)), "feed: spike_train_source: steps must not decrease, must be in the future"),
    ("feed", (ids(12), ids(1)), "sender 1 is not a spike_train_source"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "message"), REFUSED)
def test_what_is_impossible_is_refused_in_one_line_and_changes_nothing(function, arguments, message):
    _, engine, _ = kernel_with_neurons()
    neurons = ids(1, 2, 3, 4)
    assert engine.record_state(neurons[:2], 1, 0) == 0
    before = engine.snapshot(neurons, N_PORTS)
    with pytest.raises(SimulationError, match=message) as raised:
        getattr(engine, function)(*arguments)
    assert "\n" not in str(raised.value)
    assert isinstance(raised.value, EiassemblyError)
    np.testing.assert_array_equal(engine.snapshot(neurons, N_PORTS), before)
    assert engine.record_state(neurons[:2], 1, 0) == 1  # no recorder has been added


def test_refused_arrivals_leave_no_trace():
    nest, engine, neurons = kernel_with_neurons()
    with pytest.raises(SimulationError, match="arrivals in the future"):
        engine.arrive(ids(1, 2), ids(12, 9), ids(1, 1), 0)
    nest.Simulate(0.5)
    assert not np.any([node.g for node in neurons])
    engine.arrive(ids(1, 2), ids(16, 17), ids(1, 2), 0)
    nest.Simulate(0.5)
    assert [bool(node.g[0]) for node in neurons] == [True, True, False, False]


def test_spikes_to_send_are_not_before_those_given_earlier():
    _, engine, _ = kernel_with_neurons()
    engine.send(ids(20, 20, 30), ids(1, 2, 2))
    with pytest.raises(SimulationError, match="not before those given earlier"):
        engine.send(ids(19), ids(1))
    engine.send(ids(20), ids(1))


def test_room_for_another_number_of_samples_is_refused():
    """As with another number of ports: the numbers are kept, and can be taken with the right one."""
    nest, engine, _ = kernel_with_neurons()
    recorder = engine.record_state(ids(1, 2, 3), 1, 0)
    nest.Simulate(0.7)
    with pytest.raises(SimulationError, match="take_samples: expected room for 168 numbers, found 162"):
        engine.samples(recorder, N_PORTS + 1)
    assert engine.samples(recorder, N_PORTS).shape == (21, 2 + state_width(N_PORTS))


@pytest.mark.parametrize("n_ports", [0, 1, 2, 15])
def test_samples_and_snapshots_are_the_state(n_ports):
    nest = fresh_kernel(2)
    ports = {"tau_syn": [5.0] * n_ports, "E_rev": [0.0] * n_ports, "strength": [1.0] * n_ports}
    neurons = nest.Create(NEURON, 5)
    for k, node in enumerate(neurons):
        node.set(ports | {"g": [0.25 + k] * n_ports, "I_e": 100.0 * k, "w": 0.5 * k})
    engine = Engine(extension())
    engine.clear()
    recorder = engine.record_state(ids(1, 2, 3, 4, 5), 1, 0)
    nest.Simulate(60.0)
    samples = engine.samples(recorder, n_ports)
    last = samples[samples[:, 0] == 600]
    found = last[np.argsort(last[:, 1]), 2:]
    np.testing.assert_array_equal(found, engine.snapshot(ids(1, 2, 3, 4, 5), n_ports))
    want = [[node.V_m, node.w, node.refractory_steps, *node.get("g")] for node in neurons]
    np.testing.assert_array_equal(found, want)
    assert len(set(found[:, 2])) > 1  # some are refractory
    engine.restore(ids(5), found[:1])
    np.testing.assert_array_equal(engine.snapshot(ids(1, 5), n_ports), found[[0, 0]])


def test_keeping_spikes_and_clearing_are_two_things():
    nest, engine, neurons = kernel_with_neurons()
    neurons.I_e = 200.0
    engine.keep_spikes()
    nest.Simulate(50.0)
    engine.keep_spikes()  # forgets nothing
    assert len(engine.take()) > 0
    recorder = engine.record_state(ids(1), 1, 0)
    engine.inject(ids(1), 0, 10_000, -1000.0)
    nest.Simulate(50.0)
    engine.clear()  # neither those kept nor what was to be injected, but spikes are kept as before
    assert len(engine.take()) == 0
    with pytest.raises(SimulationError):
        engine.samples(recorder, N_PORTS)
    nest.Simulate(200.0)
    assert 1 in engine.take()[:, 1]


def test_a_module_with_other_states_is_not_that_of_this_version(monkeypatch):
    fresh_kernel()
    monkeypatch.setattr("eiassembly.model.simulation.exact.state_width", lambda n_ports: 4 + n_ports)
    with pytest.raises(EnvironmentProblemError, match="not the module of this version"):
        Engine(extension())


THREADS = """
#include "per_thread.h"
#include <iostream>
int main()
{
  static eiassembly::PerThread< int > numbers;
  numbers.at( 0 ) = 7;
  numbers.at( eiassembly::MAX_THREADS - 1 ) = 8;
  std::cout << numbers.at( 0 ) + numbers.at( eiassembly::MAX_THREADS - 1 ) << "\\n";
  std::cout << bool( numbers.find( 0 ) ) << bool( numbers.find( 1 ) ) << "\\n";
  std::cout << bool( numbers.find( eiassembly::MAX_THREADS ) ) << "\\n";
  try
  {
    numbers.at( eiassembly::MAX_THREADS );
  }
  catch ( const std::exception& error )
  {
    std::cout << error.what() << "\\n";
  }
}
"""


def test_more_threads_than_there_is_room_for_are_refused(tmp_path):
    """In a program of its own: NEST with 4097 threads is more than test machines have."""
    source, program = tmp_path / "threads.cpp", tmp_path / "threads"
    source.write_text(THREADS)
    sources = toolchain.__file__.rpartition("/")[0]
    compiler = toolchain.find_compiler(False)
    subprocess.run([*compiler.command, "-std=c++20", f"-I{sources}", source, "-o", program], check=True)
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[:3] == ["15", "10", "0"]
    assert lines[3:] == [
        "expected at most 4096 threads per process, found thread number 4097; use more processes"
    ]
