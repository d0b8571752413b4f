"""What is presented when, for every kind of protocol, and that the examples in the documentation run."""

import itertools

import h5py
import numpy as np
import pytest

from eiassembly.cli import main
from eiassembly.config.config import load_config, parse_config
from eiassembly.config.odors import MIXTURES
from eiassembly.odors import file as odor_file
from eiassembly.odors.schedules import MOST_SPIKES, recipe, suitable_odor_set
from eiassembly.odors.spike_trains import SpikeTrains
from eiassembly.odors.subspace import trajectories


def recipe_of(kind, **odors):
    return recipe(parse_config({"odors": {"kind": kind, **odors}}, "x"))


def times(odor_set):
    return [(p.onset, p.offset) for p in odor_set.presentations]


@pytest.mark.parametrize(("order", "expected"), [
    ("interleaved", [15, 0, 1] * 3), ("blocked", [15] * 3 + [0] * 3 + [1] * 3),
])  # fmt: skip
def test_trials(order, expected):
    odor_set = recipe_of("trials", learned=2, novel=1, trials=3, order=order)
    assert [p.odor for p in odor_set.presentations] == expected
    assert times(odor_set)[:2] == [(1000, 3000), (4000, 6000)]
    assert odor_set.duration == 27_000
    assert {p.place for p in odor_set.presentations} == {None}


def test_trials_differ_in_the_poisson_draw_alone():
    """Cells without change: the same rate, uncorrelated counts; activated ones: the same mean time course."""
    odor_set = recipe_of("trials", learned=1, novel=0, trials=30)
    trains = SpikeTrains(odor_set)
    counts = np.array([
        np.bincount(trains.drawn(first, first + 2)[1], minlength=1500) for first in range(1, 90, 3)
    ])  # fmt: skip
    (odor,) = {p.odor for p in odor_set.presentations}
    rates = np.zeros(1500)
    rates[odor_set.odors[odor].activated] = odor_set.odors[odor].rate
    silent = np.setdiff1d(np.arange(1125, 1500), odor_set.odors[odor].activated)
    between = np.corrcoef(counts[:, silent])[np.triu_indices(30, 1)]
    assert abs(between.mean()) < 0.01
    assert np.corrcoef(counts.mean(axis=0), rates)[0, 1] > 0.9
    fano = counts.var(axis=0, ddof=1).mean() / counts.mean()
    assert fano == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("direction", "steps"), [
    ("up", [0, 1, 2, 3, 4]), ("down", [4, 3, 2, 1, 0]), ("both", [0, 1, 2, 3, 4, 3, 2, 1, 0]),
])  # fmt: skip
def test_morphs(direction, steps):
    odor_set = recipe_of("morph", steps=4, direction=direction, trials=2)
    shown = odor_set.presentations
    assert [p.place for p in shown] == [(step / 4, 0.0) for step in steps] * 2
    names = [15, MIXTURES + 1, MIXTURES + 2, MIXTURES + 3, 0]
    assert [p.odor for p in shown] == [names[step] for step in steps] * 2
    kinds = {15: "novel", 0: "learned"}
    assert [p.kind for p in shown] == [kinds.get(p.odor, "mixture") for p in shown]
    assert times(odor_set)[1] == (4000, 6000)


def test_subspace():
    odor_set = recipe_of("subspace")
    shown = odor_set.presentations
    assert (len(shown), odor_set.duration) == (8 * 121, 8 * 123_000)
    assert times(odor_set)[:2] == [(2000, 3000), (3000, 4000)]
    assert (shown[120].offset, shown[121].onset) == (123_000, 125_000)
    for k, path in enumerate(trajectories()):
        part = shown[121 * k : 121 * (k + 1)]
        assert [p.place for p in part] == [(column / 10, row / 10) for row, column in path]
        assert all(one.offset == other.onset for one, other in itertools.pairwise(part))
    kinds = {p.place: p.kind for p in shown}
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    assert [kinds.pop(place) for place in corners] == ["learned", "learned", "novel", "novel"]
    assert set(kinds.values()) == {"mixture"}
    assert {odor.number for odor in odor_set.odors} == {*range(17), *(p.odor for p in shown)}


