"""How a job of several ranks ends early: by an error on one of them, a signal, a kill; and what it leaves."""

import os
import re
import signal
import time
from dataclasses import replace

import h5py
import numpy as np
import pytest
from command_line import run_command
from mpi_runs import PYTHON, is_alive, job, mpirun, needs_mpi, own_lines
from run_files import random_wiring
from simulations import poisson_odors, random_network, saved

from eiassembly.config.parameters import EXCITATORY
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.journal import recover
from eiassembly.model.state.progress import run_state
from eiassembly.odors import file as odor_file

pytestmark = [needs_mpi, pytest.mark.nest]
RUN = ("simulate", "net.h5", "odors.h5", "--out", "run.h5")
LONG = ("simulate", "net.h5", "long.h5", "--out", "run.h5", "--record", "V_m", "--cells", "3", "--block")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files that many tests read: 200 ms of input, and more than anybody waits for."""
    folder = tmp_path_factory.mktemp("files")
    short = poisson_odors(1, 2000, rate=60.0)
    saved(folder, random_network(1, drive=3.0), short)
    shifted = [(short.steps + k * short.n_steps, short.ids) for k in range(3000)]
    steps, ids = (np.concatenate(columns) for columns in zip(*shifted, strict=True))
    odor_file.save(replace(short, n_steps=3000 * 2000, steps=steps, ids=ids), folder / "long.h5")
    neuron = EXCITATORY.model_copy(update={"t_ref": 0.05})
    network_file.save(random_network(1, {"E": neuron, "I": neuron}), folder / "refused.h5")
    network_file.save(random_wiring(1, sizes={"OB": 39, "E": 20, "I": 5}), folder / "other.h5")
    (folder / "text.h5").write_text("no HDF5")
    return folder


@pytest.fixture
def folder(files, tmp_path):
    """The same files, in a folder of the test's own."""
    for path in files.iterdir():
        os.link(path, tmp_path / path.name)
    return tmp_path


def fails(folder, *arguments, ranks=3, **options):
    """What the ranks say of a job that must fail."""
    done = run_command(*arguments, prefix=mpirun(ranks), cwd=folder, timeout=120, **options)
    assert done.returncode != 0
    assert "written" not in done.stdout
    return own_lines(done.stderr)


