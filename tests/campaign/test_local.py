"""A campaign without Slurm: run, interrupted, continued, broken, collected."""

import csv
import json
import signal
import subprocess
import time

import h5py
import pytest
from command_line import COMMAND, environment, run_command
from run_comparison import differences

from eiassembly.analysis.measures.catalogue import MEASURES
from eiassembly.analysis.report.export import COLUMNS
from eiassembly.campaign.folders import folder_of, stored_identity
from eiassembly.campaign.plan import load_campaign
from eiassembly.campaign.states import states_of

pytestmark = pytest.mark.nest

CAMPAIGN = """
[network]
assemblies = 1
[odors]
novel = 2
baseline = 1000.0
duration = 500.0
[simulation]
threads = 1
block = 100.0
[run]
checkpoint_every = 100.0
[vary.network]
structure = ["rand", "tuned_ei"]
"""


@pytest.fixture(scope="module", autouse=True)
def _nest():
    pytest.importorskip("nest", reason="NEST is not installed")


class Case:
    def __init__(self, folder):
        self.file, self.out = folder / "c.toml", folder / "out"
        self.file.write_text(CAMPAIGN)
        self.plan = load_campaign(self.file, folder=self.out)
        self.folders = [folder_of(self.plan, run) for run in self.plan.runs]

    def __call__(self, command, *options, **variables):
        return run_command("campaign", command, self.file, "--out", self.out, *options, variables=variables)

    def kinds(self):
        return [state.kind for state in states_of(self.plan)]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A campaign that was never disturbed."""
    case = Case(tmp_path_factory.mktemp("campaign"))
    said = case("run", "--at-once", "2")
    assert said.returncode == 0, said.stderr
    return case


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def test_all_runs_are_done_and_leave_their_results(done):
    assert done.kinds() == ["done", "done"]
    for folder, run in zip(done.folders, done.plan.runs, strict=True):
        assert sorted(path.name for path in folder.path.iterdir()) == ["lock", "log", "output", "run.h5"]
        assert stored_identity(folder.run) == (run.identity, True)
        with h5py.File(folder.run) as h5:
            assert len(h5["spikes/E/timestamps"]) > 100


def test_what_is_done_is_left_alone(done):
    before = [folder.run.stat().st_mtime_ns for folder in done.folders]
    assert done("run").stdout.startswith("c: 2 of 2 runs done")
    assert done("task", "--run", "1").stdout == f"{done.folders[1].run}: done\n"
    assert [folder.run.stat().st_mtime_ns for folder in done.folders] == before


def test_the_table_has_a_row_per_run(done):
    said = done("collect")
    assert said.returncode == 0, said.stderr
    with (done.out / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    with (done.out / "results.csv").open() as file:
        numbers = list(csv.DictReader(file))
    assert tuple(numbers[0]) == COLUMNS  # as ``analyse`` has them
    values = {(row["run"], row["condition"], row["measure"]): row["value"] for row in numbers}
    assert [row["network.structure"] for row in rows] == ["rand", "tuned_ei"]
    # No odor that is presented is stored: nothing about memories can be told, and the page says so.
    assert said.stderr == ""
    assert "| S4 |" in (done.out / "claims.md").read_text()
    measured = {(run, name) for run, kind, name in values if kind == "novel"}
    assert measured >= {
        (row["run"], measure.name) for row in rows for measure in MEASURES if measure.group != "memories"
    }
    content = json.loads((done.out / "results.json").read_text())
    assert content["not done"] == {}
    assert [row["value"] or None for row in numbers] == [
        None if row["value"] is None else repr(row["value"]) for row in content["rows"]
    ]
    for row, other, folder in zip(rows, content["runs"], done.folders, strict=True):
        with h5py.File(folder.run) as h5:
            assert row["network_hash"] == h5["eiassembly"].attrs["network_hash"] == other["network_hash"]
        assert float(values[row["run"], "novel", "odor_rate"]) > 0.1
        assert set(row) == set(other)
    measured = {(run, name) for run, kind, name in values if kind == "novel"}
    assert measured >= {
        (row["run"], measure.name) for row in rows for measure in MEASURES if measure.group != "memories"
    }


def test_nothing_to_collect_is_an_error(case):
    said = case("collect")
    assert said.returncode == 1
    assert said.stderr.endswith("that is done; 2 runs: 2 missing\n")
    assert not case.out.exists()


def test_ended_by_a_signal_and_gone_on_with(case, done):
    """All at work make a snapshot; the same command goes on from it."""
    command = [*COMMAND, "campaign", "run", str(case.file), "--out", str(case.out), "--at-once", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        for _ in range(600):
            if all(
                folder.partial.exists() and folder.partial.stat().st_size > 1e5 for folder in case.folders
            ):
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143
    assert case.kinds() == ["stopped", "stopped"]
    assert case("run").returncode == 0
    assert_same(case, done)
    for folder in case.folders:
        words = [line.split()[1] for line in folder.log.read_text().splitlines()]
        assert words == ["started", "stopped", "started", "done"]


def is_under_way(path):
    return path.exists() and path.stat().st_size > 100_000


def assert_same(case, done):
    assert case.kinds() == ["done", "done"]
    for one, other in zip(case.folders, done.folders, strict=True):
        assert differences(one.run, other.run) == []


def test_what_is_no_result_is_set_aside(case, done):
    """A result of another configuration, and a beginning that cannot be read."""
    for folder in case.folders:
        folder.path.mkdir(parents=True)
    case.folders[0].run.write_bytes(done.folders[1].run.read_bytes())
    case.folders[1].partial.write_text("nothing that HDF5 knows")
    assert case.kinds() == ["failed", "missing"]
    assert case("run").returncode == 0
    assert_same(case, done)
    assert (case.folders[0].path / "run.h5.broken").exists()
    assert (case.folders[1].path / "run.h5.partial.broken").exists()


def test_a_run_that_fails_does_not_end_the_others(case):
    """A line says which, status says why."""
    folder = case.folders[0]
    folder.path.mkdir(parents=True)
    folder.network.mkdir()  # in the way of NET.h5
    said = case("run")
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1].startswith("eiassembly: error: 1 runs are not done")
    assert case.kinds() == ["failed", "done"]
    status = case("status").stdout.splitlines()
    assert status[0].startswith("c: 2 runs: 1 done, 1 failed")
    assert "net.h5: cannot write: it is a directory" in status[1]


def test_a_run_that_there_is_not(case):
    said = case("task", "--run", "2")
    assert said.returncode == 1
    assert said.stderr == "eiassembly: error: --run: expected a number from 0 to 1 or a name, found 2\n"
