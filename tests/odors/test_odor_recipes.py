"""Spike trains that are drawn while a run goes on: those that would be stored, and no memory for the rest."""

import tracemalloc
from contextlib import closing
from dataclasses import replace

import h5py
import numpy as np
import pytest
from interruptions import different, interrupted
from run_comparison import differences
from simulations import given_spikes, random_network, simulated, small_recipe, spikes_of

from eiassembly.config.config import parse_config
from eiassembly.core.errors import FileFormatError
from eiassembly.odors import file as odor_file
from eiassembly.odors.file import OdorStream
from eiassembly.odors.schedules import recipe, suitable_odor_set
from eiassembly.odors.spike_trains import SpikeTrains, with_spikes

WIRING = random_network(1, drive=3.0)


def stream_of(odor_set, folder):
    odor_file.save(odor_set, folder / "ODORS.h5")
    return closing(OdorStream(folder / "ODORS.h5"))


def test_round_trip(tmp_path):
    odors = small_recipe(1)
    odor_file.save(odors, tmp_path / "ODORS.h5")
    loaded = odor_file.load(tmp_path / "ODORS.h5")
    assert (loaded.spike_seed, loaded.presentations) == (odors.spike_seed, odors.presentations)
    assert loaded.content_hash() == odors.content_hash()
    np.testing.assert_array_equal(with_spikes(loaded).ids, with_spikes(odors).ids)
    with h5py.File(tmp_path / "ODORS.h5") as h5:
        assert "spikes" not in h5


def test_everything_that_shapes_the_spikes_is_in_the_hash():
    odors = small_recipe(1)
    first, second = odors.odors
    changed = [
        replace(odors, spike_seed=2),
        replace(odors, n_steps=odors.n_steps + 1),
        replace(odors, presentations=odors.presentations[1:]),
        *(replace(odors, odors=(replace(first, **{name: getattr(first, name)[::-1]}), second))
          for name in ("activated", "rate", "latency", "inhibited", "inhibited_latency")),
        with_spikes(odors),
    ]  # fmt: skip
    hashes = [odors.content_hash(), *(other.content_hash() for other in changed)]
    assert len(set(hashes)) == len(hashes)
    assert small_recipe(1).content_hash() == odors.content_hash()


@pytest.mark.parametrize("dt", [0.1, 0.3])
@pytest.mark.parametrize("length", [1, 7, 3333, 3334, 9999, 10_000, 10**6])
def test_blocks_of_any_length_have_the_spikes_of_the_whole(dt, length, tmp_path):
    """Also where a step lies in two of the seconds that are drawn at once: the 3334th of 0.3 ms."""
    odors = small_recipe(2, dt)
    whole = with_spikes(odors)
    assert len(whole.ids) > 500
    with stream_of(odors, tmp_path) as stream:
        stream.check()
        start = first = round(999 / dt) if length < 10 else 0  # few of the shortest ones: around the boundary
        stream.skip(first)
        for last in range(first + length, min(odors.n_steps, first + 2000 * length) + length, length):
            for got, want in zip(stream.until(last), given_spikes(whole, first, last), strict=True):
                np.testing.assert_array_equal(got, want)
            first = last
            if length < 10 and first > start + 50:
                break


@pytest.mark.parametrize("dt", [0.1, 0.3])
def test_from_any_step_on(dt, tmp_path):
    odors = small_recipe(3, dt)
    whole = with_spikes(odors)
    for start in (0, 1, 3332, 3333, 3334, 9999, 10_000, 10_001, odors.n_steps, odors.n_steps + 5):
        with stream_of(odors, tmp_path) as stream:
            stream.skip(start)
            steps, ids = stream.until(start + 500)
        np.testing.assert_array_equal(steps, given_spikes(whole, start, start + 500)[0])
        np.testing.assert_array_equal(ids, given_spikes(whole, start, start + 500)[1])


