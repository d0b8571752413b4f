"""Results as CSV and HDF5 are those of JSON, with the arrays behind them."""

import csv
import json
import math

import h5py
import numpy as np
import pytest
from run_files import summary_of

from eiassembly.analysis.experiments.experiment import Experiment
from eiassembly.analysis.measures.measure import Measure, Sample, by_name
from eiassembly.analysis.report.as_json import as_json
from eiassembly.analysis.report.export import COLUMNS, write_results
from eiassembly.analysis.report.survey import Survey
from eiassembly.cli import main


def test_csv_has_every_value_once(results, tmp_path):
    write_results(summary_of(results), path := tmp_path / "results.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    keys = [(row["run"], row["condition"], row["measure"]) for row in rows]
    assert len(set(keys)) == len(keys)
    by_key = dict(zip(keys, rows, strict=True))
    for result in results:
        for kind, observed in result.observables.items():
            for name, expected in (vars(observed) | vars(result.dynamics[kind].measures)).items():
                text = by_key[result.run.path.name, kind, name]["value"]
                assert text == ("" if math.isnan(expected) else repr(float(expected)))


def test_csv_has_the_samples_of_experiments(tmp_path):
    measure = Measure("index", "Index", "Hz", "Fig. 3")
    found = [Sample("morph", "A seed 1", "rand", "index", value, "15 to 0") for value in (0.25, math.nan)]

    class Found:
        def samples(self):
            return iter(found)

    experiment = Experiment("morph", "Morphs", by_name(measure), bool, lambda mine, others: Found())
    both = ((experiment, Found()),)
    write_results(Survey((), (), both), path := tmp_path / "results.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["value"] for row in rows] == ["0.25", ""]
    named = {"label": "A seed 1", "network": "A seed 1", "structure": "rand", "measure": "index"}
    assert rows[0] | named | {"condition": "15 to 0", "unit": "Hz", "experiment": "morph"} == rows[0]


def test_hdf5_has_the_arrays_and_their_units(results, tmp_path):
    write_results(summary_of(results), path := tmp_path / "results.h5")
    assert [file.name for file in tmp_path.iterdir()] == ["results.h5"]
    with h5py.File(path) as h5:
        assert json.loads(h5["results"].asstr()[()]) == as_json(summary_of(results))
        for number, result in enumerate(results):
            group = h5[f"runs/{number}"]
            assert group.attrs["network_hash"] == result.run.network_hash
            np.testing.assert_array_equal(group["rates/E"][:], result.responses.rates)
            np.testing.assert_array_equal(group["conductances/I"][:], result.responses.conductances["I"])
            assert group["conductances/I"].attrs["units"] == "nS"
        undescribed = []
        h5.visititems(lambda name, item: undescribed.append(name) if not _is_described(item) else None)
    assert undescribed == []


def _is_described(item):
    return isinstance(item, h5py.Group) or bool(item.attrs.get("units") and item.attrs.get("description"))


def test_unknown_formats_are_refused_before_the_work(tmp_path, capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["analyse", str(tmp_path / "run.h5"), "--out", str(tmp_path / "results.xlsx")])
    assert "expected one of the suffixes .json, .h5, .csv" in capsys.readouterr().err
