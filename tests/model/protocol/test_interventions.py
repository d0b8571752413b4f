"""What a protocol does to neurons: spike for spike that of the reference, whatever the layout."""

import functools
import shutil
from dataclasses import replace

import h5py
import numpy as np
import pytest
from interruptions import different, interrupted
from pydantic import ValidationError
from reference_integrator import Protocol, simulate_reference
from run_comparison import differences
from simulations import poisson_odors, random_network, simulated, spikes_of

from eiassembly.analysis.measures.currents import conductance_traces
from eiassembly.analysis.runs.run import open_run
from eiassembly.analysis.runs.spikes import Spikes
from eiassembly.config.interventions.all import INTERVENTIONS
from eiassembly.config.interventions.current import Current
from eiassembly.config.interventions.displace import Displace
from eiassembly.config.interventions.excitability import Excitability
from eiassembly.config.interventions.perturb import Perturb
from eiassembly.config.interventions.replay import Replay
from eiassembly.config.interventions.silence import Silence
from eiassembly.config.parameters import EXCITATORY, INHIBITORY
from eiassembly.connectivity.assembly import Assembly
from eiassembly.core.errors import ConfigError
from eiassembly.model.protocol.displace import Displacement
from eiassembly.model.protocol.replay import replay_windows
from eiassembly.odors.odors import Presentation

pytestmark = pytest.mark.nest
N_STEPS = 2000
MEMBERS = {"E": np.arange(5, 45), "I": np.arange(4, 12)}
WIRING = random_network(1, drive=3.0).replacing((), assemblies=(Assembly(4, MEMBERS),))
ODORS = poisson_odors(1, N_STEPS, rate=60.0)
"""200 ms."""


@functools.cache
def plain(delay_steps=1):
    return simulate_reference(WIRING, ODORS.steps, ODORS.ids, N_STEPS, delay_steps).spikes


def reference(protocol, delay_steps=1, odors=ODORS, **options):
    return simulate_reference(
        WIRING, odors.steps, odors.ids, N_STEPS, delay_steps, protocol=protocol, **options
    ).spikes


def assert_same(run, want):
    got = spikes_of(run)
    assert got.keys() == want.keys()
    for name, train in want.items():
        np.testing.assert_array_equal(got[name], train, err_msg=name)


def assert_here(tmp_path, want, delay=0.1, odors=ODORS, **protocol):
    """With one thread and one block, and with several; in all layouts: test_all_at_once_in_all_layouts."""
    runs = []
    for threads, block in ((1, 1000.0), (3, 7.7)):
        (folder := tmp_path / f"{threads}").mkdir()
        runs.append(simulated(folder, WIRING, odors, threads, block, delay=delay, **protocol))
        assert_same(runs[-1], want)
    assert differences(*runs) == []
    return runs[0]


def assert_everywhere(tmp_path, monkeypatch, want, delay=0.1, **protocol):
    """Also with other blocks, shorter than a delay too, and when interrupted and resumed with others."""
    whole = assert_here(tmp_path, want, delay, **protocol)
    for threads, block in ((2, 30.0), (3, 0.7)):
        (folder := tmp_path / f"{threads} {block}").mkdir()
        other = simulated(folder, WIRING, ODORS, threads, block, delay=delay, **protocol)
        assert differences(whole, other) == []
    for after, block, threads in ((3, 17.3, 2), (8, 9.9, 1)):
        settings = {"delay": delay, **protocol}
        (folder := tmp_path / f"resumed {after}").mkdir()
        left = interrupted(
            folder, monkeypatch, after, WIRING, ODORS, block=block, checkpoint_every=block, **settings
        )
        left.rename(folder / f"run_{threads}.h5.partial")
        resumed = simulated(
            folder, WIRING, ODORS, threads, 33.0, resume=True, checkpoint_every=block, **settings
        )
        assert different(resumed, whole) == []


