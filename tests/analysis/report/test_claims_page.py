"""``eiassembly claims``: a page with every claim, its figures beside it, the numbers as a table."""

import csv
import re
from xml.etree import ElementTree

import pytest
from run_files import random_wiring, write_random_run

from eiassembly.analysis.claims.paper import CLAIMS
from eiassembly.cli import main
from eiassembly.connectivity.files import network as network_file


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("claims")
    for structure in ("rand", "scaled_i", "tuned_ei"):
        (folder / structure).mkdir()
        write_random_run(folder / structure / "run.h5", structure, seed=1)
    network_file.save(random_wiring(), folder / "net.h5")
    return folder


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "notes.toml").write_text('introduction = "From random spikes."\n[claims]\nS4 = "Of course."\n')
    main(["claims", str(runs), "--out", str(folder / "C.md"), "--notes", str(folder / "notes.toml")])
    return folder / "C.md"


def test_every_claim_has_a_row_and_a_section(page):
    text = page.read_text()
    rows = re.findall(r"^\| ([A-Z]\d) \|.*\|$", text, re.MULTILINE)
    sections = re.findall(r"^### ([A-Z]\d)\. ", text, re.MULTILINE)
    assert rows == sections == [claim.name for claim in CLAIMS]
    assert "From random spikes." in text
    assert "Of course." in text.split("### S4.")[1].split("###")[0]
    assert text.count("| A | ") == 3  # one row per run


def test_what_is_measured_is_shown_and_what_is_not_says_so(page):
    text = page.read_text()
    assert re.search(
        r"^\| R1 \|.*rand [\d.]+ Hz \(n = 1\) \| \*\*does not hold\*\* \[figure\]", text, re.MULTILINE
    )
    assert re.search(r"^\| S1 \|.*\| – \| \*\*not measured\*\* \|$", text, re.MULTILINE)


def test_figures_are_pictures_and_all_of_them_are_linked(page):
    linked = set(re.findall(r"\((C_figures/[A-Z]\d\.svg)\)", page.read_text()))
    assert linked == {f"C_figures/{path.name}" for path in (page.parent / "C_figures").iterdir()}
    for name in linked:
        assert ElementTree.fromstring((page.parent / name).read_text()).tag.endswith("svg")  # noqa: S314 (our own output)


def test_the_table_has_all_samples(page):
    with page.with_suffix(".csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["structure"] for row in rows} == {"rand", "scaled_i", "tuned_ei"}
    rates = [row for row in rows if row["quantity"] == "odor_rate"]
    assert len(rates) == 3 * 2
    assert all(row["unit"] == "Hz" and float(row["value"]) > 0 for row in rates)


def test_the_same_runs_give_the_same_files(page, runs, tmp_path):
    notes = page.parent / "notes.toml"
    main(["claims", str(runs), "--out", str(tmp_path / "C.md"), "--notes", str(notes)])
    for path in (page, page.with_suffix(".csv"), *(page.parent / "C_figures").iterdir()):
        assert (tmp_path / path.relative_to(page.parent)).read_bytes() == path.read_bytes()


def test_what_is_no_run_is_left_out_with_a_warning(runs, tmp_path, capsys):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "run.h5").write_text("nothing that HDF5 knows")
    main(["claims", str(tmp_path / "bad"), str(runs / "rand"), "--out", str(tmp_path / "C.md")])
    assert capsys.readouterr().err.startswith(f"eiassembly: warning: {tmp_path}/bad/run.h5: not a readable")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["none"], "none: no such file or directory"),
        (["empty"], "empty: expected at least one complete run"),
        (["empty", "--notes", "bad.toml"], "bad.toml: claims.X9: expected one of "),
        (["empty", "--notes", "key.toml"], "key.toml: intro: unknown key"),
    ],
)
def test_mistakes(arguments, expected, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.toml").write_text('[claims]\nX9 = "?"\n')
    (tmp_path / "key.toml").write_text('intro = "?"\n')
    with pytest.raises(SystemExit) as caught:
        main(["claims", *arguments, "--out", "C.md"])
    assert caught.value.code == 1
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "C.md").exists()
