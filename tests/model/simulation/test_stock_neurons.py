"""NEST's own neurons as the fallback: the same rates as the exact neuron, and how one gets them."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import h5py
import pytest
from authors_data import CONNEC, ODORS, needs_authors_data, strengths
from command_line import run_command
from simulations import given_spikes, poisson_odors, random_network, records_of, saved, simulated, spikes_of
from three_populations import small_network

from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files.matlab import import_network
from eiassembly.model.simulation.stock_cost import cost_of_stock_neurons
from eiassembly.odors import file as odor_file
from eiassembly.odors.matlab import import_odors

pytestmark = pytest.mark.nest


def counts(folder, neuron, *options):
    """Number of spikes of E and I."""
    run = folder / f"{neuron}.h5"
    done = run_command(
        "simulate", folder / "net.h5", folder / "odors.h5", "--out", run, "--neuron", neuron, *options
    )
    assert done.returncode == 0, done.stderr
    return {name: len(steps) for name, (steps, _) in spikes_of(run).items() if name != "OB"}


def assert_rates_agree(exact, stock):
    for name, number in exact.items():
        assert number > 1000
        assert stock[name] == pytest.approx(number, rel=0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("delay", [0.1, 1.0])
def test_rates_in_networks_of_our_own(seed, delay, tmp_path):
    """Multiple contacts, both kinds of neurons; through the same code as the exact neuron."""
    files = random_network(seed), poisson_odors(seed, 30_000)
    found = []
    for neuron in ("extension", "nest"):
        spikes = spikes_of(simulated(tmp_path, *files, neuron=neuron, delay=delay))
        found.append({name: len(spikes[name][0]) for name in ("E", "I")})
    assert_rates_agree(*found)


def test_rates_with_feedback_and_feedforward_inhibition(tmp_path):
    """Inhibition of both kinds adds up in NEST's neurons."""
    files = small_network(2), poisson_odors(2, 20_000)
    found = [
        {name: len(steps) for name, (steps, _) in spikes.items() if name != "OB"}
        for spikes in (spikes_of(simulated(tmp_path, *files, neuron=n)) for n in ("extension", "nest"))
    ]
    assert found[0].keys() == {"E", "FBI", "FFI"}
    assert_rates_agree(*found)


def test_the_potential_of_stock_neurons_can_be_recorded(tmp_path):
    """Every half millisecond to the end of the run, between the reversal potential and the threshold."""
    wiring, odors = random_network(1), poisson_odors(1, 2000)
    run = simulated(tmp_path, wiring, odors, neuron="nest", record=("V_m",), every=0.5)
    for name in ("E", "I"):
        neuron = wiring.population(name).neuron
        steps, values = records_of(run, name)
        assert steps.tolist() == list(range(5, 2001, 5))
        assert values["V_m"].shape == (400, 10)
        assert neuron.E_inh < values["V_m"].min() <= neuron.E_rest
        assert neuron.V_th - 3 < values["V_m"].max() <= neuron.V_th


@needs_authors_data
def test_rates_in_the_authors_network(tmp_path):
    """From 100 ms before the first odor on; the solver of the stock neurons is slow."""
    network_file.save(import_network(CONNEC / "connec_A_1.mat", strengths("connec_A_1")), tmp_path / "net.h5")
    odors = import_odors(ODORS / "odorset_10learned.mat", "learned")
    steps, ids = given_spikes(odors, 9000, 15_000)
    part = replace(odors, n_steps=6000, steps=steps - 9000, ids=ids, presentations=())
    odor_file.save(part, tmp_path / "odors.h5")
    assert_rates_agree(*(counts(tmp_path, neuron, "--threads", "2") for neuron in ("extension", "nest")))


@pytest.fixture
def small(tmp_path):
    saved(tmp_path, random_network(3), poisson_odors(4, 2000))
    return tmp_path


@pytest.fixture
def without_compiler(small, tmp_path):
    """Call `simulate` with all programs of this machine but its compilers, and an empty cache."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(folder).glob("*"):
            if not re.search(r"(\+\+|clang|mpicxx|mpiCC|gcc)", program.name):
                (programs / program.name).unlink(missing_ok=True)
                (programs / program.name).symlink_to(program)
    variables = {"PATH": str(programs), "CXX": "", "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def simulate(*options):
        files = (small / "net.h5", small / "odors.h5", "--out", small / "run.h5")
        return run_command("simulate", *files, *options, variables=variables)

    return simulate


def test_stock_neurons_need_no_compiler_and_say_what_they_cost(small, without_compiler):
    done = without_compiler("--neuron", "nest")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("simulated")]
    assert line == f"eiassembly: {cost_of_stock_neurons()}"
    with h5py.File(small / "run.h5") as h5:
        assert json.loads(h5["eiassembly/config"].asstr()[()])["simulation"]["neuron"] == "nest"
        assert h5["eiassembly"].attrs["complete"]


@pytest.mark.parametrize("options", [(), ("--neuron", "extension")])
def test_without_a_compiler_an_error_and_never_the_stock_neurons(small, without_compiler, options):
    done = without_compiler(*options)
    assert done.returncode == 1
    assert done.stderr.startswith("eiassembly: error: no C++ compiler")
    assert not list(small.glob("run.h5*"))


def test_conductances_cannot_be_recorded_from_stock_neurons(small):
    done = run_command(
        "simulate", small / "net.h5", small / "odors.h5", "--out", small / "run.h5", "--neuron", "nest",
        "--record", "V_m,g_E",
    )  # fmt: skip
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert "g_E" in done.stderr.splitlines()[-1]
    assert not list(small.glob("run.h5*"))
