"""Every protocol has an example that runs; what it does is seen in the spikes."""

import functools
import re
import shlex

import h5py
import numpy as np
import pytest
from command_line import run_command
from nest_kernel import extension
from simulations import spikes_of

from eiassembly.cli.protocols import PROTOCOLS
from eiassembly.config.config import load_config
from eiassembly.config.interventions.all import INTERVENTIONS, tables_of
from eiassembly.config.simulation import Dynamics, Execution
from eiassembly.connectivity.build import build
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.communicator import SerialCommunicator
from eiassembly.model.simulation.request import Request
from eiassembly.odors import file as odor_file
from eiassembly.odors.schedules import draw_odor_set

pytestmark = pytest.mark.nest

QUICK = {
    "partial_reactivation": ("odors.duration=100.0", "odors.baseline=2500.0"),
    "spike_twins": ("odors.duration=700.0",),
    "state_twins": ("odors.duration=700.0",),
    "initial_state": ("odors.duration=300.0", "odors.baseline=100.0"),
    "shuffled_inhibition": ("odors.duration=1000.0",),
    "excitability": ("odors.duration=500.0", "odors.baseline=300.0"),
    "silenced_interneurons": ("odors.duration=300.0", "odors.baseline=600.0"),
}
"""Changes that make an example short."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("examples")


@pytest.fixture(scope="module")
def ran(repository, folder):
    """Simulate a quick version, with or without what is done to the neurons: its RUN.h5."""

    @functools.cache
    def ran(example, is_plain=False):
        from eiassembly.model.simulation.simulate import simulate  # imports NEST

        config = load_config(repository / "docs" / "examples" / f"{example}.toml", QUICK[example])
        network, odors = folder / f"{example}.net.h5", folder / f"{example}.odors.h5"
        if not network.exists():
            network_file.save(build(config), network)
            odor_file.save(draw_odor_set(config), odors)
        tables = {name: tuple(getattr(config.simulation, name)) for name in INTERVENTIONS}
        if example == "shuffled_inhibition" and not is_plain:
            changes = {"run": str(ran(example, True)), "windows": ((1000.0, 1900.0),)}
            tables["replay"] = tuple(one.model_copy(update=changes) for one in tables["replay"])
        out = folder / f"{example}.{'plain' if is_plain else 'run'}.h5"
        dynamics = Dynamics() if is_plain else Dynamics(**tables)
        request = Request(network, odors, out, dynamics, Execution(threads=2))
        simulate(request, SerialCommunicator(), extension())
        return out

    return ran


def counts(run, population, first, last, size=4000):
    """Spikes per neuron in a window, ms."""
    steps, ids = spikes_of(run)[population]
    return np.bincount(ids[(steps > first * 10) & (steps <= last * 10)], minlength=size)


def first_difference(example, ran):
    """Step from which on a run differs from that without what is done to the neurons."""
    one, other = (zip(*(x.tolist() for x in spikes_of(run)["E"]), strict=True) for run in both(example, ran))
    return min(set(one) ^ set(other))[0]


def both(example, ran):
    return ran(example), ran(example, is_plain=True)


def members(run, odor):
    with h5py.File(run) as h5:
        (found,) = (a for a in network_file.read_assemblies(h5["eiassembly/network"]) if a.odor == odor)
    return found.of("E")


def test_all_examples_are_listed(repository):
    done = run_command("protocols")
    assert done.returncode == 0
    names = {path.stem for path in (repository / "docs" / "examples").glob("*.toml")}
    assert names == {one.example for one in PROTOCOLS}
    for name in names:
        assert re.search(rf"^{name} +\w", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", INTERVENTIONS)
def test_every_intervention_is_documented_and_has_an_example(repository, name):
    table, docs = INTERVENTIONS[name], (repository / "docs" / "protocols.md").read_text()
    assert f"\n| `[[simulation.{name}]]` | {table.SUMMARY} |\n" in docs
    assert f"\n**{name}**: " in docs
    assert table.EXAMPLES
    for example in table.EXAMPLES:
        config = load_config(repository / "docs" / "examples" / f"{example}.toml")
        assert tables_of(config.simulation, table), example


def test_partial_reactivation(ran):
    """Half of the members get 28 pA: they fire as nobody else does in the baseline."""
    run = ran("partial_reactivation")
    for odor, (first, last) in ((0, (500, 1000)), (1, (1500, 2000))):
        fired = counts(run, "E", first, last)
        own = np.isin(np.arange(4000), members(run, odor))
        assert fired[own].mean() > 10 * fired[~own].mean()
        assert (fired[own] > 0).sum() >= 50


@pytest.mark.parametrize("example", ["spike_twins", "state_twins"])
def test_twins(example, ran):
    """They are the same up to the perturbation, and not long afterwards."""
    assert 15_000 <= first_difference(example, ran) < 16_000


def test_initial_states(ran):
    assert first_difference("initial_state", ran) < 2000


def test_shuffled_inhibition(ran):
    """Excitation is not balanced any more: it runs away or falls silent."""
    assert first_difference("shuffled_inhibition", ran) > 10_000
    shuffled, recorded = (counts(run, "E", 1000, 1900).sum() for run in both("shuffled_inhibition", ran))
    assert not 0.5 * recorded < shuffled < 2 * recorded


def test_excitability(ran):
    """The neurons in question fire more than without it, the others much as before."""
    assert first_difference("excitability", ran) > 3000
    own = members(ran("excitability"), 0)
    run, plain = (counts(run, "E", 300, 800) for run in both("excitability", ran))
    assert run[own].sum() > 1.2 * plain[own].sum()
    assert np.delete(run, own).sum() < 1.2 * np.delete(plain, own).sum()


def test_silenced_interneurons(ran):
    run, plain = both("silenced_interneurons", ran)
    np.testing.assert_array_equal(spikes_of(run)["FFI"], spikes_of(plain)["FFI"])
    assert counts(run, "E", 600, 900).sum() > counts(plain, "E", 600, 900).sum()


def test_the_commands_for_added_memories(repository, tmp_path):
    """Those in the example, one after the other, for a shorter time."""
    (tmp_path / "docs").symlink_to(repository / "docs")
    text = (repository / "docs" / "examples" / "added_memories.toml").read_text()
    commands = re.findall(r"^# +eiassembly (.+)$", text, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        arguments = shlex.split(command.replace("3000", "400"))
        if arguments[1] == "build":
            arguments += ["--set", "odors.baseline=100", "--set", "odors.duration=300"]
        done = run_command(*arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    first, run = tmp_path / "first.h5", tmp_path / "run.h5"
    with h5py.File(run) as h5, h5py.File(first) as before:
        found = [len(x["eiassembly/network/assemblies"]) for x in (before, h5)]
    assert found == [1, 2]
    assert (counts(first, "E", 0, 400) == counts(run, "E", 0, 400)).all()
    assert counts(run, "E", 400, 800).sum() > 0
