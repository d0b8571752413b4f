"""``import eiassembly as ei``: what docs/python.md shows, in the words and numbers of the rest."""

import ast
import inspect
import json
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import elephant.statistics
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pynapple as nap
import pytest
import quantities as pq
from command_line import environment, run_command
from mpi_runs import needs_mpi
from run_files import random_wiring, write_random_run
from simulations import poisson_odors, random_network
from sonata_spikes import CELLS, regular_trains, write_sonata

import eiassembly as ei
from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.runs.run import open_run
from eiassembly.api import draw_odors, load_config, report
from eiassembly.config.config import parse_config
from eiassembly.connectivity.files import network as network_file
from eiassembly.core.child import _reason, run_child
from eiassembly.core.errors import ConfigError, EnvironmentProblemError, FileFormatError
from eiassembly.odors import file as odor_file
from eiassembly.odors.schedules import draw_odor_set

BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
FEW = "learned=1, novel=1"
SLOW = ("nest", "mpi4py", "matplotlib", "h5py", "scipy", "sklearn", "pandas", "xarray", "numpy")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Four odors, two of them learned, in a small network with two assemblies and random spikes."""
    return ei.open_run(str(write_random_run(tmp_path_factory.mktemp("run") / "run.h5")))


@pytest.fixture(autouse=True)
def no_window():
    with mpl.rc_context({"backend": "agg"}):
        yield
        plt.close("all")


@pytest.mark.nest
def test_the_tutorial_runs_as_it_stands(repository, tmp_path, monkeypatch):
    blocks = BLOCK.findall((repository / "docs/python.md").read_text())
    code, n_changed = re.subn("learned=10, novel=10", FEW, "\n".join(blocks))
    assert n_changed == 1
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tutorial.py").write_text(code)
    names = runpy.run_path("tutorial.py")
    assert {"run.h5", "report.html"} <= {path.name for path in tmp_path.iterdir()}
    assert names["run"].presentations[-1].kind == "learned"


# Names.


def test_there_are_few_names_and_all_are_there():
    assert len(ei.__all__) <= 14
    assert {name for name in dir(ei) if not name.startswith("__")} == set(ei.__all__)
    for name in ei.__all__:
        assert getattr(ei, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        ei.simulat  # noqa: B018


def test_type_checkers_see_the_names_that_there_are():
    tree = ast.parse(inspect.getsource(ei))
    blocks = [
        node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    imports = [node for node in blocks[0].body if isinstance(node, ast.ImportFrom)]
    assert sorted(alias.name for node in imports for alias in node.names) == sorted(ei.__all__)


def loaded_after(code):
    code = f"import json, sys\n{code}\nprint(json.dumps([m for m in {SLOW} if m in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_loads_nothing_that_takes_time():
    assert loaded_after("import eiassembly") == []


def test_what_the_command_line_imports_of_it_loads_no_figures_and_tables():
    assert {"matplotlib", "pandas", "sklearn", "nest"}.isdisjoint(loaded_after("import eiassembly.api"))


# Networks and odors.


def test_networks_are_those_of_the_command_line(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('[network]\nstructure = "tuned_ei"\nassemblies = 2\nseed = 3\n')
    done = run_command("network", "build", config, "--out", tmp_path / "net.h5")
    assert done.returncode == 0, done.stderr
    expected = ei.load_network(str(tmp_path / "net.h5")).content_hash()
    table = {"network": {"structure": "tuned_ei", "assemblies": 2}}
    for network in (ei.build(str(config)), ei.build(ei.load_config(config)), ei.build(table, seed=3)):
        assert network.content_hash() == expected
    assert ei.build(config, seed=4).content_hash() != expected


def test_another_preset_brings_its_own_defaults(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[network]\nseed = 2\n")
    network = ei.build(config, preset="dp3_A", structure="rand").description["config"]["network"]
    assert (network["preset"], network["seed"], network["assemblies"]) == ("dp3_A", 2, 20)


def test_odors_are_those_that_the_assemblies_were_built_from(tmp_path):
    table = {"network": {"structure": "rand"}, "odors": {"seed": 5, "learned": 2, "novel": 1}}
    network = ei.build(table)
    network_file.save(network, tmp_path / "net.h5")
    expected = draw_odor_set(parse_config(table, "test")).content_hash()
    for source in (table, network, ei.load_network(tmp_path / "net.h5")):
        assert ei.draw_odors(source).content_hash() == expected
    trials = ei.draw_odors(network, kind="trials", trials=2)
    assert [p.kind for p in trials.presentations] == ["novel", "learned"] * 2
    assert trials.description["config"]["odors"]["seed"] == 5


def test_odors_with_and_without_spikes():
    table = {"odors": {"novel": 1}}
    assert len(ei.draw_odors(table).ids) > 0
    assert len(ei.draw_odors(table, spikes=False).ids) == 0


def test_networks_of_others_smell_novel_odors_only():
    with pytest.raises(
        ConfigError, match="learned: expected 0 for a network that was not built here, found 2"
    ):
        ei.draw_odors(random_wiring(), learned=2)
    with pytest.raises(ConfigError, match="expected a multiple of 1500 mitral cells, found 30"):
        ei.draw_odors(random_wiring())


def test_files_are_read_back_from_text(tmp_path):
    odors = poisson_odors(1, 1000)
    odor_file.save(odors, tmp_path / "odors.h5")
    assert ei.load_odors(str(tmp_path / "odors.h5")).content_hash() == odors.content_hash()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ei.build(preset="Z"), "configuration: network.preset: expected 'A', 'B'"),
        (lambda: ei.build(sed=1), "network.sed: unknown key; did you mean seed?"),
        (lambda: ei.build({"network": 3}, seed=1), "network: expected a table, found 3"),
        (lambda: ei.load_config({}, ["seed=1"]), "expected SECTION.KEY=VALUE"),
        (lambda: ei.load_network("no.h5"), "no.h5: no such file; expected an"),
        (lambda: ei.open_run("no.h5"), "no.h5: no such file; expected an"),
        (lambda: ei.open_spikes("no.h5", "no.csv"), "no.h5: no such file"),
        (lambda: ei.measure([]), "runs: expected at least one, found none"),
        (lambda: ei.simulate("a", "b", "c", ranks=0), "ranks: expected at least 1, found 0"),
    ],
)  # fmt: skip
def test_errors_are_one_line(call, says):
    with pytest.raises(ei.EiassemblyError) as caught:
        call()
    assert says in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


# What records look like.


def test_nothing_fills_the_screen(run, tmp_path):
    spikes = write_sonata(tmp_path / "<b>.h5", regular_trains())
    (tmp_path / "p.csv").write_text("onset,offset,odor\n1000,3000,7\n")
    external = ei.open_spikes(spikes, tmp_path / "p.csv")
    records = (
        run, run.wiring, run.wiring.projections[0], run.wiring.assemblies[0], run.odors, run.odors.odors[0],
        run.spikes["E"], external, random_network(1), poisson_odors(1, 1000), ei.build(),
    )  # fmt: skip
    for record in records:
        assert len(repr(record)) < 250, repr(record)
        assert "array" not in repr(record)
    for record in (run, run.wiring, run.odors, external):
        assert "<table>" in record._repr_html_()
    assert "&lt;b&gt;.h5" in external._repr_html_()
    assert "<b>.h5" not in external._repr_html_()


def test_reprs_tell_what_one_wants_to_know(run):
    assert repr(run.wiring).startswith("Wiring(A tuned_ei seed 1; 30 OB, 40 E, 12 I; ")
    assert repr(run.wiring).endswith("contacts; 2 assemblies)")
    assert repr(run.wiring.assemblies[1]) == "Assembly(odor 1: 6 E)"
    assert "2 learned, 2 novel; 13 s; 30 mitral cells" in repr(run.odors)
    assert repr(run) == f"Run(tuned_ei, {run.path}: 13 s)"


# Tables and arrays.


def counted_by_hand(run, population, start, stop):
    """Spikes at onset + start < t <= onset + stop of every cell in every presentation."""
    spikes = run.spikes[population]
    times = spikes.steps * run.dt
    edges = [[p.onset + start + 1e-6, p.onset + stop + 1e-6] for p in run.presentations]
    cells = np.arange(spikes.n_cells + 1)
    return np.array([np.histogram2d(times, spikes.ids, [edge, cells])[0][0] for edge in edges])


def test_rates_are_counted_spikes_with_names(run):
    rates = run.rates("I", 100, 700)
    np.testing.assert_allclose(rates, counted_by_hand(run, "I", 100, 700) / 0.6)
    assert rates.dims == ("presentation", "cell")
    assert rates.odor.values.tolist() == [0, 1, 2, 3]
    assert rates.kind.values.tolist() == ["learned", "learned", "novel", "novel"]
    assert rates.attrs["units"] == "Hz"
    by_default = run.rates()
    np.testing.assert_allclose(by_default, counted_by_hand(run, "E", 0, 1500) / 1.5)
    # Of odors 0 and 1, cells 0 to 5 and 4 to 9 are the assemblies; those in both are named by the first.
    assert by_default.assembly.values[:11].tolist() == [0] * 6 + [1] * 4 + [-1]
    assert by_default.n_assemblies.values[:11].tolist() == [1] * 4 + [2] * 2 + [1] * 4 + [0]
    assert by_default.member.sum("cell").values.tolist() == [6, 6, 0, 0]
    assert by_default.member.values[1, 4:10].all()


def test_rates_outside_the_run_are_unknown(run):
    assert np.isnan(run.rates("E", 0, 3500)).all("cell").values.tolist() == [False, False, False, True]
    assert np.isnan(run.rates("E", -1500, 0)).all("cell").values.tolist() == [True, False, False, False]


def test_spikes_are_a_table_in_ms(run):
    table = run.spikes_frame("E")
    np.testing.assert_allclose(table["time"], run.spikes["E"].steps * run.dt)
    np.testing.assert_array_equal(table["cell"], run.spikes["E"].ids)
    shown = run.presentations_frame()
    intervals = pd.IntervalIndex.from_arrays(shown.onset, shown.offset, closed="right")
    expected = intervals.get_indexer(table["time"].round(3))
    np.testing.assert_array_equal(table["presentation"].fillna(-1), expected)
    during = table[expected >= 0]
    onsets = shown.onset.to_numpy()[expected[expected >= 0]]
    np.testing.assert_allclose(during["since_onset"], during["time"] - onsets)
    assert table[expected < 0]["since_onset"].isna().all()
    part = run.spikes_frame("E", 2000, 3000)
    assert len(part) == ((table["time"] > 2000.05) & (table["time"] < 3000.05)).sum() > 0


def test_presentations_are_a_table(run):
    table = run.presentations_frame()
    assert table.columns.tolist() == ["onset", "offset", "odor", "kind", "x", "y"]
    assert table.loc[1, ["onset", "offset", "odor", "kind"]].tolist() == [4000.0, 6000.0, 1, "learned"]


@pytest.mark.parametrize("cells", ["all", "inside", "outside"])
def test_bins_around_the_onset_add_up_to_rates(run, cells):
    table = run.psth("E", 0, 1500, width=100, cells=cells)
    rates = run.rates("E", 0, 1500)
    chosen = {"all": True, "inside": rates.member, "outside": ~rates.member}[cells]
    expected = rates.where(chosen).mean("cell")
    shown = [0, 1, 2, 3] if cells == "all" else [0, 1]  # novel odors have no assembly
    found = table.groupby("presentation").rate.mean()
    assert found.index.tolist() == shown
    np.testing.assert_allclose(found, expected[shown])
    assert table["time"].unique().tolist() == list(np.arange(50.0, 1500, 100))


def test_bins_outside_the_run_are_unknown(run):
    table = run.psth("E", -2000, 4000, width=500)
    unknown = table[table.rate.isna()]
    assert sorted(unknown[["presentation", "time"]].itertuples(index=False, name=None)) == [
        (0, -1750.0), (0, -1250.0), (3, 3250.0), (3, 3750.0),
    ]  # fmt: skip


def test_overlaps_are_members_minus_others(run):
    table = run.overlaps(0, 1000).set_index(["presentation", "memory"])
    rates = run.rates("E", 0, 1000).values
    for odor, members in ((0, range(6)), (1, range(4, 10))):
        others = [cell for cell in range(40) if cell not in members]
        expected = rates[:, list(members)].mean(axis=1) - rates[:, others].mean(axis=1)
        np.testing.assert_allclose(table.xs(odor, level="memory").overlap, expected)
    assert table[table.own].index.tolist() == [(0, 0), (1, 1)]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda run: run.rates("X"), "population: expected one of OB, E, I, found X"),
        (lambda run: run.rates("E", 100, 100), "stop: expected a time after start, 100 ms, found 100 ms"),
        (lambda run: run.psth(start=0, stop=100, width=30), "width: expected a part of 100 ms, found 30 ms"),
        (
            lambda run: run.psth(start=0, stop=1, width=0.25),
            "width: expected whole time steps, found 0.25 ms",
        ),
        (lambda run: run.psth(start=0, stop=1, width=0), "width: expected a part of 1 ms, found 0 ms"),
        (
            lambda run: run.psth(cells="within"),
            "cells: expected 'all', 'inside' or 'outside', found 'within'",
        ),
        (lambda run: run.to_neo("X"), "population: expected one of OB, E, I, found X"),
        (
            lambda run: ei.plot.raster(run, odor=9),
            "odor: expected one that is presented: 0, 1, 2, 3; found 9",
        ),
        (lambda run: ei.plot.raster(run, presentation=4), "presentation: expected 0 to 3, found 4"),
        (lambda run: ei.plot.rates(run, kind="mixture"), "expected runs with mixture odors"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(run, call, says):
    with pytest.raises(ConfigError, match=re.escape(says)):
        call(run)


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("pandas", lambda run: run.presentations_frame()),
        ("pandas", ei.measure),
        ("xarray", lambda run: run.rates()),
        ("neo", lambda run: run.to_neo()),
        ("pynapple", lambda run: run.to_pynapple()),
    ],
)
def test_missing_packages_are_asked_for_in_one_line(run, package, call, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        EnvironmentProblemError, match=f"^{package} is not installed: pip install {package}, or"
    ):
        call(run)


# Other people's objects.


def test_elephant_computes_with_the_neo_object(run):
    segment = run.to_neo()
    assert len(segment.spiketrains) == 52
    rates = run.rates("E", 0, 1500)
    trains = [train for train in segment.spiketrains if train.annotations["population"] == "E"]
    for row, onset in enumerate(segment.epochs[0].times):
        # Elephant counts spikes at start <= t <= stop.
        ends = (onset + 0.05 * pq.ms).rescale("ms"), (onset + 1500.05 * pq.ms).rescale("ms")
        found = [float(elephant.statistics.mean_firing_rate(t, *ends) * 1500 * pq.ms) for t in trains]
        np.testing.assert_allclose(found, 1.5 * rates[row])
    assert [train.annotations["cell"] for train in trains] == list(range(40))
    assert trains[4].annotations["assemblies"] == [0, 1]
    assert segment.epochs[0].labels.tolist() == ["learned 0", "learned 1", "novel 2", "novel 3"]
    assert segment.epochs[0].array_annotations["odor"].tolist() == [0, 1, 2, 3]
    assert [t.annotations["population"] for t in run.to_neo("I").spiketrains] == ["I"] * 12


def test_pynapple_computes_tuning_curves(run):
    trains, shown = run.to_pynapple("E")
    rates = run.rates("E", 0, 2000)
    by_odor = {str(odor): shown[[row]] for row, odor in enumerate(shown["odor"])}
    np.testing.assert_allclose(nap.compute_response_per_epoch(trains, by_odor).T, rates)
    # The same as a tuning curve over a feature, the number of the odor at every ms.
    times = np.arange(0, run.duration / 1000, 0.001)
    feature = nap.Tsd(times, (times - 1) // 3, time_support=trains.time_support)
    curves = nap.compute_tuning_curves(trains, feature, bins=4, range=(-0.5, 3.5), epochs=shown, fs=1000)
    np.testing.assert_allclose(curves.T, rates, atol=0.51)  # a spike in 2 s at the edge of an odor
    assert np.corrcoef(curves.T.values.ravel(), rates.values.ravel())[0, 1] > 0.99
    assert shown["kind"].tolist() == ["learned", "learned", "novel", "novel"]
    assert trains["assembly"].tolist() == rates.assembly.values.tolist()


def test_silent_cells_are_not_lost(tmp_path):
    trains = regular_trains()
    spikes = write_sonata(tmp_path / "spikes.h5", trains)
    (tmp_path / "p.csv").write_text("onset,offset,odor\n1000,3000,7\n4000,6000,3\n")
    sizes = {"E": CELLS["E"] + 2}
    external = ei.open_spikes(
        str(spikes), presentations=str(tmp_path / "p.csv"), sizes=sizes, principal="E", inhibitory="I"
    )
    times, ids = trains["E"]
    assert external.rates("E", 0, 2000).shape == (2, 8)
    per_odor = [np.bincount(ids[(times > on) & (times <= on + 2000)], minlength=8) for on in (1000, 4000)]
    np.testing.assert_allclose(external.rates("E", 0, 2000), np.array(per_odor) / 2)
    assert [len(train) for train in external.to_neo("E").spiketrains] == np.bincount(
        ids, minlength=8
    ).tolist()
    assert len(external.to_pynapple()[0]) == 8
    assert external.overlaps().empty
    assert external.psth(cells="inside").empty
    assert ei.plot.raster(external, odor=3).get_title(loc="left").endswith("novel odor 3")
    measured = ei.measure(external)
    assert measured["run"].unique().tolist() == ["spikes.h5"]


# Measures, figures, reports.


def test_measures_are_a_tidy_table(run, tmp_path):
    other = write_random_run(tmp_path / "other.h5", "rand", 2)
    table = ei.measure([run, str(other)])
    assert table.columns.tolist() == [
        "run", "label", "network", "structure", "preset", "seed",
        "experiment", "condition", "measure", "unit", "value",
    ]  # fmt: skip
    observed = analyse_run(open_run(other)).observables["novel"]
    chosen = table[(table.run == "other.h5") & (table.condition == "novel") & (table.measure == "odor_rate")]
    assert chosen[["value", "unit"]].to_numpy().tolist() == [[observed.odor_rate, "Hz"]]
    assert ei.measure(run.path).equals(ei.measure(run))


def test_runs_with_the_same_label_are_told_apart(run, tmp_path):
    same = write_random_run(tmp_path / "same.h5")
    assert ei.measure([run, same])["label"].unique().tolist() == ["tuned_ei (run)", "tuned_ei (same)"]
    lines = ei.plot.rates([run, ei.open_run(same)]).get_lines()
    assert [line.get_label() for line in lines] == ["tuned_ei (run)", "tuned_ei (same)"]
    assert lines[0].get_color() != lines[1].get_color()


def test_figures_go_where_one_wants_them(run):
    first, second = plt.subplots(1, 2)[1]
    assert ei.plot.raster(run, odor=2, ax=first) is first
    assert ei.plot.rates([run], ax=second) is second
    assert first.get_title(loc="left") == "Tuned E+I, novel odor 2"
    times, rates = second.get_lines()[0].get_data()
    expected = run.psth().groupby("time").rate.mean()
    np.testing.assert_allclose(times, expected.index)
    np.testing.assert_allclose(rates, expected)


def test_reports_are_of_runs_and_go_where_they_can_be_written(run, tmp_path):
    with pytest.raises(EnvironmentProblemError, match="does not exist"):
        ei.report(run, tmp_path / "no" / "report.html")
    spikes = write_sonata(tmp_path / "spikes.h5", regular_trains())
    (tmp_path / "p.csv").write_text("onset,offset,odor\n1000,3000,7\n")
    with pytest.raises(ConfigError, match="expected runs: a report needs the network, too"):
        ei.report(ei.open_spikes(spikes, tmp_path / "p.csv"), tmp_path / "report.html")


def test_the_command_line_is_a_thin_layer():
    assert report is ei.report
    assert draw_odors is ei.draw_odors
    assert load_config is ei.load_config


# Simulations.


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A small network and 1.5 s of odors for it."""
    folder = tmp_path_factory.mktemp("files")
    network_file.save(random_network(1), folder / "net.h5")
    odor_file.save(poisson_odors(1, 15000), folder / "odors.h5")
    return folder