DELAYS = pytest.mark.parametrize("delay_steps", [1, 17])


@DELAYS
def test_currents(delay_steps, tmp_path):
    """They begin and end in the step that is asked for, and add up."""
    currents = (
        Current(population="E", ids=(3, 17, 20), windows=((20.0, 60.1), (100.0, 120.0)), pA=28.0),
        Current(population="E", ids=(17, 40), windows=((50.0, 70.0),), pA=-12.5),
        Current(population="I", fraction=1.0, windows=((150.0, 150.1),), pA=300.0),
    )
    want = reference(
        Protocol(
            currents=[
                ("E", [3, 17, 20], 200, 601, 28.0), ("E", [3, 17, 20], 1000, 1200, 28.0),
                ("E", [17, 40], 500, 700, -12.5), ("I", np.arange(20), 1500, 1501, 300.0),
            ]
        ),
        delay_steps,
    )  # fmt: skip
    assert not np.array_equal(want["E"], plain(delay_steps)["E"])
    assert_here(tmp_path, want, delay_steps / 10, current=currents)


def spike_of(population, cell, spikes, index):
    steps, ids = spikes[population]
    return int(steps[ids == cell][index])


def busiest(population):
    return int(np.bincount(plain()[population][1]).argmax())


@DELAYS
def test_one_spike_less(delay_steps, tmp_path):
    """The first at or after the time; two tables drop two; a spike that is not delivered does not count."""
    spikes = plain(delay_steps)
    e, i = busiest("E"), busiest("I")
    at_e, at_i = (spike_of(name, cell, spikes, 2) for name, cell in (("E", e), ("I", i)))
    silence = Silence(population="I", ids=(i,), windows=(((at_i - 1) / 10, at_i / 10),))
    perturb = (
        Perturb(population="E", id=e, at=at_e / 10),
        Perturb(population="E", id=e, at=(at_e - 5) / 10),
        Perturb(population="I", id=i, at=at_i / 10),
    )
    want = reference(
        Protocol(dropped=[("E", e, at_e), ("E", e, at_e - 5), ("I", i, at_i)]),
        delay_steps,
        silenced={"I": [([i], at_i - 1, at_i)]},
    )
    assert not np.array_equal(want["E"], spikes["E"])
    before = spikes["E"][0] <= min(at_e, at_i)
    np.testing.assert_array_equal(want["E"][0][: before.sum()], spikes["E"][0][before])
    assert_here(tmp_path, want, delay_steps / 10, silence=(silence,), perturb=perturb)


@DELAYS
def test_one_spike_more(delay_steps, tmp_path):
    """Also in the very step in which the neuron fires itself, and while it is silenced; not recorded."""
    e, i = busiest("E"), busiest("I")
    own = spike_of("E", e, plain(delay_steps), 1)
    silence = Silence(population="I", fraction=1.0, windows=((100.0, 130.0),))
    perturb = (
        Perturb(population="E", id=e, at=own / 10, change="add"),
        Perturb(population="I", id=i, at=110.0, change="add"),
    )
    want = reference(
        Protocol(sent=[("E", e, own), ("I", i, 1100)]),
        delay_steps,
        silenced={"I": [(np.arange(20), 1000, 1300)]},
    )
    assert not np.array_equal(want["E"], plain(delay_steps)["E"])
    assert_here(tmp_path, want, delay_steps / 10, silence=(silence,), perturb=perturb)


def test_spikes_of_mitral_cells(tmp_path):
    cell = 7
    of_cell = np.flatnonzero(ODORS.ids == cell)
    gone = of_cell[ODORS.steps[of_cell] >= 1001][0]
    steps, ids = (np.append(np.delete(x, gone), new) for x, new in ((ODORS.steps, 600), (ODORS.ids, cell)))
    order = np.lexsort((ids, steps))
    odors = poisson_odors(1, N_STEPS, rate=60.0)
    want = simulate_reference(WIRING, steps[order], ids[order], N_STEPS).spikes
    assert not np.array_equal(want["E"], plain()["E"])
    perturb = (
        Perturb(population="OB", id=cell, at=100.1),
        Perturb(population="OB", id=cell, at=60.0, change="add"),
    )
    assert len(odors.steps) == len(want["OB"][0])
    assert_here(tmp_path, want, perturb=perturb)