def test_sets_with_spikes_are_left_as_they_are():
    stored = with_spikes(small_recipe(1))
    assert with_spikes(stored) is stored
    with pytest.raises(ValueError, match="expected a recipe"):
        SpikeTrains(stored)


def test_the_memory_of_a_drawn_stream_does_not_grow_with_its_length(tmp_path):
    """Six times the time needs no more, and less than the spikes would if they were kept."""
    peaks = []
    for trials in (2, 12):
        odors = recipe(parse_config({"odors": {"kind": "trials", "trials": trials}}, "x"))
        stream_file = tmp_path / f"{trials}.h5"
        odor_file.save(odors, stream_file)
        with closing(OdorStream(stream_file)) as stream:
            stream.until(1)
            tracemalloc.start()
            try:
                n_read = sum(len(stream.until(last)[0]) for last in range(500, odors.n_steps, 500))
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
        assert n_read > 0.9 * 6 * 1.5 * odors.duration
    assert peaks[1] < 1.2 * peaks[0] < 16 * n_read


def test_no_larger_file_for_a_longer_run(tmp_path):
    sizes = []
    for duration in (1000.0, 1_000_000.0):
        config = parse_config({"odors": {"novel": 1, "duration": duration}}, "x")
        odor_file.save(suitable_odor_set(config, spikes=False), tmp_path / "ODORS.h5")
        sizes.append((tmp_path / "ODORS.h5").stat().st_size)
    assert abs(sizes[1] - sizes[0]) < 100


@pytest.mark.parametrize(("change", "message"), [
    (lambda h5: h5["odors/0/rate"].write_direct(h5["odors/0/rate"][:] + 1), "content_hash"),
    (lambda h5: h5["recipe"].attrs.modify("seed", 5), "content_hash"),
    (lambda h5: h5["recipe"].attrs.modify("version", 7), "recipe: expected .* version 1, found version 7"),
    (lambda h5: h5["recipe"].attrs.__delitem__("seed"), "damaged or incomplete"),
    (lambda h5: h5.__delitem__("recipe"), "damaged or incomplete"),
])  # fmt: skip
def test_a_damaged_recipe(change, message, tmp_path):
    path = tmp_path / "ODORS.h5"
    odor_file.save(small_recipe(1), path)
    with h5py.File(path, "r+") as h5:
        change(h5)
    with pytest.raises(FileFormatError, match=rf"ODORS\.h5.*{message}"):
        OdorStream(path).check()


RECIPE_ONLY = ("eiassembly/odors@content_hash", "eiassembly@odors_hash", "eiassembly/odors/recipe")


@pytest.fixture(scope="module")
def drawn_run(tmp_path_factory):
    run = simulated(tmp_path_factory.mktemp("drawn"), WIRING, small_recipe(4))
    assert len(spikes_of(run)["E"][0]) > 100
    return run


@pytest.mark.nest
def test_a_run_with_drawn_spikes_is_that_with_stored_ones(drawn_run, tmp_path):
    stored = simulated(tmp_path, WIRING, with_spikes(small_recipe(4)), block=170.0)
    found = differences(drawn_run, stored)
    assert [name for name in found if not name.startswith(RECIPE_ONLY)] == []
    assert len(spikes_of(stored)["OB"][0]) == len(with_spikes(small_recipe(4)).ids)


@pytest.mark.parametrize(("after", "block", "new_block"), [(3, 350.0, 1000.0), (2, 1000.0, 33.3)])
@pytest.mark.nest
def test_resumed(after, block, new_block, drawn_run, tmp_path, monkeypatch):
    """In the middle of a second, and between two."""
    given = WIRING, small_recipe(4)
    interrupted(tmp_path, monkeypatch, after, *given, block=block, checkpoint_every=block)
    run = simulated(tmp_path, *given, block=new_block, checkpoint_every=block, resume=True)
    assert different(run, drawn_run) == []
