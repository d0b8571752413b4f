"""The report is complete, self-contained and safe, whatever the runs."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from run_files import presentations, random_wiring, summary_of, write_random_run, write_run

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.figures.figure import look_of
from eiassembly.analysis.figures.headline import draw_by_structure
from eiassembly.analysis.figures.style import figure_style
from eiassembly.analysis.report.html import flattened, render, write_report
from eiassembly.analysis.runs.labels import POPULATIONS, STRUCTURES, structure_look
from eiassembly.analysis.runs.run import open_run, open_runs
from eiassembly.core.errors import EnvironmentProblemError
from eiassembly.core.text import number

LOADING = {"src", "href", "srcset", "poster", "data", "action"}


class Collector(HTMLParser):
    """All tags, the addresses they load, and what is not closed."""

    def __init__(self):
        super().__init__()
        self.open, self.loaded, self.links, self.images, self.headings = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)
        target = self.links if tag == "a" else self.loaded
        target += [value for name, value in attrs if name in LOADING]
        if tag == "img":
            self.images.append(attributes)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)


@pytest.fixture(scope="module")
def html(results):
    return render(summary_of(results))


@pytest.fixture(scope="module")
def parsed(html):
    collector = Collector()
    collector.feed(html)
    assert collector.open == []
    return collector


def test_all_sections_are_there(parsed):
    assert [heading.split(". ")[-1] for heading in parsed.headings] == [
        "What the paper says, and these runs",
        "Observables",
        "From chaos to stability",
        "Memories",
        "Spikes of mitral cells (OB), E and I neurons",
        "Rates over time",
        "Excitatory and inhibitory currents",
        "Distribution of firing rates",
        "Patterns over time",
        "Variability of spikes",
        "Persistence",
        "Correlation between odors",
        "Co-tuning of excitation and inhibition",
        "Activity on stored memories",
        "Members that memories share",
        "Observables against the ranges of the paper",
        "What was run",
        "Configuration and provenance",
        "Citation",
    ]


def test_nothing_is_fetched(html, parsed):
    assert all(address.startswith("data:image/svg+xml;base64,") for address in parsed.loaded)
    assert parsed.links == ["https://doi.org/10.7554/eLife.96303"]
    assert "<script" not in html
    assert not re.search(r"@import|url\(", html)


def test_every_picture_is_valid_svg_with_a_description(parsed):
    assert len(parsed.images) == 4 * 2 + 6 + 4 + 2 + (4 * 2 + 3 + 3) + 4 + 4 + (4 + 2) + 1 + 12
    for image in parsed.images:
        assert image["alt"]
        picture = base64.b64decode(image["src"].split(",", 1)[1])
        assert ElementTree.fromstring(picture).tag.endswith("svg")  # noqa: S314 (our own output)
        assert not re.search(rb'href="http', picture)


def test_numbers_are_the_measured_ones(html, results):
    rate = results[0].observables["learned"].odor_rate
    assert f"{rate:#.3g}" in html


def test_numbers_of_the_dynamics_are_the_measured_ones(html, results):
    section = html.split('<section id="dynamics">')[1].split("</section>")[0]
    for result in results:
        assert number(result.dynamics["learned"].measures.time_correlation) in section
    assert "Quenching" not in section, "no odor is repeated"


def test_text_of_files_is_escaped(results):
    result = results[0]
    nasty = replace(result, run=replace(result.run, label="<script>alert(1)</script>"))
    page = render(summary_of([nasty]))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_rendering_twice_gives_the_same_bytes(results):
    assert render(summary_of(results[:1])) == render(summary_of(results[:1]))


def test_a_run_with_one_kind_of_odor_and_no_assemblies(tmp_path):
    wiring = replace(random_wiring(), assemblies=(), description={})
    spikes = {name: (np.empty(0, np.int64), np.empty(0, np.int64)) for name in ("OB", "E", "I")}
    path = write_run(tmp_path / "silent.h5", wiring, spikes, presentations("n"), 4000.0)
    page = render(summary_of([analyse_run(open_run(path))]))
    assert "silent" in page
    assert "What the paper says" not in page


def test_two_runs_of_one_structure_keep_their_names(tmp_path):
    paths = [write_random_run(tmp_path / f"seed{seed}.h5", "rand", seed) for seed in (1, 2)]
    looks = [look_of(analyse_run(run)) for run in open_runs(paths)]
    assert [look.title for look in looks] == ["rand (seed1)", "rand (seed2)"]
    assert {look.color for look in looks} == {STRUCTURES["rand"].color}


def test_an_unwritable_target(results, tmp_path):
    with pytest.raises(EnvironmentProblemError, match="cannot write"):
        write_report(summary_of(results[:1]), tmp_path / "nowhere" / "report.html")


def test_every_structure_and_population_has_its_own_colour():
    colors = [look.color for look in (*STRUCTURES.values(), *POPULATIONS.values())]
    assert len(set(colors)) == len(colors)


def test_no_structure_is_clipped_and_columns_follow_the_table():
    ax = Figure().subplots()
    draw_by_structure(ax, {"fb_component": [3.0], "mine": [4.0], "tuned_adjust": [2.0], "rand": [1.0]}, "x")
    titles = [label.get_text() for label in ax.get_xticklabels()]
    assert titles == ["rand", "Tuned[adjust]", "FB component", "mine"]
    left, right = ax.get_xlim()
    dots = {line.get_ydata()[0]: line.get_xdata()[0] for line in ax.lines}
    assert [round(dots[value]) for value in (1.0, 2.0, 3.0, 4.0)] == [0, 1, 2, 3]
    assert all(left < x < right for x in dots.values())


def test_an_unknown_structure_keeps_its_name():
    assert structure_look("", "my network").title == "my network"


def test_style_leaves_no_traces():
    before = dict(mpl.rcParams)
    with figure_style():
        assert mpl.rcParams["axes.spines.top"] is False
    assert dict(mpl.rcParams) == before


def test_nested_values_are_flattened():
    nested = {"versions": {"nest": "3.10"}, "ranks": 2, "list": [1, 2], "tables": [{"a": 1}, {"a": 2}]}
    assert list(flattened(nested)) == [
        ("versions.nest", "3.10"),
        ("ranks", "2"),
        ("list", "[1, 2]"),
        ("tables.0.a", "1"),
        ("tables.1.a", "2"),
    ]