@DELAYS
def test_inhibition_replayed_as_it_was_changes_nothing(delay_steps, tmp_path):
    """The neurons fire as before, their recorded spikes are sent: all spikes are the same to the last bit."""
    (folder := tmp_path / "before").mkdir()
    recorded = simulated(folder, WIRING, ODORS, delay=delay_steps / 10)
    replay = (Replay(population="I", run=str(recorded)),)
    assert_here(tmp_path, plain(delay_steps), delay_steps / 10, replay=replay)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A run without a protocol, to be replayed."""
    return simulated(tmp_path_factory.mktemp("recorded"), WIRING, ODORS)


@pytest.mark.parametrize("shuffle", ["times", "ids", "trains", "jitter"])
def test_inhibition_shuffled(shuffle, recorded, tmp_path):
    """What is sent is what the analysis says was, and not what was fired."""
    jitter = 5.0 if shuffle == "jitter" else None
    windows = ((10.0, 90.0), (90.0, 180.0))
    replay = Replay(population="I", run=str(recorded), shuffle=shuffle, jitter=jitter, windows=windows)
    (folder := tmp_path / "run").mkdir()
    run = open_run(simulated(folder, WIRING, ODORS, replay=(replay,)))
    sent, fired = Spikes(20, *run.transmitted["I"].between(0, run.n_steps)), run.spikes["I"]
    inside = (sent.steps > 100) & (sent.steps <= 1800)
    trains = list(
        zip(["I"] * inside.sum(), sent.ids[inside].tolist(), sent.steps[inside].tolist(), strict=True)
    )
    want = reference(Protocol(sent=trains), silenced={"I": [(np.arange(20), 100, 1800)]})
    assert_here(tmp_path, want, replay=(replay,))
    assert not np.array_equal(want["E"], plain()["E"])
    assert (sent.steps[~inside] == fired.steps[(fired.steps <= 100) | (fired.steps > 1800)]).all()
    _check_shuffled(shuffle, plain()["I"], (sent.steps[inside], sent.ids[inside]))


def _check_shuffled(shuffle, before, after):
    for first, last in ((100, 900), (900, 1800)):
        (steps, ids), (new_steps, new_ids) = (
            tuple(x[(train[0] > first) & (train[0] <= last)] for x in train) for train in (before, after)
        )
        assert len(steps) == len(new_steps) > 50
        counts, new_counts = (np.bincount(x, minlength=20) for x in (ids, new_ids))
        same_counts, same_steps = np.array_equal(counts, new_counts), np.array_equal(steps, new_steps)
        assert (same_counts, same_steps) == {
            "times": (True, False), "ids": (True, True), "trains": (False, True), "jitter": (True, False)
        }[shuffle]  # fmt: skip
        if shuffle == "trains":
            assert sorted(counts) == sorted(new_counts)
        if shuffle == "jitter":
            for cell in range(20):
                assert np.abs(steps[ids == cell] - new_steps[new_ids == cell]).max(initial=0) <= 50


def test_a_replay_around_odors_is_one_in_their_windows():
    shown = [Presentation(onset, onset + 50.0, odor, "novel") for onset, odor in ((20.0, 3), (100.0, 4))]
    around = Replay(population="I", run="r.h5", around=(5.0, -10.0))
    named = Replay(population="I", run="r.h5", around=(5.0, -10.0), odors=(4,))
    assert replay_windows(around, shown, 1200, 0.1).tolist() == [[250, 600], [1050, 1200]]
    assert replay_windows(named, shown, 2000, 0.1).tolist() == [[1050, 1400]]
    assert replay_windows(named, shown, 1000, 0.1).tolist() == []
    assert replay_windows(Replay(population="I", run="r.h5"), shown, 1000, 0.1).tolist() == [[0, 1000]]


@pytest.mark.parametrize(("keys", "message"), [
    ({"around": (0.0, 0.0), "windows": ((0.0, 1.0),)}, "windows or around: expected at most one"),
    ({"odors": (3,)}, "odors: expected only together with around, found none"),
])  # fmt: skip
def test_a_replay_has_one_kind_of_times(keys, message):
    with pytest.raises(ValidationError, match=message):
        Replay(population="I", run="r.h5", **keys)


def test_shuffles_belong_to_their_seed(recorded, tmp_path):
    replays = [Replay(population="I", run=str(recorded), shuffle="times", seed=seed) for seed in (1, 1, 2)]
    one, same, other = (spikes_of(simulated(tmp_path, WIRING, ODORS, replay=(r,)))["E"] for r in replays)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(("at", "delay"), [(0.0, 0.1), (73.3, 0.1), (73.3, 1.7)])
def test_displaced_states(at, delay, tmp_path):
    displace = (
        Displace(population="E", fraction=1.0, at=at, V_m=2.0, z=5.0, g=0.2, seed=3),
        Displace(population="I", ids=(4,), at=at, V_m=1.5, draw="same"),
    )
    added = [*displacement_of_e(displace[0]), ("I", "V_m", [4], [1.5])]
    want = reference(Protocol(added={round(at * 10): added}), round(delay * 10))
    assert not np.array_equal(want["E"], plain(round(delay * 10))["E"])
    assert_here(tmp_path, want, delay, displace=displace)


@DELAYS
def test_excitability(delay_steps, tmp_path):
    """While g_rest is lower, as much of it as the odor is concentrated; then it is what it was."""
    shown = (Presentation(30.0, 80.0, 0, "novel"), Presentation(90.0, 150.0, 3, "novel"))
    odors = replace(ODORS, presentations=shown)
    half = {"3": 0.5}
    excitability = (
        Excitability(population="E", assembly=4, around=(10.0, 10.0), lowered_by=0.5, concentration=half),
        Excitability(population="E", ids=(1, 3), windows=((20.0, 120.3),), lowered_by=0.75),
        Excitability(population="I", fraction=1.0, around=(0.0, 0.0), odors=(3,), lowered_by=0.25),
    )
    e, i = EXCITATORY.g_rest, INHIBITORY.g_rest
    changes = [
        (400, "E", MEMBERS["E"], -e / 2), (900, "E", MEMBERS["E"], e / 2), (1000, "E", MEMBERS["E"], -e / 4),
        (1600, "E", MEMBERS["E"], e / 4), (200, "E", [1, 3], -0.75 * e), (1203, "E", [1, 3], 0.75 * e),
        (900, "I", np.arange(20), -i / 4), (1500, "I", np.arange(20), i / 4),
    ]  # fmt: skip
    added = {}
    for step, name, ids, change in changes:
        added.setdefault(step, []).append((name, "g_rest", ids, change))
    want = reference(Protocol(added=added), delay_steps)
    assert not np.array_equal(want["E"], plain(delay_steps)["E"])
    assert_here(tmp_path, want, delay_steps / 10, odors=odors, excitability=excitability)


OTHER = poisson_odors(2, N_STEPS, rate=60.0)
"""Input whose inhibition is replayed, so that it differs from the live one."""


def everything(recorded, delay_steps):
    """Interventions of all kinds, by kind: their tables, and what the reference is to do."""
    e, i = busiest("E"), busiest("I")
    steps, ids = simulate_reference(WIRING, OTHER.steps, OTHER.ids, N_STEPS, delay_steps).spikes["I"]
    inside = (steps > 300) & (steps <= 1100)
    replayed = list(zip("I" * inside.sum(), ids[inside].tolist(), steps[inside].tolist(), strict=True))
    displace = Displace(population="E", fraction=1.0, at=73.3, V_m=2.0, z=5.0, g=0.2, seed=3)
    lowered, silent = EXCITATORY.g_rest * 0.75, tuple(k for k in range(10, 20) if k != e)
    return {
        "current": (
            Current(population="E", ids=(3, 17, 20), windows=((20.0, 60.1), (100.0, 120.0)), pA=28.0),
            {"currents": [("E", [3, 17, 20], 200, 601, 28.0), ("E", [3, 17, 20], 1000, 1200, 28.0)]},
        ),
        "perturb": (
            Perturb(population="E", id=e, at=45.0),
            Perturb(population="E", id=e, at=75.0, change="add"),
            Perturb(population="I", id=i, at=125.0),
            {"dropped": [("E", e, 450), ("I", i, 1250)], "sent": [("E", e, 750)]},
        ),
        "silence": (
            Silence(population="E", ids=silent, windows=((40.0, 90.0), (150.0, 160.0))),
            {"silenced": [("E", silent, 400, 900), ("E", silent, 1500, 1600)]},
        ),
        "replay": (
            Replay(population="I", run=str(recorded), windows=((30.0, 110.0),)),
            {"sent": replayed, "silenced": [("I", np.arange(20), 300, 1100)]},
        ),
        "displace": (displace, {"added": [(733, *change) for change in displacement_of_e(displace)]}),
        "excitability": (
            Excitability(population="E", ids=(1, 3), windows=((20.0, 120.3),), lowered_by=0.75),
            {"added": [(200, "E", "g_rest", [1, 3], -lowered), (1203, "E", "g_rest", [1, 3], lowered)]},
        ),
    }  # fmt: skip


def displacement_of_e(displace):
    """(population, quantity, ids, values) that all E neurons are displaced by, of V_m, z, g_OB, g_E, g_I."""
    drawn = Displacement(0, "E", np.arange(60), displace).displaced(np.full((60, 6), 10.0)) - 10.0
    names = ("V_m", "z", None, "g_OB", "g_E", "g_I")
    return [("E", name, np.arange(60), drawn[:, k]) for k, name in enumerate(names) if name]


def reference_of(kinds, delay_steps):
    """Spikes of the reference with all that is asked for at once."""
    asked = {name: [] for name in ("currents", "dropped", "sent", "silenced", "added")}
    for *_, changes in kinds:
        for name, rows in changes.items():
            asked[name] += rows
    silenced, added = {}, {}
    for name, *row in asked.pop("silenced"):
        silenced.setdefault(name, []).append(row)
    for step, *row in asked.pop("added"):
        added.setdefault(step, []).append(row)
    return reference(Protocol(**asked, added=added), delay_steps, silenced=silenced)


@DELAYS
def test_all_at_once_in_all_layouts(delay_steps, tmp_path, monkeypatch):
    """Begun, under way, and over, wherever a run is interrupted; none of them can be left out unnoticed."""
    (folder := tmp_path / "before").mkdir()
    kinds = everything(simulated(folder, WIRING, OTHER, delay=delay_steps / 10), delay_steps)
    assert kinds.keys() == set(INTERVENTIONS)
    want = reference_of(kinds.values(), delay_steps)
    for name in kinds:
        without = reference_of([kinds[other] for other in kinds if other != name], delay_steps)
        assert not np.array_equal(want["E"], without["E"]), name
    tables = {name: tuple(asked) for name, (*asked, _) in kinds.items()}
    assert_everywhere(tmp_path, monkeypatch, want, delay_steps / 10, **tables)


def test_draws_of_displacements():
    """Normal with the SD that is asked for, different for every quantity; those of a neuron are its own."""
    asked = Displace(population="E", fraction=1.0, V_m=2.0, z=3.0, g=0.5)
    zeros = np.zeros((4000, 6))
    all_of_them = Displacement(0, "E", np.arange(4000), asked).displaced(zeros)
    np.testing.assert_allclose(all_of_them[:, :2].std(axis=0), [2.0, 3.0], rtol=0.05)
    np.testing.assert_allclose(all_of_them[:, :2].mean(axis=0), 0, atol=0.15)
    assert np.abs(np.corrcoef(all_of_them[:, [0, 1, 3, 4, 5]].T) - np.eye(5)).max() < 0.06
    assert (all_of_them[:, 2] == 0).all()
    assert (all_of_them[:, 3:] >= 0).all()
    some = Displacement(0, "E", np.array([5, 999]), asked).displaced(zeros[:2])
    np.testing.assert_array_equal(some, all_of_them[[5, 999]])


def test_twins_that_are_not_displaced_stay_identical(tmp_path):
    """A displacement too small for the numbers, and none at all."""
    displace = Displace(population="E", fraction=1.0, at=50.0, V_m=1e-30)
    one = simulated(tmp_path, WIRING, ODORS, record=("V_m", "z", "g_I"), every=0.1, cells=60)
    kept = shutil.copy(one, tmp_path / "kept.h5")
    other = simulated(
        tmp_path, WIRING, ODORS, record=("V_m", "z", "g_I"), every=0.1, cells=60, displace=(displace,)
    )
    assert differences(kept, other) == ["eiassembly/config"]


def test_half_of_an_assembly(tmp_path):
    """At rest all of them fire for the first time in the same step, and nobody before."""
    current = Current(population="E", assembly=4, fraction=0.5, windows=((50.0, 100.0),), pA=200.0)
    quiet = poisson_odors(1, N_STEPS, rate=0.0)
    steps, ids = spikes_of(simulated(tmp_path, WIRING, quiet, current=(current,)))["E"]
    first = ids[steps == steps[0]]
    assert 500 < steps[0] < 1000
    assert len(first) == 20
    assert set(first) < set(MEMBERS["E"])


def test_conductances_are_reconstructed_with_what_was_sent(tmp_path):
    e = busiest("E")
    perturb = (
        Perturb(population="E", id=e, at=50.0),
        Perturb(population="E", id=e, at=90.0, change="add"),
    )
    path = simulated(tmp_path, WIRING, ODORS, perturb=perturb, record=("g_E",), every=0.1, cells=60)
    run = open_run(path)
    assert len(run.transmitted["E"].between(0, run.n_steps)[0]) == len(run.spikes["E"].steps)
    with h5py.File(path) as h5:
        recorded = h5["eiassembly/records/E/g_E"][:]
    reached = np.flatnonzero(WIRING.inputs("E")[1].matrix().toarray()[:, e])
    for cell in reached[:3]:
        found = conductance_traces(run, "E", np.arange(1, N_STEPS + 1), int(cell))["E"][:-1]
        np.testing.assert_allclose(found, recorded[1:, cell], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "table", "message"), [
    ("current", Current(population="X", ids=(0,), windows=(), pA=1),
     "population: expected one of E, I, found X"),
    ("current", Current(population="E", ids=(60,), windows=(), pA=1),
     "ids: expected at most 59 in E, found 60"),
    ("current", Current(population="E", ids=(6,), windows=((0.0, 2.0), (1.0, 3.0)), pA=1),
     r"windows: expected windows that do not overlap, found \[0, 2\] and \[1, 3\]"),
    ("current", Current(population="E", ids=(6,), windows=((200.0, 202.0),), pA=1),
     "windows: expected to begin before 200 ms, found 200 ms"),
    ("current", Current(population="E", ids=(6,), around=(0.0, 0.0), odors=(9,), pA=1),
     "odors: expected odors that are presented, found 9"),
    ("current", Current(population="E", assembly=5, windows=(), pA=1),
     "assembly: expected an odor with an assembly, found 5"),
    ("current", Current(population="E", assembly=4, number=41, windows=(), pA=1),
     "number: expected at most 40 of E, found 41"),
    ("perturb", Perturb(population="OB", id=40, at=1.0), "id: expected at most 39 in OB, found 40"),
    ("perturb", Perturb(population="X", id=40, at=1.0), "population: expected one of OB, E, I, found X"),
    ("perturb", Perturb(population="E", id=4, at=200.0), "at: expected less than 200 ms, found 200 ms"),
    ("perturb", Perturb(population="E", id=4, at=1.05), "at: expected a multiple of 0.1 ms, found 1.05 ms"),
    ("replay", Replay(population="OB", run="r.h5"), "population: expected one of E, I, found OB"),
    ("replay", Replay(population="I", run="r.h5"), "run: r.h5: no such file"),
    ("replay", Replay(population="I", run="r.h5", around=(0.0, 0.0), odors=(9,)),
     "odors: expected odors that are presented, found 9"),
    ("excitability", Excitability(population="E", ids=(1,), around=(0.0, 0.0), lowered_by=0.5,
     concentration={"7": 0.5}), "concentration.7: expected odors that are presented, found 7"),
    ("displace", Displace(population="E", number=61, V_m=1.0), "number: expected at most 60 of E, found 61"),
])  # fmt: skip
def test_what_does_not_fit_is_named(name, table, message, tmp_path):
    with pytest.raises(ConfigError, match=rf"net\.h5: {name}\.0\.{message}"):
        simulated(tmp_path, WIRING, ODORS, **{name: (table,)})
    assert not list(tmp_path.glob("run*"))


def test_a_neuron_has_one_resting_conductance(tmp_path):
    tables = [
        Excitability(population="E", ids=ids, windows=(window,), lowered_by=0.5)
        for ids, window in (((1, 2), (0.0, 20.0)), ((3,), (0.0, 20.0)), ((2,), (10.0, 30.0)))
    ]
    simulated(tmp_path, WIRING, ODORS, duration=1.0, excitability=tuple(tables[:2]))
    with pytest.raises(ConfigError, match=r"excitability\.2: windows of a neuron: expected .* not overlap"):
        simulated(tmp_path, WIRING, ODORS, excitability=tuple(tables))


def test_a_run_that_does_not_fit_is_not_replayed(tmp_path):
    recorded = shutil.move(simulated(tmp_path, WIRING, ODORS, duration=100.0), tmp_path / "short.h5")
    with pytest.raises(ConfigError, match=r"short\.h5: expected at least 200 ms, found 100 ms"):
        simulated(tmp_path, WIRING, ODORS, replay=(Replay(population="I", run=str(recorded)),))
    both = (
        Replay(population="I", run=str(recorded), windows=((0.0, 50.0),)),
        Replay(population="I", run=str(recorded), windows=((20.0, 70.0),)),
    )
    with pytest.raises(ConfigError, match=r"replay\.1\.windows: expected windows that do not overlap"):
        simulated(tmp_path, WIRING, ODORS, replay=both)


def test_a_run_with_another_protocol_is_not_resumed(tmp_path, monkeypatch):
    current = Current(population="E", ids=(1,), windows=((0.0, 10.0),), pA=28.0)
    interrupted(
        tmp_path, monkeypatch, 3, WIRING, ODORS, block=20.0, checkpoint_every=20.0, current=(current,)
    )
    with pytest.raises(ConfigError, match="different current;"):
        simulated(tmp_path, WIRING, ODORS, resume=True)


def test_the_stock_neurons_refuse(tmp_path):
    with pytest.raises(ConfigError, match=r"perturb: expected the exact neuron .* which know no protocols"):
        simulated(tmp_path, WIRING, ODORS, neuron="nest", perturb=(Perturb(population="E", id=1, at=1.0),))
