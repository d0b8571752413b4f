"""One run, whatever the number of ranks and threads and the length of the blocks: equal to the last bit."""

import itertools
import json

import h5py
import numpy as np
import pytest
from authors_data import authors_network, authors_odors, counts_and_digest, needs_authors_data, reference_runs
from command_line import run_command
from mpi_runs import PYTHON, mpirun, needs_mpi
from run_comparison import differences
from run_files import random_wiring
from simulations import poisson_odors, small_recipe, spikes_of

from eiassembly.connectivity.files import network as network_file
from eiassembly.odors import file as odor_file

pytestmark = [needs_mpi, pytest.mark.nest]
SIZES = {"OB": 40, "E": 90, "I": 3}
"""Fewer I neurons than ranks."""
RECORD = ("--record", "V_m,z,g_OB,g_E,g_I", "--cells", "7", "--every", "0.3")


def simulated(folder, name, *options, ranks=0, odors="odors.h5"):
    """RUN.h5 of a command; 0 ranks are a process without mpirun."""
    launcher = mpirun(ranks) if ranks else ()
    done = run_command(
        "simulate", "net.h5", odors, "--out", name, *options, prefix=launcher, cwd=folder, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, f"{name}: written\n"), done.stderr
    return folder / name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network that fires, and 300 ms of input."""
    folder = tmp_path_factory.mktemp("layouts")
    network_file.save(random_wiring(4, sizes=SIZES), folder / "net.h5")
    odor_file.save(poisson_odors(3, 3000, rate=150.0), folder / "odors.h5")
    return folder


def provenance(run):
    with h5py.File(run) as h5:
        return json.loads(h5["eiassembly/provenance"].asstr()[()])


@pytest.fixture(scope="module")
def alone(folder):
    """By delay: one process, one thread, one block."""
    runs = {d: simulated(folder, f"alone{d}.h5", *RECORD, "--delay", d) for d in ("0.1", "1")}
    for run in runs.values():
        assert all(len(steps) > 10 * SIZES[name] for name, (steps, _) in spikes_of(run).items())
    assert differences(*runs.values())
    return runs


LAYOUTS = tuple(itertools.product((1, 2, 3, 4), (1, 2)))
BLOCKS = ("1e6", "40", "33.3", "100", "7.9", "299.9", "20", "150")


@pytest.mark.parametrize("delay", ["0.1", "1"])
@pytest.mark.parametrize(("layout", "block"), list(zip(LAYOUTS, BLOCKS, strict=True)), ids=str)
def test_ranks_and_threads(layout, block, delay, alone, folder):
    ranks, threads = layout
    run = simulated(
        folder, "run.h5", *RECORD, "--delay", delay, "--block", block, "--threads", str(threads), ranks=ranks
    )
    assert differences(run, alone[delay]) == []
    one, several = provenance(alone[delay]), provenance(run)
    assert (several["ranks"], several["threads_per_rank"]) == layout
    assert several["connections"] == one["connections"]


@pytest.mark.parametrize("delay", ["0.1", "1"])
def test_short_blocks(delay, folder):
    """A step, as long as a delay, and in between; the longer ones are those of test_ranks_and_threads."""
    odor_file.save(poisson_odors(3, 250, rate=1500.0), folder / "strong.h5")
    short = ("--record", "V_m", "--delay", delay)
    whole = simulated(folder, "whole.h5", *short, odors="strong.h5")
    assert len(spikes_of(whole)["E"][0]) > 50
    for block, ranks in (("0.1", 2), ("0.7", 3), ("1", 2)):
        run = simulated(folder, "run.h5", *short, "--block", block, ranks=ranks, odors="strong.h5")
        assert differences(run, whole) == []


def test_spikes_that_are_drawn_while_it_runs(folder):
    """Every rank draws them; the blocks end in the middle of the seconds that are drawn at once."""
    odor_file.save(small_recipe(5), folder / "recipe.h5")
    one = simulated(folder, "drawn.h5", odors="recipe.h5")
    assert len(spikes_of(one)["E"][0]) > SIZES["E"]
    for ranks, threads, block in ((2, "2", "170"), (3, "1", "33.3")):
        run = simulated(
            folder, "run.h5", "--block", block, "--threads", threads, ranks=ranks, odors="recipe.h5"
        )
        assert differences(run, one) == []


def test_silenced_neurons(alone, folder):
    """Those drawn, and when they are silent, are the same everywhere."""
    (folder / "silence.toml").write_text(
        '[[silence]]\npopulation = "E"\nfraction = 0.5\nwindows = [[20, 70.3], [100, 140]]\n'
        '[[silence]]\npopulation = "I"\nids = [0, 2]\nwindows = [[60, 150]]\n'
    )
    options = (*RECORD, "--silence", "silence.toml")
    one = simulated(folder, "silent.h5", *options)
    assert not np.array_equal(spikes_of(alone["0.1"])["E"], spikes_of(one)["E"])
    several = simulated(folder, "run.h5", *options, "--block", "33.3", "--threads", "2", ranks=2)
    assert differences(several, one) == []


def test_a_protocol(alone, folder):
    """Currents, changed, replayed and shuffled spikes, displaced states and excitability, all at once."""
    (folder / "protocol.toml").write_text(
        '[[current]]\npopulation = "E"\nfraction = 0.3\nwindows = [[20, 70.3], [100, 140]]\npA = 28.0\n'
        '[[perturb]]\npopulation = "E"\nid = 17\nat = 50.0\n'
        '[[perturb]]\npopulation = "E"\nid = 18\nat = 60.3\nchange = "add"\n'
        '[[perturb]]\npopulation = "OB"\nid = 3\nat = 80.0\n'
        '[[replay]]\npopulation = "I"\nrun = "alone0.1.h5"\nshuffle = "times"\nwindows = [[30, 200]]\n'
        '[[displace]]\npopulation = "E"\nfraction = 1.0\nat = 120.1\nV_m = 1.0\ng = 0.1\n'
        '[[excitability]]\npopulation = "E"\nnumber = 9\nwindows = [[150, 180]]\nlowered_by = 0.3\n'
    )
    for delay in ("0.1", "1"):
        options = (*RECORD, "--protocol", "protocol.toml", "--delay", delay)
        one = simulated(folder, "one.h5", *options)
        assert not np.array_equal(spikes_of(alone[delay])["E"], spikes_of(one)["E"])
        several = simulated(folder, "run.h5", *options, "--block", "33.3", "--threads", "2", ranks=3)
        assert differences(several, one) == []


@pytest.mark.parametrize("ranks", [2, 3])
def test_stock_neurons(ranks, folder):
    """NEST's own neurons sum weights, in an order that may depend on the layout: too little to see here."""
    short = ("--duration", "100", "--neuron", "nest")
    one = simulated(folder, "stock.h5", *short)
    several = simulated(folder, "stocks.h5", *short, "--block", "30", ranks=ranks)
    assert differences(several, one) == []


