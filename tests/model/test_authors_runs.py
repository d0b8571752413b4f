"""The authors' networks with the authors' odours, spike for spike."""

import functools
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from authors_data import CONNEC, FOLDER, ODORS, needs_authors_data, reference_runs, strengths
from command_line import run_command
from simulations import spikes_of

from eiassembly.connectivity import storage
from eiassembly.connectivity.import_mat import ScaledInhibition, import_network
from eiassembly.model import odor_storage
from eiassembly.model.odor_import import import_odors

pytestmark = [needs_authors_data, pytest.mark.nest]
NETWORKS = ("connec_A_1", "connec_B_4", "connec_C_1", "connec_D_1")
KINDS = ("rand", "scaled", "tI", "tEI")
CHI = 1.4


def imported(network, kind):
    """Scaled I: E to E from the matrices of Tuned I, I to E unstructured and stronger."""
    name = {"rand": network, "scaled": f"{network}_tI"}.get(kind, f"{network}_{kind}")
    scaled = ScaledInhibition(CONNEC / f"{network}.mat", CHI) if kind == "scaled" else None
    return import_network(CONNEC / f"{name}.mat", strengths(network), scaled)


@functools.cache
def odors_file(folder, kind):
    path = folder / f"{kind}.h5"
    odor_storage.save(import_odors(ODORS / f"odorset_10{kind}.mat", kind), path)
    return path


def simulated(folder, network, kind, odors, *options):
    """Spikes of a run of the command line."""
    net, run = folder / f"{network}_{kind}.h5", folder / f"{network}_{kind}_{odors}.h5"
    if not net.exists():
        storage.save(imported(network, kind), net)
    command = ("simulate", net, odors_file(folder, odors), "--out", run, *options)
    done = run_command(*command)
    assert done.returncode == 0, done.stderr
    spikes = spikes_of(run)
    run.unlink()
    return spikes


@pytest.mark.parametrize("threads", ["1", "2"])
def test_three_seconds(threads, tmp_path):
    spikes = simulated(tmp_path, "connec_A_1", "rand", "learned", "--duration", "3000", "--threads", threads)
    with np.load(FOLDER / "expected" / "spikes_A_1_rand_learned_3s.npz") as want:
        assert min(len(want["e_step"]), len(want["i_step"])) > 1000
        for population in ("E", "I"):
            steps, ids = spikes[population]
            np.testing.assert_array_equal(steps, want[f"{population.lower()}_step"])
            np.testing.assert_array_equal(ids, want[f"{population.lower()}_id"])


def digest(spikes):
    """Sha256 of both trains as the reference has it."""
    trains = [np.stack(spikes[name]).astype("<i4").tobytes() for name in ("E", "I")]
    return hashlib.sha256(b"".join(trains)).hexdigest()


@pytest.fixture(scope="module")
def thirty_seconds(request, tmp_path_factory):
    """Futures of the networks to test: one simulation per processor at a time, with 1 and 2 threads.

    Several runs at once take less time than one after the other with all threads.
    """
    folder = tmp_path_factory.mktemp("authors")
    for odors in ("learned", "novel"):
        odors_file(folder, odors)

    def runs(network, kind):
        return {
            odors: simulated(folder, network, kind, odors, "--threads", threads)
            for odors, threads in (("learned", "1"), ("novel", "2"))
        }

    wanted = [
        item.callspec.params
        for item in request.session.items
        if getattr(item, "originalname", "") == test_thirty_seconds.__name__
    ]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield {(case["network"], case["kind"]): pool.submit(runs, **case) for case in wanted}
        pool.shutdown(cancel_futures=True)


@pytest.mark.reference
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("network", NETWORKS)
def test_thirty_seconds(network, kind, thirty_seconds):
    want = {row["odors"]: row for row in reference_runs(net=network, kind=kind)}
    assert want.keys() == {"learned", "novel"}
    for odors, spikes in thirty_seconds[network, kind].result().items():
        assert {name: len(spikes[name][0]) for name in ("E", "I")} == {
            "E": want[odors]["nE"],
            "I": want[odors]["nI"],
        }
        assert digest(spikes) == want[odors]["sha256"]