@pytest.mark.nest
def test_objects_and_files_are_simulated_alike(files, tmp_path):
    network, odors = ei.load_network(files / "net.h5"), ei.load_odors(files / "odors.h5")
    options = {"duration": 500, "threads": 2, "record": "V_m", "cells": 3, "every": 10}
    first = ei.simulate(network, odors, tmp_path / "a.h5", **options)
    second = ei.simulate(files / "net.h5", str(files / "odors.h5"), str(tmp_path / "b.h5"), **options)
    assert first.network_hash == network.content_hash()
    assert first.duration == 500
    assert first.records["E"].values["V_m"].shape == (50, 3)
    assert len(first.spikes["E"].steps) > 0
    for name in first.spikes:
        assert first.spikes[name].steps.tolist() == second.spikes[name].steps.tolist()
        assert first.spikes[name].ids.tolist() == second.spikes[name].ids.tolist()


@pytest.mark.nest
def test_a_run_that_was_interrupted_goes_on(files, tmp_path):
    found = files / "net.h5", files / "odors.h5"
    whole = ei.simulate(*found, tmp_path / "whole.h5", duration=600)
    first = ei.simulate(*found, tmp_path / "first.h5", duration=300, checkpoint_every=100)
    more = ei.simulate(*found, tmp_path / "more.h5", duration=600, from_snapshot=first.path)
    assert more.spikes["E"].steps.tolist() == whole.spikes["E"].steps.tolist()
    written = more.path.stat().st_mtime_ns
    again = ei.simulate(*found, more.path, duration=600, resume=True)
    assert again.path.stat().st_mtime_ns == written  # complete already