BAD = {
    "no network": (("simulate", "none.h5", *RUN[2:]), "none.h5: no such file; expected an eiassembly-net"),
    "no odors": (("simulate", "net.h5", "text.h5", *RUN[3:]), "text.h5: not a readable HDF5 file"),
    "refused": (("simulate", "refused.h5", *RUN[2:]), "refused.h5: NEST refuses it: .*t_ref must be"),
    "other sizes": (("simulate", "other.h5", *RUN[2:]), "other.h5: mitral cells: expected the 40 of"),
    "no folder": ((*RUN[:-1], "none/run.h5"), "none/run.h5: cannot write: the directory none does not exist"),
    "record": ((*RUN, "--record", "g_X"), "--record: expected some of V_m"),
    "option": ((*RUN, "--threads", "0"), "--threads: expected greater than or equal to 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_all_ranks_meet_is_said_once(case, folder):
    arguments, message = BAD[case]
    said = fails(folder, *arguments)
    assert len(said) == 1, said
    assert said[0].startswith("eiassembly: error: ")
    assert re.match(message, said[0].removeprefix("eiassembly: error: ")), said
    assert not list(folder.glob("run.h5*"))


ON_SOME_RANKS = """
import os, sys
from eiassembly.cli import main
from eiassembly.core.errors import FileFormatError
from eiassembly.model.simulation import network
from eiassembly.odors import file as odor_file
where, ranks = sys.argv[1], sys.argv[2].split(",")
calls = []
def failing(method, error):
    def wrapped(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise error
        return method(*arguments)
    return wrapped
if os.environ["OMPI_COMM_WORLD_RANK"] in ranks:
    stream, simulated = odor_file.OdorStream, network.Network
    if where == "read":
        stream.until = failing(stream.until, FileFormatError("odors.h5: lost on the way"))
    else:
        simulated.simulate = failing(simulated.simulate, ArithmeticError("a bug"))
main(sys.argv[3:])
"""


@pytest.mark.parametrize(
    ("where", "ranks", "message"),
    [
        ("read", "1", "error: odors.h5: lost on the way"),
        ("simulate", "2", "internal error: ArithmeticError: a bug; "),
        ("simulate", "1,2", "internal error: ArithmeticError: a bug; "),
        ("simulate", "0,1,2", "internal error: ArithmeticError: a bug; "),
    ],
)
def test_what_some_ranks_meet_ends_all(where, ranks, message, folder):
    """Between blocks they agree; those that others wait for inside NEST end them."""
    said = fails(folder, where, ranks, *RUN, "--block", "20", command=(*PYTHON, ON_SOME_RANKS))
    assert len(said) == 1, said
    assert said[0].startswith(f"eiassembly: {message}")
    assert run_state(folder / "run.h5.partial").simulated == pytest.approx(40)  # two blocks, the third failed


def test_a_full_disk_on_the_rank_that_writes(folder):
    """As for one process: one line, and what cannot be read is not kept."""
    limit = ("sh", "-c", 'ulimit -f 1200; exec "$@"', "sh")
    done = run_command(
        *RUN, "--block", "10", "--record", "V_m,g_E", "--every", "0.1", "--cells", "60",
        prefix=(*mpirun(3), *limit), cwd=folder, timeout=120,
    )  # fmt: skip
    assert done.returncode != 0
    assert own_lines(done.stderr) == [
        "eiassembly: error: run.h5: cannot write: the file is larger than allowed"
    ]
    assert not list(folder.glob("run.h5*"))


def wait_for(condition):
    """For what happens soon, or the test fails."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError


def simulated(path):
    """How far a file is that may be being written; -1 before there is one."""
    try:
        with h5py.File(path, locking=False) as h5:
            return h5["eiassembly"].attrs["simulated"]
    except (OSError, KeyError):
        return -1.0


def assert_whole(folder, least):
    """Opened by h5py as it is: all blocks up to `simulated`, as one undisturbed process has them."""
    partial, whole = folder / "run.h5.partial", folder / "whole.h5"
    until = simulated(partial)
    assert until >= least
    done = run_command(*LONG[:4], whole.name, *LONG[5:], "1000", "--duration", f"{until:.1f}", cwd=folder)
    assert done.returncode == 0, done.stderr
    with h5py.File(partial) as found, h5py.File(whole) as wanted:
        assert not found["eiassembly"].attrs["complete"]
        columns = [
            f"spikes/{name}/{column}" for name in wanted["spikes"] for column in ("timestamps", "node_ids")
        ]
        records = [f"eiassembly/records/{name}/{column}" for name in "EI" for column in ("times", "V_m")]
        for column in columns + records:
            n = len(wanted[column])
            np.testing.assert_array_equal(found[column][:n], wanted[column][:n], err_msg=column)
        assert len(wanted["spikes/E/node_ids"]) > until / 100
    return until


@pytest.mark.parametrize("rank", [0, 1])
def test_killed_at_any_moment(rank, folder):
    """kill -9, again and again: all that was complete before is there, and the other ranks are gone."""
    rng = np.random.default_rng([rank, time.time_ns()])
    for block in ("1", "7", "50"):
        with job(folder, 3, *LONG, block) as running:
            path = folder / "run.h5.partial"
            running.wait_until(lambda path=path: simulated(path) > 20)  # by then neurons have fired
            pids = [running.pid(r) for r in range(3)]
            time.sleep(rng.uniform(0, 0.5))
            before = simulated(path)
            os.kill(pids[rank], signal.SIGKILL)
            assert running.end() != 0
            assert own_lines(running.said()) == []
        wait_for(lambda pids=pids: not any(is_alive(pid) for pid in pids))
        until = assert_whole(folder, before)
        assert not recover(path)
        assert run_state(path).simulated == until > 0
        path.unlink()


@pytest.mark.parametrize(
    ("signals", "to", "word", "status"),
    [
        ("SIGINT", "rank 0", "interrupted", 130),
        ("SIGTERM", "rank 1", "terminated", 143),
        ("SIGUSR1", "rank 1", "terminated", 143),
        ("SIGUSR1", "mpirun", "terminated", 143),
        ("SIGTERM", "mpirun", "terminated", 1),
        ("SIGINT", "mpirun", "terminated", 1),
    ],
)
def test_signals(signals, to, word, status, folder):
    """All ranks stop after the same block, rank 0 says so, the file is whole.

    mpirun makes SIGTERM of SIGINT, gives the ranks a moment, and has an exit status of its own. On a busy
    machine the moment may be over before rank 0 has spoken.
    """
    with job(folder, 3, *LONG, "40") as running:
        path = folder / "run.h5.partial"
        running.wait_until(lambda: simulated(path) > 0)
        before = simulated(path)
        pid = running.process.pid if to == "mpirun" else running.pid(int(to[-1]))
        os.kill(pid, getattr(signal, signals))
        assert running.end() == status
        said = own_lines(running.said())
        assert said == [f"eiassembly: {word}"] or (status == 1 and said == [])
    until = assert_whole(folder, before)
    assert until == pytest.approx(40 * round(until / 40))
    state = run_state(path)
    assert (state.is_complete, state.is_being_written, state.was_repaired) == (False, False, False)


def test_looking_at_a_run_that_goes_on(folder):
    """doctor says how far it is, and does it no harm."""
    with job(folder, 2, *LONG, "20") as running:
        path = folder / "run.h5.partial"
        running.wait_until(lambda: simulated(path) > 0)
        seen = []
        for _ in range(20):
            state = run_state(path)
            assert state.is_being_written
            seen.append(state.simulated)
        done = run_command("doctor", path)
        assert "being written" in done.stdout
        running.wait_until(lambda: simulated(path) > seen[-1])
    assert seen == sorted(seen)
