"""RUN.h5: other people's readers, what came of it and how, recorded state against spikes and wiring."""

import importlib.metadata
import json
import platform
import socket
import sys
from dataclasses import replace

import h5py
import libsonata
import numpy as np
import pytest
from run_files import odor
from simulations import poisson_odors, random_network, records_of, simulated, spikes_of

from eiassembly.analysis.measures.conductances import mean_conductances
from eiassembly.analysis.measures.currents import conductance_traces
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.simulation import Dynamics
from eiassembly.connectivity.files.network import read_wiring
from eiassembly.core import schema
from eiassembly.core.grid import Window
from eiassembly.odors.odors import Presentation

pytestmark = pytest.mark.nest

N_STEPS = 2000
QUANTITIES = ("V_m", "z", "g_OB", "g_E", "g_I")
WIRING = random_network(2, drive=3.0)
TABLE = (Presentation(50.0, 80.0, 0, "learned"), Presentation(110.0, 200.0, 3, "novel"))
ODORS = replace(poisson_odors(2, N_STEPS), odors=(odor(0), odor(3)), presentations=TABLE)


@pytest.fixture(scope="module", params=[1, 10], ids=["delay 1", "delay 10"])
def run(request, tmp_path_factory):
    """All cells recorded at every millisecond; two threads, blocks that divide nothing."""
    recording = {"record": QUANTITIES, "every": 1.0, "cells": 60}
    folder = tmp_path_factory.mktemp("run")
    return simulated(folder, WIRING, ODORS, 2, block=33.3, delay=request.param / 10, **recording)


def test_libsonata_reads_the_spikes(run):
    reader = libsonata.SpikeReader(str(run))
    assert sorted(reader.get_population_names()) == ["E", "I", "OB"]
    with h5py.File(run) as h5:
        for name, group in h5["spikes"].items():
            population = reader[name]
            assert population.sorting == "by_time"
            assert population.time_units == "ms"
            found = population.get_dict()
            np.testing.assert_array_equal(found["timestamps"], group["timestamps"])
            np.testing.assert_array_equal(found["node_ids"], group["node_ids"])
            assert len(found["node_ids"]) > 100
            some = population.get(node_ids=[1, 5], tstart=20.0, tstop=150.0)
            steps, ids = spikes_of(run)[name]
            inside = np.isin(ids, [1, 5]) & (steps >= 200) & (steps <= 1500)
            assert sorted(some) == sorted(
                zip(ids[inside].tolist(), (steps[inside] * 0.1).tolist(), strict=True)
            )


def test_spikes_as_sonata_wants_them(run):
    with h5py.File(run) as h5:
        assert (int(h5.attrs["magic"]), h5.attrs["version"].tolist()) == (0x0A7A, [0, 1])
        for name, group in h5["spikes"].items():
            times, ids = group["timestamps"], group["node_ids"]
            assert (times.dtype, ids.dtype) == (np.float64, np.uint64)
            assert times.attrs["units"] == "ms"
            assert h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype) == schema.SORTING
            assert group.attrs["sorting"] == schema.SORTING["by_time"]
            assert times.compression is None is ids.compression
            steps = np.rint(times[:] / 0.1)
            np.testing.assert_allclose(times, steps * 0.1, rtol=1e-15)
            np.testing.assert_array_equal(np.lexsort((ids, steps)), np.arange(len(steps)))
            assert ids[:].max() < WIRING.population(name).size
            assert 1 <= steps.min() < steps.max() <= N_STEPS


def test_mitral_cells_fire_as_given(run):
    for got, want in zip(spikes_of(run)["OB"], (ODORS.steps, ODORS.ids), strict=True):
        np.testing.assert_array_equal(got, want)


def test_what_was_simulated_travels_with_the_result(run):
    with h5py.File(run) as h5:
        root = h5["eiassembly"]
        assert root.attrs["network_hash"] == WIRING.content_hash()
        assert root.attrs["odors_hash"] == ODORS.content_hash()
        assert read_wiring(root["network"]).content_hash() == WIRING.content_hash()
        table = root["presentations"]
        rows = zip(table["onset"], table["offset"], table["odor"], table["kind"].asstr(), strict=True)
        assert tuple(Presentation(*row) for row in rows) == TABLE
        config = json.loads(root["config"].asstr()[()])
    delay = open_run(run).delay
    assert config["network"] == WIRING.description
    assert config["odors"] == ODORS.description
    used = Dynamics(delay=delay, record=QUANTITIES, cells=60)
    assert Dynamics(**config["simulation"]) == used
    assert config["simulation"].keys() == Dynamics.model_fields.keys()
    assert open_run(run).odors.presentations == TABLE


