"""The pages say what was measured, and explain what misses and nothing else."""

import doctest
import json

import pytest

from benchmarks import figures, pages, results
from benchmarks.rows import REQUIREMENTS, judge


def table(text, heading):
    """Rows (lists of cells) of the first table below a heading."""
    lines = text.split(f"## {heading}")[1].split("\n|", 1)[1].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_table_has_every_requirement_with_its_bounds_and_verdict(measured):
    rows = table(pages.benchmarks_page(measured), "What is required")
    assert [row[0] for row in rows] == [r.title for r in REQUIREMENTS]
    by_title = {row[0]: row[1:] for row in rows}
    titles = {r.key: r.title for r in REQUIREMENTS}
    assert by_title[titles["stock"]] == ["≥ 18 ×", "≥ 40 ×", "40 (40–40) ×, n = 3", "aim"]
    assert by_title[titles["exact-loop"]] == ["≤ 3.5 ×", "≤ 1.5 ×", "4 (4–4) ×, n = 3", "**misses must**"]
    assert by_title[titles["wiring"]] == ["< 1 s", "< 0.3 s", "0.4 (0.2–0.6) s, n = 3", "must"]


def test_rows_that_were_not_measured_say_so(measured):
    measured["contest"] = [row for row in measured["contest"] if row["contestant"] != "brian2"]
    measured["brian2"] = []
    text = pages.benchmarks_page(measured)
    assert ["not measured", "–"] in [row[3:] for row in table(text, "What is required")]
    assert "was not measured: `.venv-brian2` was not there" in text


def test_only_missed_rows_are_explained(measured):
    found = pages.explanations(judge(measured), {"exact-loop": "because", "brian2": "stale"})
    texts = {row.requirement.key: text for row, text in found}
    assert texts == {
        "exact-loop": "because",
        "connecting": "Not yet explained.",
        "analysis": "Not yet explained.",
    }


def test_notes_belong_to_rows():
    notes = pages.notes()
    assert set(notes) <= {r.key for r in REQUIREMENTS}
    assert all(notes.values())


def test_the_page_names_the_network_and_what_was_left_out(measured):
    text = pages.benchmarks_page(measured)
    assert "Network of the comparison: a network of nobody." in text
    assert "Scale 40 was left out: it would need about 4 GiB, of which 2 were free." in text
    assert "quick run" not in text
    measured["plan"] = measured["plan"] | {"duration": 300.0}
    assert "quick run" in pages.benchmarks_page(measured)


def test_every_size_and_layout_has_a_line(measured):
    rows = table(pages.benchmarks_page(measured), "Size, ranks and threads")
    assert [(row[0], row[3]) for row in rows] == [
        (scale, layout) for scale in ("1", "2", "20") for layout in ("1 × 1", "1 × 2", "2 × 1")
    ]


def test_different_numbers_of_spikes_are_seen(measured):
    for row in results.select(measured["contest"], contestant="brian2", delay=1.0):
        row["spikes"] = {"E": 7000, "I": 8400}
    lines = pages.comparison_table(measured)
    differences = {(line["label"], line["delay"]): line["difference"] for line in lines}
    assert differences["Brian2 C++", 1.0] == pytest.approx(5.0)
    assert differences["dedicated loop", 1.0] == 0.0
    assert differences["stock NEST neurons", 0.1] is None  # another duration: nothing to compare


def test_runs_that_should_have_the_same_spikes_and_have_not_are_on_both_pages(measured):
    assert "Not valid" not in pages.benchmarks_page(measured) + pages.scaling_page(measured, None)
    wrong = results.select(measured["scaling"], scale=20, threads=2)[0]
    wrong["spikes"] = {"E": 999_999, "I": 0}
    for text in (pages.benchmarks_page(measured), pages.scaling_page(measured, None)):
        assert "Not valid" in text
        assert "scale 20, delay 1 ms, 2000 ms: (E, I) spikes [(200000, 0), (999999, 0)]" in text


@pytest.mark.parametrize(
    ("contestant", "number", "complaints"),
    [("loop", 7001, 1), ("brian2", 7001, 0), ("brian2", 7340, 0), ("brian2", 7360, 1), ("brian2", 6640, 1)],
)
def test_ours_and_the_loop_must_be_equal_and_brian2_similar(contestant, number, complaints, measured):
    row = results.select(measured["contest"], contestant=contestant, delay=1.0)[0]
    row["spikes"] = {"E": number, "I": 8000}
    assert len(results.disagreements(measured)) == complaints


def observed(verdict):
    run = {"structure": "rand", "odors": 5}
    values = {"rate": 1.2345, "slope": None}
    return {
        "quantities": {
            "rate": {"title": "Rate", "unit": "Hz", "range": "0.9 to 1.1", "bounds": [0.9, 1.1]},
            "slope": {"title": "Slope", "unit": "1", "range": "", "bounds": [None, None]},
        },
        "runs": [
            {**run, "scale": k, "values": dict(values), "verdicts": {"rate": verdict, "slope": ""}}
            for k in (1, 16)
        ],
    }


def test_observables_out_of_range_are_named(measured):
    text = pages.scaling_page(measured, observed("above"))
    assert "| Rate (Hz) | 0.9 to 1.1 | 1.23 **above** | 1.23 **above** |" in text
    assert "| Slope | – | – | – |" in text
    assert "Outside: Rate above (rand, k = 1); Rate above (rand, k = 16)." in text
    assert "All that has a range is inside it" in pages.scaling_page(measured, observed("in range"))
    assert "Not measured" in pages.scaling_page(measured, None)


def test_observables_without_a_range_that_change_with_size_are_named(measured):
    found = observed("in range")
    assert "different by more than a third" not in pages.scaling_page(measured, found)
    found["runs"][0]["values"]["slope"], found["runs"][1]["values"]["slope"] = 0.3, 0.1
    assert "Slope (rand: 0.3 at k = 1, 0.1 at k = 16)." in pages.scaling_page(measured, found)


def test_the_scaling_page_holds_fitted_numbers(measured):
    text = pages.scaling_page(measured, None)
    assert "(2.0·10⁻⁵ · N + 1.0·10⁻⁸ · A) / cores" in text
    assert "+ 300 · N + 80 · S / ranks" in text


def test_plots_are_drawn(measured, tmp_path):
    figures.write_benchmarks(measured, tmp_path / "a.png")
    figures.write_observables(observed("above"), tmp_path / "b.png")
    for name in "ab":
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_results_survive_being_saved(measured, tmp_path):
    path = tmp_path / "new" / "results.json"
    results.save(measured, path)
    loaded = results.load(path)
    assert loaded.keys() == measured.keys()
    assert loaded["plan"] == measured["plan"]
    assert loaded["scaling"][0]["marks_s"] == measured["scaling"][0]["marks_s"]
    for got, want in zip(loaded["contest"], measured["contest"], strict=True):
        assert got == want | {"simulate_s": pytest.approx(want["simulate_s"], abs=1e-6)}


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"format": "something"}))
    with pytest.raises(ValueError, match="something"):
        results.load(path)


def test_examples_in_docstrings_are_true():
    assert doctest.testmod(pages).failed == 0
    assert doctest.testmod(pages).attempted > 0
