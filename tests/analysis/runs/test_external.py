"""Other people's spikes: what is measured in them is what is measured in a run with the same spikes."""

import math
from dataclasses import asdict
from pathlib import Path

import elephant.statistics
import h5py
import libsonata
import neo
import numpy as np
import pytest
import quantities
from poisson import renewal_spikes
from run_files import write_random_run
from sonata_spikes import CELLS, regular_trains, write_sonata, write_with_bmtk

from eiassembly.analysis.experiments.result import analyse_recording, analyse_run
from eiassembly.analysis.runs.external import Given, open_external
from eiassembly.analysis.runs.external_tables import read_presentations_csv
from eiassembly.analysis.runs.run import open_run
from eiassembly.core.errors import FileFormatError
from eiassembly.odors.odors import Presentation

WIRED = {"g_oe", "g_syn", "recurrent_share", "cotuning_correlation", "cotuning_ratio", "balance_slope"}
OF_BMTK = Path(__file__).parents[2] / "data" / "bmtk_spikes.h5"
"""`regular_trains`, written by bmtk 1.2.0 with `write_with_bmtk`."""


def write_csv(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def pres(folder, rows=((1000, 3000, 0), (4000, 6000, 1)), header="onset,offset,odor"):
    return write_csv(folder / "pres.csv", header, rows)


def given_of(run, folder):
    """What somebody would write down about one of our runs."""
    table = [(p.onset, p.offset, p.odor, p.kind) for p in run.presentations]
    members = [(a.odor, cell) for a in run.wiring.assemblies for cell in a.excitatory]
    return {
        "presentations": write_csv(folder / "pres.csv", "onset,offset,odor,kind", table),
        "assemblies": write_csv(folder / "assemblies.csv", "odor,node_id", members),
        "sizes": {name: run.wiring.population(name).size for name in ("E", "I")},
        "duration": run.duration,
    }


def agree(found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == value or (math.isnan(found[name]) and math.isnan(value)), name


@pytest.fixture(scope="module")
def of_run(tmp_path_factory):
    """A run, what is measured in it, and what is known when only its spikes are."""
    folder = tmp_path_factory.mktemp("run")
    run = open_run(write_random_run(folder / "run.h5"))
    return run, analyse_run(run), given_of(run, folder)


def trains_of(run):
    """By cell, times in ms."""
    trains = {}
    for name, spikes in run.spikes.items():
        order = np.argsort(spikes.ids, kind="stable")
        trains[name] = spikes.steps[order] * run.dt, spikes.ids[order]
    return trains


@pytest.mark.parametrize(
    ("sorting", "units"),
    [("by_time", "ms"), ("by_id", "ms"), ("none", "s"), (None, None), ("'by_id'", "ms"), ("'by_time'", b"s")],
)
def test_spikes_alone_give_what_the_run_gives(of_run, tmp_path, sorting, units):
    run, expected, given = of_run
    factor = 1e-3 if units in ("s", b"s") else 1.0
    trains = {name: (times * factor, ids) for name, (times, ids) in trains_of(run).items()}
    path = write_sonata(tmp_path / "spikes.h5", trains, sorting, units)
    found = analyse_recording(open_external(Given(path, **given)))
    assert found.observables.keys() == expected.observables.keys() == {"learned", "novel"}
    for kind, values in found.observables.items():
        measured = {name: v for name, v in asdict(values).items() if name not in WIRED}
        agree(
            measured, {name: v for name, v in asdict(expected.observables[kind]).items() if name in measured}
        )
        assert all(math.isnan(getattr(values, name)) for name in WIRED)
        agree(asdict(found.dynamics[kind].measures), asdict(expected.dynamics[kind].measures))
    np.testing.assert_array_equal(found.responses.rates, expected.responses.rates)
    np.testing.assert_array_equal(found.responses.inhibitory["I"], expected.responses.inhibitory["I"])


def test_a_run_file_is_a_sonata_file(of_run):
    run, expected, given = of_run
    found = analyse_recording(open_external(Given(run.path, **given)))
    np.testing.assert_array_equal(found.responses.rates, expected.responses.rates)
    assert not found.responses.conductances


def expected_rates(name):
    """Spikes strictly inside the first 1.5 s of odors at 1 and 4 s, counted one by one, Hz."""
    times, ids = regular_trains()[name]
    counted = np.zeros((2, CELLS[name]))
    for time, cell in zip(times, ids, strict=True):
        for row, onset in enumerate((1000, 4000)):
            counted[row, cell] += onset < time < onset + 1500
    return counted / 1.5


def check_regular(path, folder):
    found = analyse_recording(open_external(Given(path, pres(folder), duration=8000.0)))
    np.testing.assert_allclose(found.responses.rates, expected_rates("E"))
    np.testing.assert_allclose(found.responses.inhibitory["I"], expected_rates("I"))
    assert found.dynamics["novel"].measures.cv_others == 0


def test_a_file_that_bmtk_has_written(tmp_path):
    check_regular(OF_BMTK, tmp_path)


def test_a_file_that_bmtk_writes_now(tmp_path):
    path = write_with_bmtk(tmp_path / "bmtk.h5", regular_trains())
    check_regular(path, tmp_path)
    with h5py.File(path) as now, h5py.File(OF_BMTK) as stored:
        for name in ("spikes/E/timestamps", "spikes/E/node_ids", "spikes/I/timestamps", "spikes/I/node_ids"):
            np.testing.assert_array_equal(now[name][:], stored[name][:])


def test_a_file_as_specified_is_read_as_libsonata_reads_it(tmp_path):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains(), "by_id")
    check_regular(path, tmp_path)
    recording = open_external(Given(path, pres(tmp_path)))
    for name in CELLS:
        theirs = sorted((time, cell) for cell, time in libsonata.SpikeReader(str(path))[name].get())
        ours = recording.source(name).between(-1, recording.n_steps)
        assert sorted(zip(np.round(ours[0] * 0.1, 6).tolist(), ours[1].tolist(), strict=True)) == theirs


def test_irregularity_of_a_neo_segment_is_that_of_elephant(tmp_path):
    times, ids = renewal_spikes(np.random.default_rng(5), 8, 2, 12, 4)
    times = np.round(times, 4)
    segment = neo.Segment()
    for cell in range(8):
        own = np.sort(times[ids == cell])
        segment.spiketrains.append(neo.SpikeTrain(own, units="s", t_stop=4.0))
    trains = [train.rescale("s").magnitude for train in segment.spiketrains]
    numbers = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    path = write_sonata(tmp_path / "neo.h5", {"cells": (np.concatenate(trains), numbers)}, "by_id", "s")
    found = analyse_recording(open_external(Given(path, pres(tmp_path, [(1000, 3000, 0)]))))
    shown = [train.time_slice(1.0 * quantities.s, 3.0 * quantities.s) for train in segment.spiketrains]
    intervals = [elephant.statistics.isi(train).magnitude for train in shown]
    measures = found.dynamics["novel"].measures
    assert min(map(len, intervals)) >= 5
    assert measures.cv2_others == pytest.approx(np.mean([elephant.statistics.cv2(i) for i in intervals]))
    assert measures.lv_others == pytest.approx(np.mean([elephant.statistics.lv(i) for i in intervals]))


def test_defaults_are_e_and_i_the_last_cell_and_the_last_spike(tmp_path):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains() | {"X": (np.array([9999.0]), np.array([7]))})
    recording = open_external(Given(path, pres(tmp_path)))
    assert (recording.population_names.excitatory, recording.population_names.inhibitory) == ("E", ("I",))
    assert {name: recording.source(name).n_cells for name in CELLS} == CELLS
    last = max(times.max() for times, _ in regular_trains().values())
    assert recording.duration == pytest.approx(last)
    other = open_external(Given(path, pres(tmp_path), principal="X", sizes={"X": 20}))
    assert other.source("X").n_cells == 20
    assert other.duration == pytest.approx(9999)


