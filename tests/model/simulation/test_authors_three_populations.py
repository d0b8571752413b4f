"""The authors' networks with feedback and feedforward inhibition: rates, also with some neurons silenced.

The odors they were simulated with are not published. Here they are those of the networks with two
populations, and the ranges those of an independent port of the authors' loop with these odors, to the digits
it gives.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from authors_data import CONNEC_3, MODEL, ODORS, needs_authors_data, strengths_3
from command_line import run_command
from scipy import io
from simulations import spikes_of

from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.runs.run import open_run
from eiassembly.connectivity.files import network as network_file
from eiassembly.connectivity.files.matlab import import_network
from eiassembly.odors import file as odor_file
from eiassembly.odors.matlab import import_odors

pytestmark = [needs_authors_data, pytest.mark.reference, pytest.mark.nest]
NETWORKS = {"rand": "connec3_A1_r", "struct": "connec3_A1_s"}
SILENCED = {"FFI": (250, 260), "FBI": (155, 180)}
"""Sizes of the smallest and the largest of the authors' sets of 500 neurons; which they are is not known."""
SEEDS = (0, 1, 2)


def silenced_like(population, size, seed):
    """SILENCE.toml: random neurons, from half a second before every odor to its end."""
    lines = (f'population = "{population}"', f"number = {size}", f"seed = {seed}", "around = [-500, 0]")
    return "\n".join(("[[silence]]", *lines, ""))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Networks and odors."""
    folder = tmp_path_factory.mktemp("three")
    for odors in ("learned", "novel"):
        odor_file.save(import_odors(ODORS / f"odorset_10{odors}.mat", odors), folder / f"{odors}.h5")
    for kind, name in NETWORKS.items():
        wiring = import_network(CONNEC_3 / f"{name}.mat", strengths_3("connec3_A1"))
        network_file.save(wiring, folder / f"{kind}.h5")
    return folder


@pytest.fixture(scope="module")
def runs(folder):
    """RUN.h5 by network, odors, and silenced population with size and seed of the set."""

    def simulated(case):
        kind, odors, *silence = case
        name = "_".join(map(str, case))
        options = []
        if silence:
            (folder / f"{name}.toml").write_text(silenced_like(*silence))
            options = ["--silence", folder / f"{name}.toml"]
        files = (folder / f"{kind}.h5", folder / f"{odors}.h5", "--out", folder / f"run_{name}.h5")
        done = run_command("simulate", *files, "--threads", "1", *options)
        assert done.returncode == 0, done.stderr
        return files[-1]

    cases = [*product(NETWORKS, ("learned", "novel"))]
    cases += [
        (kind, "learned", population, size, seed)
        for kind, population, seed in product(NETWORKS, SILENCED, SEEDS)
        for size in SILENCED[population]
    ]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(zip(cases, pool.map(simulated, cases), strict=True))


@pytest.fixture(scope="module")
def rates(runs):
    """Mean rates in the 1.5 s from odor onset, by population."""
    return {case: measure(open_run(path)).mean_rates for case, path in runs.items()}


def test_many_odors_of_the_other_networks_are_learned_in_this_one(folder):
    """Most of those that they most excite are members of an assembly: rates in A1_s are higher with them."""
    wiring, odors = network_file.load(folder / "struct.h5"), odor_file.load(folder / "learned.h5").odors[:10]
    received = wiring.projection("OB", "E").received_from([odor.activated for odor in odors])
    strongest = [np.argsort(-row, kind="stable")[:80] for row in received]
    shared = [max(len(np.intersect1d(s, a.excitatory)) for a in wiring.assemblies) for s in strongest]
    assert sum(n > 30 for n in shared) == 8
    assert sum(n < 10 for n in shared) == 2


learned_here = pytest.mark.xfail(
    strict=True, reason="E 1.037, FBI 3.35 Hz: eight of the ten odors are learned in A1_s"
)


RANGES = {"E": (0.90, 1.03, 2), "FBI": (2.7, 3.3, 1), "FFI": (2.05, 2.75, 2)}
"""Lowest, highest rate [Hz], and digits."""


@pytest.mark.parametrize(("kind", "odors", "population"), [
    *product(("rand",), ("learned", "novel"), RANGES),
    *product(("struct",), ("novel",), RANGES),
    ("struct", "learned", "FFI"),
    pytest.param("struct", "learned", "E", marks=learned_here),
    pytest.param("struct", "learned", "FBI", marks=learned_here),
])  # fmt: skip
def test_rates(rates, kind, odors, population):
    low, high, digits = RANGES[population]
    assert low <= round(rates[kind, odors][population], digits) <= high


@pytest.mark.parametrize("kind", NETWORKS)
def test_rates_are_those_the_authors_published(rates, kind):
    """Within three standard deviations of their networks A to E; the odors are others."""
    variables = io.loadmat(MODEL / "data_3pop" / f"data_noPIN_{kind}.mat")
    inhibitory = variables["BtotI_each"]
    published = {"E": variables["Btot_each"], "FBI": inhibitory[:, :500], "FFI": inhibitory[:, 500:]}
    for name, responses in published.items():
        per_network = responses.mean(axis=(1, 2))
        of_a = per_network[::5].mean()
        assert abs(rates[kind, "novel"][name] - of_a) <= 3 * per_network.std(ddof=1), name


def mean_ratio(rates, kind, population, size):
    """Rate of E over that of the control, mean over sets."""
    found = [rates[kind, "learned", population, size, seed]["E"] for seed in SEEDS]
    return np.mean(found) / rates[kind, "learned"]["E"]


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("size", SILENCED["FFI"])
def test_rates_with_silenced_feedforward_neurons(rates, kind, size):
    assert 1.17 <= round(mean_ratio(rates, kind, "FFI", size), 2) <= 1.20


@pytest.mark.parametrize(("kind", "low", "high"), [("rand", 1.24, 1.26), ("struct", 1.34, 1.35)])
def test_rates_with_silenced_feedback_neurons(rates, kind, low, high):
    """The range lies between the ratios with the smallest and with the largest of the authors' sets."""
    smallest, largest = (mean_ratio(rates, kind, "FBI", size) for size in SILENCED["FBI"])
    assert smallest <= low < high <= largest


@pytest.mark.parametrize("kind", NETWORKS)
def test_feedforward_neurons_do_not_notice(runs, kind):
    """They receive from OB and each other only: every spike is the same."""
    plain, silenced = spikes_of(runs[kind, "learned"]), spikes_of(runs[kind, "learned", "FBI", 180, 0])
    np.testing.assert_array_equal(plain["FFI"], silenced["FFI"])
    assert len(plain["FFI"][0]) > 10_000
    assert not np.array_equal(plain["E"], silenced["E"])