@pytest.mark.nest
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"network": "no.h5"}, "no.h5: no such file; expected an eiassembly-network file"),
        ({"duration": -1}, "--duration: expected greater than 0, found -1.0"),
        ({"neuron": "none"}, "Invalid value for '--neuron': 'none' is not one of 'extension', 'nest'."),
        ({"out": "no/run.h5"}, "no/run.h5: cannot write: the directory no does not exist"),
    ],
)
def test_errors_of_the_other_process_are_those_of_the_command(files, tmp_path, monkeypatch, changes, says):
    monkeypatch.chdir(tmp_path)
    given = {"network": files / "net.h5", "odors": files / "odors.h5", "out": "run.h5"} | changes
    with pytest.raises(ei.EiassemblyError, match=f"^{re.escape(says)}$"):
        ei.simulate(**given)


SPEAKER = """
import sys
for line in ("eiassembly: warning: slow", "compiling the neuron …", "simulated 0.5 of 2.0 s in 1 s",
             "simulated 2.0 of 2.0 s in 4 s"):
    print(line, file=sys.stderr)
"""


class FakeBar:
    """What is done of how much, after every update."""

    def __init__(self, total, bar_format, disable):
        self.n, self.total, self.shown, self.disable = 0.0, total, [], disable
        FakeBar.latest = self

    def update(self, more):
        self.n += more
        self.shown.append((self.n, self.total))

    def close(self):
        self.shown.append("closed")


