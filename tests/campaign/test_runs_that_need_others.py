"""Runs that replay the spikes of others: begun after them, never without them, at home wherever they are."""

import json
import shutil

import pytest
from command_line import run_command
from run_comparison import differences

from eiassembly.analysis.runs.run import open_run
from eiassembly.campaign.folders import folder_of, stored_identity
from eiassembly.campaign.plan import load_campaign
from eiassembly.campaign.states import states_of

pytestmark = pytest.mark.nest

CAMPAIGN = """
[network]
assemblies = 1
[odors]
novel = 1
baseline = 1000.0
duration = 300.0
[simulation]
threads = 1
block = 100.0
[[variant]]
name = "shuffled"
after = "plain"
[[variant.simulation.replay]]
population = "I"
shuffle = "times"
windows = [[200, 1200]]
[[variant]]
name = "same"
after = "plain"
[[variant.simulation.replay]]
population = "I"
run = "{after}"
[[variant]]
name = "plain"
"""


@pytest.fixture(scope="module", autouse=True)
def _nest():
    pytest.importorskip("nest", reason="NEST is not installed")


class Case:
    def __init__(self, folder):
        self.file, self.out = folder / "c.toml", folder / "out"
        self.file.write_text(CAMPAIGN)
        self.moved_to(self.out)

    def moved_to(self, out):
        self.out, self.plan = out, load_campaign(self.file, folder=out)
        self.shuffled, self.same, self.plain = (folder_of(self.plan, run) for run in self.plan.runs)

    def __call__(self, command, *options):
        return run_command("campaign", command, self.file, "--out", self.out, *options)

    def states(self):
        return [(state.kind, state.detail) for state in states_of(self.plan)]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    case = Case(tmp_path_factory.mktemp("replayed"))
    said = case("run", "--at-once", "2")
    assert said.returncode == 0, said.stderr
    assert said.stderr.splitlines()[0].startswith("[1/3] plain: done")
    return case


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def excitation(folder):
    spikes = open_run(folder.run).spikes["E"]
    return list(zip(spikes.steps, spikes.ids, strict=True))


def test_the_spikes_are_those_of_the_run_before(done):
    assert done.states() == [("done", "")] * 3
    assert len(excitation(done.plain)) > 100
    assert excitation(done.same) == excitation(done.plain)
    assert excitation(done.shuffled) != excitation(done.plain)
    for run, folder in zip(done.plan.runs, (done.shuffled, done.same, done.plain), strict=True):
        assert stored_identity(folder.run) == (run.identity, True)


def all_sent(path):
    run = open_run(path)
    return [column.tolist() for column in run.transmitted["I"].between(0, run.n_steps)]


def test_a_campaign_may_be_moved(done, tmp_path, monkeypatch):
    """The runs are what they were, and know each other."""
    heard = all_sent(done.shuffled.run)
    copy = Case(tmp_path)
    shutil.copytree(done.out, tmp_path / "elsewhere")
    shutil.move(done.plain.run, done.plain.path / "hidden")
    try:
        copy.moved_to(tmp_path / "elsewhere")
        monkeypatch.chdir(tmp_path)
        assert copy.states() == [("done", "")] * 3
        found = all_sent(copy.shuffled.run)
    finally:
        shutil.move(done.plain.path / "hidden", done.plain.run)
    assert found == heard
    assert copy("collect").returncode == 0


def test_what_cannot_be_measured_is_listed(done):
    """The others are in the table."""
    hidden = done.plain.path / "hidden"
    shutil.move(done.plain.run, hidden)
    try:
        said = done("collect")
    finally:
        shutil.move(hidden, done.plain.run)
    assert said.returncode == 0, said.stderr
    assert said.stderr.count("eiassembly: warning: ") == 2
    found = json.loads((done.out / "results.json").read_text())
    names = [run.name for run in done.plan.runs]
    assert found["not done"] == {names[2]: "missing"}
    assert list(found["not measured"]) == names[:2]
    assert f"runs/{names[0]}/run.h5: replay.0.run: " in found["not measured"][names[0]]
    assert found["rows"] == found["runs"] == []


def test_nothing_is_begun_before_what_it_needs(case, done):
    """The other run fails; after the cure everything is done."""
    waits = ("missing", f"waits for {case.plan.runs[2].name}")
    assert case.states() == [waits, waits, ("missing", "")]
    case.plain.path.mkdir(parents=True)
    case.plain.network.mkdir()  # in the way of NET.h5
    said = case("run")
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1].startswith("eiassembly: error: 3 runs are not done")
    assert [kind for kind, _ in case.states()] == ["missing", "missing", "failed"]
    assert not case.shuffled.path.exists()
    assert f"  missing  {case.plan.runs[0].name}  {waits[1]}\n" in case("status").stdout

    alone = case("task", "--run", "0")
    assert alone.returncode == 1
    (line,) = alone.stderr.splitlines()
    assert f"{case.plan.runs[0].name}: {waits[1]}, which is failed: " in line
    assert case.states()[0] == waits

    case.plain.network.rmdir()
    assert case("run").returncode == 0
    assert case.states() == [("done", "")] * 3
    assert differences(case.shuffled.run, done.shuffled.run) == []