def test_silent_cells_count(tmp_path):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains())
    few, many = (
        analyse_recording(open_external(Given(path, pres(tmp_path), sizes=sizes))).observables["novel"]
        for sizes in ({}, {"E": 12})
    )
    assert many.odor_rate == pytest.approx(few.odor_rate / 2)


def test_presentations_in_any_order_with_and_without_what_is_optional(tmp_path):
    header = "odor, kind,y,x,offset,onset"
    rows = [(3, "", "", "", "9e3", 7000), (1, "probe A", 0.5, 0.25, 3000.5, 1000)]
    path = pres(tmp_path, rows, "\ufeff" + header)
    assert read_presentations_csv(path) == (
        Presentation(1000.0, 3000.5, 1, "probe A", (0.25, 0.5)), Presentation(7000.0, 9000.0, 3, "novel"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: expected the columns onset, offset, odor, kind, x, y, found nothing"),
        ("onset;offset;odor\n", "line 1: column onset: expected it among .*, found onset;offset;odor"),
        ("onset,offset,odor,Kind\n", "line 1: column Kind: expected only onset, .* found onset,"),
        ("onset,offset,odor,odor\n", "line 1: column odor: expected only .* each once, found"),
        ("onset,offset,odor\n", "line 2: expected at least one presentation, found none"),
        ("onset,offset,odor\n1000,3000\n", "line 2: expected 3 columns, found 2"),
        ("onset,offset,odor\n1,2,3\n\n1s,3000,0\n", "line 4: column onset: expected a time .*, found '1s'"),
        ("onset,offset,odor\nnan,3000,0\n", "line 2: column onset: expected a time in ms .*, found 'nan'"),
        ("onset,offset,odor\n-1,3000,0\n", "line 2: column onset: expected a time .*, found '-1'"),
        ("onset,offset,odor\n1000,,0\n", "line 2: column offset: expected a time in ms .*, found nothing"),
        ("onset,offset,odor\n1000,3000,1.5\n", "line 2: column odor: expected the number .*, found '1.5'"),
        ("onset,offset,odor\n3000,1000,0\n", "column offset: .* after the onset, 3000 ms, found 1000"),
        ("onset,offset,odor\n1000,3000,0\n2000,4000,1\n", "column onset: .* line 2 has ended, found 2000"),
        ("onset,offset,odor,kind\n1000,3000,0,a/b\n", "line 2: column kind: expected letters.*, found 'a/b'"),
        ("onset,offset,odor,x,y\n1000,3000,0,1,\n", "line 2: column y: expected a number, .*, found nothing"),
        ('onset,offset,odor\n"1000,3000,0\n', "expected CSV in UTF-8"),
        ("onset,offset,odor\n1000,3000,\xe9\n", "expected CSV in UTF-8"),
    ],
)  # fmt: skip
def test_bad_presentations_are_named(tmp_path, text, said):
    path = tmp_path / "pres.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(FileFormatError, match=said) as error:
        read_presentations_csv(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def damaged(folder, change):
    path = write_sonata(folder / "spikes.h5", regular_trains())
    with h5py.File(path, "a") as h5:
        change(h5)
    return path


def replaced(name, values):
    def change(h5):
        del h5[name]
        h5[name] = values

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda h5: h5["spikes/E/timestamps"].attrs.modify("units", "min"), "expected ms or s, found min"),
        (lambda h5: h5.move("spikes", "events"), "spikes: expected at least one group"),
        (lambda h5: h5.move("spikes/E", "spikes/pyr"), "principal: expected one of .* I, pyr, found E"),
        (replaced("spikes/E/timestamps", np.ones(3)), r"spikes/E: expected as many .* found \(3,\) and"),
        (replaced("spikes/E/timestamps", np.float64(1)), "damaged or incomplete SONATA spike file"),
        (lambda h5: h5["spikes/E/timestamps"].write_direct(np.full(1, np.nan), dest_sel=np.s_[:1]),
         "spikes/E/timestamps: expected times from 0 to 1e.12 ms, found nan"),
        (lambda h5: h5["spikes/I/timestamps"].write_direct(np.full(1, -0.1), dest_sel=np.s_[:1]), "-0.1"),
        (lambda h5: h5["spikes/E/node_ids"].write_direct(np.full(1, 2**63, np.uint64), dest_sel=np.s_[:1]),
         "spikes/E/node_ids: expected ids that count from 0, below 10000000, found 9223372036854775808"),
    ],
)  # fmt: skip
def test_spikes_that_cannot_be_meant_are_named(tmp_path, change, said):
    path = damaged(tmp_path, change)
    with pytest.raises(FileFormatError, match=said) as error:
        open_external(Given(path, pres(tmp_path)))
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"principal": "PC"}, "principal: expected one of the populations E, I, found PC"),
        ({"inhibitory": ("E",)}, "inhibitory: expected others than the principal E"),
        ({"inhibitory": ("PV",)}, "inhibitory: expected one of the populations E, I, found PV"),
        ({"sizes": {"PV": 5}}, "size: expected one of the populations E, I, found PV"),
        ({"sizes": {"E": 5}}, "E: expected node ids below its size 5, found 5"),
        ({"duration": 7000.0}, "spikes: expected times within the duration of 7000 ms, found 79"),
    ],
)
def test_what_does_not_fit_the_spikes_is_named(tmp_path, given, said):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains())
    with pytest.raises(FileFormatError, match=said):
        open_external(Given(path, pres(tmp_path), **given))


