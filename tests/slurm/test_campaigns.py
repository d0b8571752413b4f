"""Campaigns as jobs of a real Slurm: what they leave is what one undisturbed process leaves, bit for bit."""

import json
import os
import signal
import sys
import time

import h5py
import pytest
from command_line import run_command
from mpi_runs import needs_mpi
from run_comparison import differences

from eiassembly.campaign.folders import folder_of
from eiassembly.campaign.plan import load_campaign
from eiassembly.campaign.states import states_of

pytestmark = [needs_mpi, pytest.mark.nest]
COMMON = """
[simulation]
threads = 1
block = 250.0
[run]
checkpoint_every = 500.0
[slurm]
memory = 900
minutes = 5
grace = 30
"""
SHORT = f"""
[odors]
novel = 1
baseline = 1000.0
duration = 500.0
{COMMON}
[vary.network]
structure = ["rand", "tuned_ei"]
"""
LONG = f"""
[network]
assemblies = 0
[odors]
novel = 8
baseline = 1000.0
duration = 1000.0
{COMMON}
"""


class Case:
    """A campaign in a folder of its own."""

    def __init__(self, folder, text):
        self.file, self.out, self.environment = (folder / n for n in ("c.toml", "out", "environment.sh"))
        self.file.write_text(text)
        self.environment.write_text("")
        self.arguments = (self.file, "--out", self.out)
        self.plan = load_campaign(self.file, folder=self.out)

    def submit(self, slurm, *options, command="submit"):
        """Numbers of the array and of the job that collects."""
        said = slurm.campaign(command, *self.arguments, "--environment", self.environment, *options)
        words = said.replace(",", "").split()
        return [words[k + 1] for k, word in enumerate(words) if word == "job"]

    def folder(self, k=0):
        return folder_of(self.plan, self.plan.runs[k])

    def kinds(self):
        return [state.kind for state in states_of(self.plan)]


REPLAYED = """
[odors]
novel = 1
baseline = 1000.0
duration = 500.0
[network]
assemblies = 0
[simulation]
threads = 1
[slurm]
memory = 900
minutes = 5
grace = 30
[[variant]]
name = "shuffled"
after = "plain"
simulation.replay = [{ population = "I", shuffle = "times", windows = [[200, 1200]] }]
[[variant]]
name = "plain"
"""


def has_snapshot(folder):
    try:
        with h5py.File(folder.partial, "r", locking=False) as h5:
            return "checkpoint" in h5["eiassembly"]
    except (OSError, KeyError, RuntimeError):
        return False