def test_cells_that_go_on_responding_have_no_new_latency():
    """In the first 100 ms at a place: those active before as ever, others hardly."""
    odor_set = recipe_of("subspace", trajectories=1, corners=[0, 1, 2, 3])
    odors = {odor.number: odor for odor in odor_set.odors}
    trains = SpikeTrains(odor_set)
    extra = {True: [], False: []}
    for before, now in itertools.pairwise(odor_set.presentations):
        steps, ids = trains.drawn(int(now.onset // 1000), int(now.onset // 1000) + 1)
        early = np.bincount(ids[steps <= now.onset * 10 + 1000], minlength=1500) / 0.1 - 6
        odor = odors[now.odor]
        already = np.isin(odor.activated, odors[before.odor].activated)
        slow = odor.latency >= 100
        for is_old in (True, False):
            extra[is_old].extend(early[odor.activated[slow & (already == is_old)]])
    assert np.mean(extra[True]) == pytest.approx(20, abs=2)
    assert np.mean(extra[False]) == pytest.approx(0, abs=1)


def test_times_that_are_no_whole_numbers_still_join():
    odor_set = recipe_of("subspace", trajectories=2, duration=33.3, baseline=0.7)
    for part in (odor_set.presentations[:121], odor_set.presentations[121:]):
        assert all(one.offset == other.onset for one, other in itertools.pairwise(part))
    assert odor_set.n_steps == 2 * (7 + 121 * 333)


def test_long_protocols_are_recipes():
    short, long = (parse_config({"odors": {"novel": n}}, "x") for n in (2, 200))
    assert suitable_odor_set(short).spike_seed is None
    assert len(suitable_odor_set(short).ids) > 50_000
    assert suitable_odor_set(long).spike_seed == 1
    assert MOST_SPIKES < 200 * 3 * 9000
    assert suitable_odor_set(short, spikes=False).spike_seed == 1
    assert suitable_odor_set(short, spikes=False).odors[3].number == 3


def examples(repository):
    return sorted((repository / "docs" / "examples").glob("odors_*.toml"))


def test_examples_run_as_they_are(repository, tmp_path, capsys):
    """And together they are of all kinds."""
    kinds = set()
    for example in examples(repository):
        out = tmp_path / f"{example.stem}.h5"
        main(["odors", "build", str(example), "--out", str(out)])
        found, config = odor_file.load(out), load_config(example)
        assert f"{len(found.presentations)} presentations" in capsys.readouterr().out
        assert f"({found.duration / 1000:g} s" in example.read_text()
        assert found.description["config"] == config.model_dump()
        kinds.add(config.odors.kind)
    assert kinds == {"sequence", "trials", "morph", "subspace"}


@pytest.mark.parametrize("spikes", ["--spikes", "--no-spikes"])
def test_stored_or_drawn(spikes, tmp_path, capsys):
    (tmp_path / "c.toml").write_text("[odors]\nnovel = 1\n")
    main(["odors", "build", str(tmp_path / "c.toml"), spikes, "--out", str(tmp_path / "o.h5")])
    with h5py.File(tmp_path / "o.h5") as h5:
        assert ("spikes" in h5, "recipe" in h5) == ((True, False) if spikes == "--spikes" else (False, True))
    assert ("drawn when simulated" in capsys.readouterr().out) == (spikes == "--no-spikes")


def test_mixture_coordinates_are_in_the_file(tmp_path):
    odor_set = recipe_of("morph", steps=4)
    odor_file.save(odor_set, tmp_path / "o.h5")
    with h5py.File(tmp_path / "o.h5") as h5:
        assert h5["presentations/x"][:].tolist() == [0, 0.25, 0.5, 0.75, 1]
        assert h5["presentations/y"][:].tolist() == [0] * 5
    sequence = recipe_of("sequence", novel=2)
    odor_file.save(sequence, tmp_path / "o.h5")
    with h5py.File(tmp_path / "o.h5", "r+") as h5:
        assert np.isnan(h5["presentations/x"][:]).all()
        del h5["presentations/x"], h5["presentations/y"]  # a file from before there were mixtures
    assert odor_file.load(tmp_path / "o.h5").presentations == sequence.presentations