ONLY_OWN = """
import pathlib, sys
from eiassembly.cli import main
from eiassembly.model.simulation.network import Network
import nest, numpy as np
feed, seen = Network.feed, []
def only_own(self, source, steps, ids):
    assert ((ids + self._first[source]) % nest.num_processes == nest.Rank()).all()
    seen.append(len(ids))
    feed(self, source, steps, ids)
Network.feed = only_own
main(sys.argv[1:])
pathlib.Path(f"fed{nest.Rank()}").write_text(str(sum(seen)))  # lines of several ranks may be printed as one
"""


def test_every_rank_is_given_the_spikes_of_its_own_sources(folder):
    done = run_command(
        "simulate", "net.h5", "odors.h5", "--out", "own.h5", "--block", "50",
        prefix=mpirun(3), command=(*PYTHON, ONLY_OWN), cwd=folder, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    fed = [int((folder / f"fed{rank}").read_text()) for rank in range(3)]
    assert sum(fed) == len(odor_file.load(folder / "odors.h5").ids)
    assert min(fed) > 0


@needs_authors_data
def test_the_authors_network(tmp_path):
    """A piece of their run, spike for spike, by ranks that hold a part of the network each."""
    network_file.save(authors_network("connec_A_1"), tmp_path / "net.h5")
    odor_file.save(authors_odors("learned"), tmp_path / "odors.h5")
    options = ("--duration", "1200", "--record", "V_m,g_I")
    one = simulated(tmp_path, "one.h5", *options)
    for ranks, threads in ((2, 1), (3, 2)):
        several = simulated(
            tmp_path, "run.h5", *options, "--threads", str(threads), "--block", "500", ranks=ranks
        )
        assert differences(several, one) == []
    [want] = reference_runs(net="connec_A_1", kind="rand", odors="learned", ms=1200)
    assert min(want["n_e"], want["n_i"]) > 100
    assert counts_and_digest(spikes_of(one)).items() <= want.items()