def wait_until(condition, patience=120):
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < patience
        time.sleep(0.05)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The same campaigns, done here without Slurm."""
    cases = {}
    for name, text in {"short": SHORT, "long": LONG, "replayed": REPLAYED}.items():
        case = cases[name] = Case(tmp_path_factory.mktemp(name), text)
        done = run_command("campaign", "run", *case.arguments)
        assert done.returncode == 0, done.stderr
    return cases


def assert_same(case, local, k=0):
    assert differences(local.folder(k).run, case.folder(k).run) == []


def words(folder):
    return [line.split()[1] for line in folder.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def lasting(sandbox, tmp_path_factory):
    """A run that is made to last until its time is nearly over: Slurm looks every 30 s. Its case and job."""
    case = Case(tmp_path_factory.mktemp("lasting"), LONG)
    array, collection = case.submit(sandbox, "--set", "slurm.minutes=5", "--set", "slurm.grace=299")
    sandbox.kept |= {array, collection}
    wait_until(lambda: has_snapshot(case.folder()))
    os.kill(sandbox.python_of(array), signal.SIGSTOP)
    yield case, array
    sandbox.kept.clear()


@pytest.fixture(scope="module")
def overdue(sandbox, tmp_path_factory):
    """A run that is made to last until Slurm ends it, which takes a minute or more. Its case and job."""
    case = Case(tmp_path_factory.mktemp("overdue"), LONG)
    case.environment.write_text("trap '' USR1 TERM\nrun_with_grace() { \"$@\"; }\n")
    array, collection = case.submit(sandbox, "--set", "slurm.minutes=1")
    sandbox.kept |= {array, collection}
    wait_until(lambda: has_snapshot(case.folder()))
    os.kill(sandbox.python_of(array), signal.SIGSTOP)
    return case, array


def test_what_has_failed_is_submitted_again_and_all_is_collected(slurm, tmp_path, local, lasting, overdue):
    """A task of an array meets a full disk; the collection waits for it; resume does that one again."""
    case = Case(tmp_path, SHORT)
    case.environment.write_text('[ "${SLURM_ARRAY_TASK_ID:-0}" != 1 ] || ulimit -f 2000\n')
    array, collection = case.submit(slurm)
    assert slurm.wait_for_end(array) == ["COMPLETED", "FAILED"]
    assert slurm.wait_for_end(collection) == ["COMPLETED"]
    assert case.kinds() == ["done", "failed"]
    assert "the file is larger than allowed" in states_of(case.plan)[1].detail
    found = json.loads((case.out / "results.json").read_text())
    assert found["not done"] == {case.plan.runs[1].name: "failed"}

    case.environment.write_text("")
    array, collection = case.submit(slurm, command="resume")
    assert slurm.wait_for_end(array) == ["COMPLETED"]
    assert [task["ArrayTaskId"] for task in slurm.job(array)] == ["1"]
    assert slurm.wait_for_end(collection) == ["COMPLETED"]
    assert case.kinds() == ["done"] * 2
    found = json.loads((case.out / "results.json").read_text())
    assert [row["run"] for row in found["runs"]] == [run.name for run in case.plan.runs]
    for k in range(2):
        assert_same(case, local["short"], k)
    assert "nothing to submit" in slurm.campaign("resume", *case.arguments)


def test_runs_that_need_others_are_an_array_after_the_first(slurm, tmp_path, local):
    """They say what they wait for if it fails, and are submitted again with it."""
    case = Case(tmp_path, REPLAYED)
    case.environment.write_text("ulimit -f 2000\n")
    first, second, _ = case.submit(slurm)
    assert slurm.wait_for_end(first) == slurm.wait_for_end(second) == ["FAILED"]
    waits = f"waits for {case.plan.runs[1].name}"
    assert f"{waits}, which is failed: " in (case.out / "logs" / f"{second}_0.log").read_text()
    assert case.kinds() == ["missing", "failed"]
    assert states_of(case.plan)[0].detail == waits

    case.environment.write_text("")
    first, second, collection = case.submit(slurm, command="resume")
    assert [slurm.wait_for_end(job) for job in (first, second, collection)] == [["COMPLETED"]] * 3
    assert [task["ArrayTaskId"] for job in (first, second) for task in slurm.job(job)] == ["1", "0"]
    for k in range(2):
        assert_same(case, local["replayed"], k)


def test_ranks_on_two_nodes_by_srun(slurm, tmp_path, local, repository):
    """One run without a campaign, by the script for that."""
    rand = tmp_path / "rand.toml"
    rand.write_text(SHORT.partition("[run]")[0])
    for kind in ("network", "odors"):
        assert run_command(kind, "build", rand, "--out", tmp_path / f"{kind}.h5").returncode == 0
    job = slurm(
        "sbatch", "--parsable", "--nodes=2", "--ntasks=2", "--cpus-per-task=1", "--mem-per-cpu=900M",
        f"--chdir={repository}", f"--output={tmp_path}/log",
        f"--export=ALL,EIASSEMBLY_PYTHON={sys.executable},EIASSEMBLY_JOBS={repository}/jobs",
        repository / "jobs" / "one_run.sbatch", *(tmp_path / f"{n}.h5" for n in ("network", "odors", "run")),
        "--block=250", "--checkpoint-every=500",
    ).strip()  # fmt: skip
    assert slurm.wait_for_end(job) == ["COMPLETED"], (tmp_path / "log").read_text()
    assert ranks_of(tmp_path / "run.h5") == 2
    assert differences(local["short"].folder().run, tmp_path / "run.h5") == []


def ranks_of(path):
    with h5py.File(path) as h5:
        return json.loads(h5["eiassembly/provenance"].asstr()[()])["ranks"]


def test_ranks_on_two_nodes_by_mpirun(slurm, tmp_path, local):
    case = Case(tmp_path, SHORT.replace(', "tuned_ei"', ""))
    # As where Slurm does not speak PMIx; mpirun has no use for a function of the shell. Both nodes have
    # the same first core, to which either binds its rank: who waits must let the other go on.
    case.environment.write_text("srun() { echo none; }\nexport OMPI_MCA_mpi_yield_when_idle=1\n")
    array, _ = case.submit(slurm, "--set", "slurm.ranks=2", "--set", "slurm.nodes=2")
    assert slurm.wait_for_end(array) == ["COMPLETED"]
    (task,) = slurm.job(array)
    assert (task["NumNodes"], task["NumTasks"]) == ("2", "2")
    assert ranks_of(case.folder().run) == 2
    assert_same(case, local["short"])


def test_a_cancelled_run_stays_cancelled_until_it_is_resumed(slurm, tmp_path, local):
    case = Case(tmp_path, LONG)
    array, collection = case.submit(slurm)
    wait_until(lambda: has_snapshot(case.folder()))
    assert case.kinds() == ["running"]
    slurm("scancel", array, collection)
    assert slurm.wait_for_end(array) == ["CANCELLED"]
    assert slurm.job(array)[0]["Restarts"] == "0"
    assert case.kinds() == ["stopped"]
    assert "with a snapshot" in states_of(case.plan)[0].detail
    array, _ = case.submit(slurm, command="resume")
    assert slurm.wait_for_end(array) == ["COMPLETED"]
    assert words(case.folder()) == ["started", "stopped", "started", "done"]
    assert_same(case, local["long"])


def test_before_its_time_is_over_a_run_goes_back_into_the_queue(slurm, lasting, local):
    """By Slurm's own signal."""
    case, array = lasting
    log = case.out / "logs" / f"{array}_0.log"
    wait_until(lambda: "the time is nearly over" in log.read_text())
    os.kill(slurm.python_of(array), signal.SIGCONT)
    slurm.wait(array, lambda tasks: tasks[0]["Restarts"] == "1")
    slurm("scontrol", "update", f"jobid={array}", "timelimit=30")
    assert slurm.wait_for_end(array) == ["COMPLETED"]
    assert words(case.folder()) == ["started", "stopped", "started", "done"]
    assert_same(case, local["long"])


