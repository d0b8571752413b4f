"""``eiassembly analyse --spikes``."""

import csv
import json

import h5py
import numpy as np
import pytest
from sonata_spikes import regular_trains, write_sonata

from eiassembly.cli import main


@pytest.fixture
def files(tmp_path):
    write_sonata(tmp_path / "spikes.h5", regular_trains(), "'by_id'")
    (tmp_path / "pres.csv").write_text("onset,offset,odor\n1000,3000,0\n4000,6000,1\n")
    (tmp_path / "assemblies.csv").write_text("odor,node_id\n0,1\n0,2\n1,2\n")
    return tmp_path


def command(folder, *more):
    named = ["--spikes", "spikes.h5", "--presentations", "pres.csv"]
    return ["analyse", *(str(folder / t) if t[0] != "-" else t for t in named), *map(str, more)]


def test_all_formats_are_written(files, capsys):
    outs = [files / f"results.{suffix}" for suffix in ("json", "h5", "csv")]
    members = ["--assemblies", files / "assemblies.csv"]
    main([*command(files, *members), *(text for out in outs for text in ("--out", str(out)))])
    printed = capsys.readouterr().out
    assert "Evoked conductance, all sources nS 1 to 9 –" in " ".join(printed.split())
    (run,) = json.loads(outs[0].read_text())["runs"]
    assert (run["label"], run["structure"], run["delay_ms"], run["network_hash"]) == ("spikes", "", None, "")
    assert run["provenance"]["files"]["presentations"] == "pres.csv"
    assert run["observables"]["novel"]["g_syn"]["value"] is None
    assert run["observables"]["novel"]["assembly_rate"]["value"] > 0
    assert run["memory"]["activity_overlap"]["memories"] == [0, 1]
    with h5py.File(outs[1]) as h5:
        assert h5["runs/0/rates/E"].shape == (2, 6)
        assert "conductances" not in h5["runs/0"]
        np.testing.assert_array_equal(h5["runs/0/presentations/odor"][:], [0, 1])
    with outs[2].open(encoding="utf-8", newline="") as file:
        values = {(row["condition"], row["measure"]): row["value"] for row in csv.DictReader(file)}
    assert values["novel", "g_syn"] == ""
    assert float(values["novel", "odor_rate_I"]) == pytest.approx(run["rates_Hz"]["novel"]["I"])


def test_options_reach_the_measurement(files, capsys):
    more = ("--principal", "I", "--inhibitory", "E", "--size", "I=30", "--duration", "9000", "--dt", "0.5")
    main(command(files, *more, "--out", files / "results.json"))
    (run,) = json.loads((files / "results.json").read_text())["runs"]
    assert run["duration_ms"] == 9000
    assert list(run["rates_Hz"]["novel"]) == ["I", "E"]
    capsys.readouterr()


def failure(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code not in (0, None)
    return capsys.readouterr().err


def test_a_bad_table_is_one_line_and_nothing_is_written(files, capsys):
    (files / "pres.csv").write_text("onset,offset,odor\n1000,3000,0\nlate,6000,1\n")
    before = sorted(files.iterdir())
    said = failure(command(files, "--out", files / "results.json"), capsys)
    assert said.count("\n") == 1
    assert "pres.csv: line 3: column onset: expected a time in ms from 0 to 1e+12, found 'late'" in said
    assert sorted(files.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["analyse", "--dt", "0.1"], "Missing option '--spikes'"),
        (["analyse", "--spikes", "a.h5"], "Missing option '--presentations'"),
        (["analyse", "run.h5", "--spikes", "a.h5"], "--spikes: either runs, or --spikes"),
        (["analyse", "--size", "E"], "expected POPULATION=N"),
        (["analyse", "--size", "E=-3"], "expected POPULATION=N"),
        (["analyse"], "RUN.h5"),
        (["analyse", "--spikes", "a", "--presentations", "b", "--dt", "0.3"], "divides 10 ms, found 0.3 ms"),
        (["analyse", "--spikes", "a.h5", "--presentations", "nowhere.csv"], "a.h5: no such file"),
    ],
)
def test_impossible_combinations_are_refused(arguments, said, capsys):
    assert said in failure(arguments, capsys)


def test_what_is_read_is_never_overwritten(files, capsys):
    before = (files / "pres.csv").read_bytes()
    assert "expected another file" in failure(command(files, "--out", files / "pres.csv"), capsys)
    assert (files / "pres.csv").read_bytes() == before