def test_a_whole_run_says_so(run):
    with h5py.File(run) as h5:
        attributes = dict(h5["eiassembly"].attrs)
    assert attributes["complete"]
    assert (attributes["dt"], attributes["duration"], attributes["simulated"]) == pytest.approx(
        (0.1, 200, 200)
    )
    assert not list(run.parent.glob("*.partial"))


def test_provenance(run):
    found = open_run(run).provenance
    assert found["python"] == platform.python_version()
    assert found["packages"]["nest-simulator"] == importlib.metadata.version("nest-simulator")
    assert found["packages"]["numpy"] == np.__version__
    assert found["nest"]["have_threads"] is True
    assert (found["ranks"], found["threads_per_rank"], found["block_ms"]) == (1, 2, 33.3)
    assert (found["host"], found["command"]) == (socket.gethostname(), sys.argv)
    assert found["wall_clock_s"].keys() == {"load", "build", "simulate"}
    assert found["peak_memory_MiB_per_rank"] > 10
    # None to recorders: the neurons' engine keeps spikes and states.
    assert found["connections"] == sum(p.n_contacts for p in WIRING.projections)


@pytest.mark.parametrize("target", ["E", "I"])
@pytest.mark.parametrize("source", ["OB", "E", "I"])
def test_conductances_follow_from_spikes_and_wiring(run, target, source):
    """A recorded conductance acted in the step that ends at its time: it is that after the step before."""
    steps, recorded = records_of(run, target)
    opened = open_run(run)
    recorded = recorded[f"g_{source}"]
    assert (recorded > 0).mean() > 0.5
    for cell in range(recorded.shape[1]):
        computed = conductance_traces(opened, target, steps - 1, cell)[source]
        np.testing.assert_allclose(recorded[:, cell], computed, rtol=1e-9, atol=1e-300)
    windows = [Window(step - 2, step - 1, 0.1) for step in steps[::17].tolist()]
    at_one_step = mean_conductances(opened, target, windows)[source]
    np.testing.assert_allclose(recorded[::17], at_one_step, rtol=1e-9, atol=1e-300)


def test_records_as_analysis_sees_them(run):
    records = open_run(run).records
    assert records.keys() == {"E", "I"}
    for name, record in records.items():
        np.testing.assert_array_equal(record.cells, np.arange(WIRING.population(name).size))
        np.testing.assert_allclose(record.times, np.arange(1.0, 201.0), rtol=1e-15)
        assert dict(record.units) == {"V_m": "mV", "z": "pA", "g_OB": "nS", "g_E": "nS", "g_I": "nS"}
    assert np.ptp(records["E"].values["z"]) > 5
    assert not records["I"].values["z"].any()  # I neurons do not adapt


@pytest.mark.parametrize(
    ("every", "steps"), [(0.3, range(3, 2001, 3)), (40.0, range(400, 2001, 400)), (500.0, [])]
)
def test_interval_and_number_of_cells(every, steps, tmp_path):
    recording = {"record": ("g_I", "V_m"), "every": every, "cells": 25}
    run = simulated(tmp_path, WIRING, ODORS, block=7.0, delay=0.5, **recording)
    for name, cells in (("E", 25), ("I", 20)):
        found, values = records_of(run, name)
        assert found.tolist() == list(steps)
        assert {q: rows.shape for q, rows in values.items()} == dict.fromkeys(
            ("g_I", "V_m"), (len(steps), cells)
        )
        with h5py.File(run) as h5:
            assert h5[f"eiassembly/records/{name}/node_ids"][:].tolist() == list(range(cells))


def test_nothing_is_recorded_unasked(tmp_path):
    run = simulated(tmp_path, WIRING, ODORS, duration=10.0)
    assert dict(open_run(run).records) == {}


def test_what_only_some_populations_have_is_recorded_there(tmp_path):
    """E neurons without inhibition have no g_I."""
    wiring = replace(
        WIRING, projections=tuple(p for p in WIRING.projections if (p.source, p.target) != ("I", "E"))
    )
    run = simulated(tmp_path, wiring, ODORS, duration=10.0, record=("g_I",))
    assert open_run(run).records.keys() == {"I"}


def test_a_part_of_the_protocol(tmp_path):
    """The first steps are those of the whole run; times say how far it went."""
    folders = [tmp_path / name for name in ("whole", "part")]
    for folder in folders:
        folder.mkdir()
    whole, part = (
        simulated(folder, WIRING, ODORS, duration=duration)
        for folder, duration in zip(folders, (None, 120.3), strict=True)
    )
    assert open_run(part).duration == pytest.approx(120.3)
    for name, (steps, ids) in spikes_of(part).items():
        all_steps, all_ids = spikes_of(whole)[name]
        kept = all_steps <= 1203
        assert 0 < kept.sum() < len(kept)
        np.testing.assert_array_equal(steps, all_steps[kept])
        np.testing.assert_array_equal(ids, all_ids[kept])
