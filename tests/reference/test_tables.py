"""Our tables about the authors' data, against their files and code; and where the data are looked for."""

import json
import os
import re
import zipfile
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import authors_data
import numpy as np
import pytest
from authors_data import (
    FOLDER,
    KINDS,
    MODEL,
    NETWORKS,
    OBSERVABLES,
    TABLES,
    counts_and_digest,
    needs_authors_data,
    needs_expected,
    reference_folder,
    reference_runs,
    strengths,
    strengths_3,
)

CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEETS = {1: strengths, 2: strengths_3}


def rows_of(workbook, sheet):
    """Rows of text and numbers of one sheet, without empty ones."""
    parts = ("xl/sharedStrings.xml", f"xl/worksheets/sheet{sheet}.xml")
    # The sha256 of the file is known.
    texts, cells = (ElementTree.fromstring(workbook.read(part)) for part in parts)  # noqa: S314
    words = ["".join(text.itertext()) for text in texts]
    for row in cells.iter(f"{CELL}row"):
        filled = [(cell, cell.find(f"{CELL}v").text) for cell in row if cell.find(f"{CELL}v") is not None]
        if filled:
            yield [words[int(value)] if cell.get("t") == "s" else float(value) for cell, value in filled]


@pytest.mark.skipif(
    not (MODEL / "parameters.xlsx").exists(),
    reason="the authors' parameters.xlsx is not here: make reference",
)
@pytest.mark.parametrize("sheet", SHEETS)
def test_strengths_are_those_of_the_authors_workbook(sheet):
    with zipfile.ZipFile(MODEL / "parameters.xlsx") as workbook:
        rows = list(rows_of(workbook, sheet))
    assert len(rows) == 20
    assert {name: SHEETS[sheet](name) for name, *_ in rows} == {name: tuple(row) for name, *row in rows}


@pytest.mark.skipif(not (MODEL / "strengths.json").exists(), reason="strengths.json is not here")
def test_strengths_are_those_of_the_table_beside_the_expected_results():
    tables = json.loads((MODEL / "strengths.json").read_text())
    for populations, ours in (("2pop", strengths), ("3pop", strengths_3)):
        networks = tables[populations]["networks"]
        theirs = {name: tuple(row) for name, row in networks.items() if name != "null"}
        assert len(theirs) == 20
        assert {name: ours(name) for name in theirs} == theirs


def test_every_run_is_in_the_table():
    cases = [(row["net"], row["kind"], row["odors"]) for row in reference_runs()]
    assert cases == list(product(NETWORKS, KINDS, ("learned", "novel")))
    assert len({row["sha256"] for row in reference_runs()}) == 32


@needs_expected
def test_runs_are_those_of_the_authors_code():
    rows = json.loads((FOLDER / "expected" / "runs_2pop.json").read_text())
    assert len(rows) == 32
    for theirs in rows:
        [ours] = reference_runs(**{key: theirs[key] for key in ("net", "kind", "odors")})
        assert [ours[key] for key in ("n_e", "n_i", "sha256")] == [
            theirs[key] for key in ("nE", "nI", "sha256")
        ]
        found = {OBSERVABLES[name]: ours[name] for name in OBSERVABLES if name in ours}
        want = {key: theirs[key] for key in OBSERVABLES.values() if key in theirs}
        assert found == pytest.approx(want, rel=1e-12)


@needs_expected
def test_pieces_are_those_of_the_authors_code():
    with np.load(FOLDER / "expected" / "spikes_A_1_rand_learned_3s.npz") as want:
        theirs = {name: (want[f"{name.lower()}_step"], want[f"{name.lower()}_id"]) for name in ("E", "I")}
    for ms in (1200, 3000):
        [ours] = reference_runs(net="connec_A_1", kind="rand", odors="learned", ms=ms)
        assert counts_and_digest(theirs, until=10 * ms).items() <= ours.items()


def test_places_in_their_order(monkeypatch, tmp_path):
    """Named, beside the repository, fetched; a named folder counts even if nothing is there."""
    tests = tmp_path / "eiassembly" / "tests"
    beside, cache = tmp_path / "shared" / "reference", tmp_path / "cache"
    monkeypatch.setattr(authors_data, "TESTS", tests)
    monkeypatch.setenv("EIASSEMBLY_REFERENCE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    assert reference_folder() == cache / "eiassembly" / "reference"
    (beside / "pdp_model").mkdir(parents=True)
    assert reference_folder() == beside
    monkeypatch.setenv("EIASSEMBLY_REFERENCE", str(tmp_path / "named"))
    assert reference_folder() == tmp_path / "named"
    monkeypatch.setenv("EIASSEMBLY_REFERENCE", "")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (beside / "pdp_model").rmdir()
    assert reference_folder() == tmp_path / "home" / ".cache" / "eiassembly" / "reference"


def listed():
    """Places of what is fetched, in our folder."""
    lines = (line.split() for line in (TABLES / "files.sha256").read_text().splitlines())
    return {words[-1] for words in lines if len(words[0]) == 64}


@needs_authors_data
def test_no_file_of_theirs_is_used_that_is_not_fetched():
    """Whoever adds a file beside the repository has to list it."""
    present = {
        os.path.relpath(path, MODEL) for path in MODEL.rglob("*") if path.is_file()
    } - {"strengths.json"}  # fmt: skip
    assert present <= listed()


def test_the_manifest_is_well_formed():
    lines = [line for line in (TABLES / "files.sha256").read_text().splitlines() if not line.startswith("#")]
    assert re.fullmatch(r"commit [0-9a-f]{40}", lines[0])
    assert all(re.fullmatch(r"[0-9a-f]{64}(  [\w./]+){1,2}", line) for line in lines[1:])
    assert not any(Path(name).is_absolute() or ".." in name for name in listed())