@pytest.mark.parametrize(("asked", "disable"), [(True, None), (False, True)])
def test_progress_news_and_warnings_come_through(monkeypatch, capfd, asked, disable):
    monkeypatch.setattr("eiassembly.core.child._launcher", lambda ranks: [sys.executable, "-c", SPEAKER])
    monkeypatch.setattr("eiassembly.core.child.tqdm", FakeBar)
    with pytest.warns(RuntimeWarning, match="^slow$"):
        run_child([], bar=asked)
    assert FakeBar.latest.shown == [(0.5, 2.0), (2.0, 2.0), "closed"]
    assert FakeBar.latest.disable is disable
    assert capfd.readouterr() == ("", "compiling the neuron …\n")


def test_what_mpirun_says_besides_is_left_out():
    said = [
        "-----",
        "eiassembly: error: net.h5: no such file",
        "-----",
        "mpirun has exited due to process rank 1",
    ]
    assert _reason(said, 1) == "net.h5: no such file"
    assert _reason([], -9) == "the simulation ended with status -9"


def test_without_an_mpirun_it_is_asked_for(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *arguments, **options: None)
    with pytest.raises(EnvironmentProblemError, match="ranks = 2: expected an mpirun, found none"):
        run_child(["doctor"], ranks=2)


@pytest.mark.nest
@needs_mpi
def test_ranks_make_no_difference(files, tmp_path):
    options = {"duration": 300, "oversubscribe": True}
    found = files / "net.h5", files / "odors.h5"
    one, two = (ei.simulate(*found, tmp_path / f"{n}.h5", ranks=n, **options) for n in (1, 2))
    assert two.provenance["ranks"] == 2
    assert one.spikes["E"].steps.tolist() == two.spikes["E"].steps.tolist()
    with pytest.raises(ei.EiassemblyError, match=r"^no\.h5: no such file"):
        ei.simulate("no.h5", found[1], tmp_path / "no.h5", ranks=2, oversubscribe=True)