def test_an_odor_without_a_second_before_it_is_not_enough(tmp_path):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains())
    table = pres(tmp_path, [(500, 2500, 0)])
    with pytest.raises(
        FileFormatError, match=r"pres\.csv: column onset: expected at least one odor with 1 s"
    ):
        open_external(Given(path, table))


def test_members_that_do_not_exist_are_named(tmp_path):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains())
    members = write_csv(tmp_path / "assemblies.csv", "odor,node_id", [(0, 1), (0, 9)])
    given = Given(path, pres(tmp_path), members, sizes={"E": 6})
    with pytest.raises(
        FileFormatError, match=r"assemblies\.csv: E: expected node ids below its size 6, found 9"
    ):
        open_external(given)


@pytest.mark.parametrize("length", [1, 50, 120, 700])
def test_short_odors_of_an_assembly_of_everyone_are_measured(tmp_path, length):
    path = write_sonata(tmp_path / "spikes.h5", regular_trains())
    rows = [(1000, 1000 + length, 0), (3000, 3000 + length, 0)]
    members = write_csv(tmp_path / "assemblies.csv", "odor,node_id", [(0, cell) for cell in range(6)])
    found = analyse_recording(open_external(Given(path, pres(tmp_path, rows), members)))
    assert found.responses.rates.shape == (2, 6)
    assert math.isnan(found.observables["novel"].outside_rate)