def test_killed_then_requeued_in_the_middle(slurm, tmp_path, local):
    """As the kernel does when memory is short, which Slurm says nothing of; then as preemption does."""
    case = Case(tmp_path, LONG)
    array, _ = case.submit(slurm)
    wait_until(lambda: has_snapshot(case.folder()))
    os.kill(slurm.python_of(array), signal.SIGKILL)
    assert slurm.wait_for_end(array) == ["FAILED"]
    assert case.kinds() == ["stopped"]
    assert "with a snapshot; killed without a word: out of memory" in states_of(case.plan)[0].detail
    array, _ = case.submit(slurm, command="resume")
    wait_until(lambda: case.kinds() == ["running"])
    slurm("scontrol", "requeue", array)
    slurm.wait(array, lambda tasks: tasks[0]["Restarts"] == "1")
    assert slurm.wait_for_end(array) == ["COMPLETED"]
    assert words(case.folder())[-1] == "done"
    assert words(case.folder()).count("started") >= 2
    assert_same(case, local["long"])


def test_its_time_is_over_without_a_signal_before(slurm, overdue, local):
    """The script of somebody who hands nothing on; a job that Slurm ends is not requeued."""
    case, array = overdue
    assert slurm.wait_for_end(array, patience=120) == ["TIMEOUT"]
    assert case.kinds() == ["stopped"]
    case.environment.write_text("")
    array, _ = case.submit(slurm, command="resume")
    assert slurm.wait_for_end(array) == ["COMPLETED"]
    assert_same(case, local["long"])


def test_a_machine_that_fails(slurm, tmp_path, local):
    """Everything on it is gone at once; another one goes on from the last snapshot."""
    case = Case(tmp_path, LONG)
    array, _ = case.submit(slurm)
    wait_until(lambda: has_snapshot(case.folder()))
    node = slurm.job(array)[0]["BatchHost"]
    for pid in slurm.processes_on(node):
        os.kill(pid, signal.SIGKILL)
    try:
        # Slurm finds out by itself, within a minute.
        slurm("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
        wait_until(lambda: case.kinds() == ["stopped"])
        assert "killed" in states_of(case.plan)[0].detail
        tasks = slurm.wait(
            array, lambda tasks: tasks[0]["JobState"] == "RUNNING" and tasks[0]["Restarts"] == "1"
        )
        assert tasks[0]["BatchHost"] != node
        assert slurm.wait_for_end(array) == ["COMPLETED"]
        assert words(case.folder()) == ["started", "started", "done"]
    finally:
        slurm.start_node(node)
    assert_same(case, local["long"])