LONG = """
import signal
from dataclasses import replace

import eiassembly as ei
from simulations import poisson_odors, random_network

# A shell that starts this in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
odors = replace(poisson_odors(1, 1000), n_steps=10**8)
try:
    ei.simulate(random_network(1), odors, "run.h5", block=100)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.nest
def test_an_interrupt_ends_both_processes(repository, tmp_path):
    environ = environment(PYTHONPATH=f"{repository / 'tests'}:{repository / 'src'}", TMPDIR=str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", LONG], cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True
    )
    partial = tmp_path / "run.h5.partial"
    while not partial.exists():
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)  # to this process alone, as a notebook does it
    try:
        assert process.communicate(timeout=120)[0] == "interrupted\n"
    finally:
        process.kill()
    assert process.returncode == 0
    assert not is_open(partial)
    assert list(tmp_path.glob("eiassembly-*")) == []


def is_open(path):
    """Whether any process of this machine has a file open."""
    files = (link for link in Path("/proc").glob("[0-9]*/fd/*") if link.is_symlink())
    return any(target == str(path) for target in map(target_of, files))


def target_of(link):
    try:
        return str(link.readlink())
    except OSError:
        return ""


def test_runs_are_read_with_names_as_text_and_damage_is_named(tmp_path):
    (tmp_path / "run.h5").write_text("no")
    with pytest.raises(FileFormatError, match="not a readable HDF5 file"):
        open_run(str(tmp_path / "run.h5"))
