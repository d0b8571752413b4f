"""The authors' networks with the authors' odors, spike for spike."""

import functools
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from authors_data import (
    KINDS,
    NETWORKS,
    authors_network,
    authors_odors,
    counts_and_digest,
    needs_authors_data,
    reference_runs,
)
from command_line import run_command
from simulations import spikes_of

from eiassembly.connectivity.files import network as network_file
from eiassembly.odors import file as odor_file

pytestmark = [needs_authors_data, pytest.mark.nest]


@functools.cache
def odors_file(folder, kind):
    path = folder / f"{kind}.h5"
    odor_file.save(authors_odors(kind), path)
    return path


def simulated(folder, network, kind, odors, *options):
    """Spikes of a run of the command line."""
    net, run = folder / f"{network}_{kind}.h5", folder / f"{network}_{kind}_{odors}.h5"
    if not net.exists():
        network_file.save(authors_network(network, kind), net)
    command = ("simulate", net, odors_file(folder, odors), "--out", run, *options)
    done = run_command(*command)
    assert done.returncode == 0, done.stderr
    spikes = spikes_of(run)
    run.unlink()
    return spikes


@pytest.mark.parametrize("threads", ["1", "2"])
def test_three_seconds(threads, tmp_path):
    spikes = simulated(tmp_path, "connec_A_1", "rand", "learned", "--duration", "3000", "--threads", threads)
    [want] = reference_runs(net="connec_A_1", kind="rand", odors="learned", ms=3000)
    assert min(want["n_e"], want["n_i"]) > 1000
    assert counts_and_digest(spikes).items() <= want.items()


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
        assert counts_and_digest(spikes).items() <= want[odors].items()
