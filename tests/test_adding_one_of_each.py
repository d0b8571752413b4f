"""The examples of docs/contributing.md, applied to a copy of the package: what it says of adding is true."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from eiassembly.core.nest_installation import find_nest

BLOCK = re.compile(
    r"^```python\n# (?P<path>\S+?\.py)(?:, in (?P<name>\w+))?\n(?P<code>.*?)^```$", re.M | re.S
)
KINDS = ("structure", "measure", "figure", "intervention", "experiment", "neuron")
FILES = {"structure": 1, "measure": 1, "figure": 1, "intervention": 2, "experiment": 2, "neuron": 1}
"""Files that are new, or that numbers are in: at most so many; lists of what there is do not count."""
TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def examples(repository):
    """Blocks of the page by kind of what is added: (path, list or None, code)."""
    page = (repository / "docs" / "contributing.md").read_text()
    parts = re.split(r"^## An? (\w+)$", page, flags=re.MULTILINE)[1:]
    by_kind = dict(zip(parts[::2], parts[1::2], strict=True))
    assert tuple(by_kind) == KINDS
    return {
        kind: [m.group("path", "name", "code") for m in BLOCK.finditer(text)]
        for kind, text in by_kind.items()
    }


@pytest.fixture
def added(repository, examples, tmp_path):
    """Add one of a kind to a copy of the package; then run code with that, and return what it prints."""

    def added(kind, code):
        if not examples[kind]:
            pytest.skip(f"docs/contributing.md has no example of a {kind} yet")
        package = tmp_path / "src" / "eiassembly"
        shutil.copytree(
            repository / "src" / "eiassembly", package, ignore=shutil.ignore_patterns("__pycache__")
        )
        for path, name, text in examples[kind]:
            file = package / path.removeprefix("src/eiassembly/")
            if name is None:
                assert not file.exists()
                file.write_text(text)
            else:
                file.write_text(with_item(file.read_text(), name, text))
        paths = [str(package.parent), str(TESTS), os.environ.get("PYTHONPATH", "")]
        variables = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        check = f"import eiassembly\nassert {str(package)!r} in eiassembly.__file__\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", check], cwd=tmp_path, env=variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return added


def with_item(source, name, text):
    """Source of a module with one more item at the end of a list, and the imports that it needs."""
    imports = "".join(line for line in text.splitlines(keepends=True) if re.match("(from|import) ", line))
    item = text.replace(imports, "").strip()
    tree = ast.parse(source)
    (found,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and any(
            getattr(t, "id", "") == name for t in getattr(node, "targets", [getattr(node, "target", None)])
        )
    )
    if isinstance(found, ast.Call):
        (found,) = found.args
    lines = source.splitlines(keepends=True)
    end = sum(len(line) for line in lines[: found.end_lineno - 1]) + len(
        lines[found.end_lineno - 1].encode()[: found.end_col_offset - 1].decode()
    )
    before = source[:end].rstrip()
    changed = f"{before}{'' if before.endswith(',') else ','}\n{item},\n{source[end:]}"
    first = next(node.lineno for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    lines = changed.splitlines(keepends=True)
    return "".join([*lines[: first - 1], imports, *lines[first - 1 :]])


def test_items_are_added_to_lists_of_any_form():
    assert (
        with_item("import a\nX = (1, 2)\n", "X", "import b\n\n3\n")
        == "import b\nimport a\nX = (1, 2,\n3,\n)\n"
    )
    assert with_item("import a\nX: M = F({\n    'ä': 1,\n})\n", "X", "'b': 2\n") == (
        "import a\nX: M = F({\n    'ä': 1,\n'b': 2,\n})\n"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_how_many_files_it_takes(examples, kind):
    new = [path for path, name, _ in examples[kind] if name is None]
    lists = [path for path, name, _ in examples[kind] if name is not None]
    assert len(new or lists[:1]) <= FILES[kind]
    assert len(lists) == len(set(lists))


def test_a_structure(added):
    """Asked for in a configuration, refused where it has no numbers, wired, named, and in its place."""
    print_all = """
from matplotlib.figure import Figure

from eiassembly.analysis.figures.headline import draw_by_structure
from eiassembly.analysis.runs.labels import STRUCTURES, structure_look
from eiassembly.config.config import parse_config
from eiassembly.connectivity.memories.rule import rule_of
from eiassembly.core.errors import ConfigError

config = parse_config({"network": {"structure": "half_tuned", "assemblies": 1}}, "x")
print(rule_of(config.network) != rule_of(parse_config({"network": {"structure": "tuned_i"}}, "x").network))
print(structure_look("half_tuned").title, list(STRUCTURES).index("half_tuned"))
colors = [look.color for look in STRUCTURES.values()]
print(len(set(colors)) == len(colors))
ax = Figure().subplots()
draw_by_structure(ax, {"half_tuned": [1.0], "rand": [2.0]}, "")
print([label.get_text() for label in ax.get_xticklabels()])
for table in ({"structure": "half_tuned", "preset": "dp3_A"}, {"structure": "half"}):
    try:
        parse_config({"network": table}, "x")
    except ConfigError as error:
        print(error)
"""
    *lines, of_three, unknown = added("structure", print_all).splitlines()
    assert lines == ["True", "Half tuned 9", "True", "['rand', 'Half tuned']"]
    assert "half_tuned" in of_three
    assert "with preset dp3_A, found 'half_tuned'" in of_three
    assert unknown.endswith("'fb_component' or 'half_tuned', found 'half'")


def test_a_measure(added):
    """In the table of all samples, for every kind of odor; where else, see test_catalogue.py."""
    measured = """
from pathlib import Path

from run_files import write_random_run

import eiassembly as ei

frame = ei.measure(ei.open_run(write_random_run(Path("run.h5"))))
rows = frame[frame["measure"] == "fastest_cell"]
print(sorted(rows["condition"]), set(rows["unit"]), bool((rows["value"] > 0).all()))
"""
    assert added("measure", measured) == "['learned', 'novel'] {'Hz'} True\n"


def test_a_figure(added):
    """In the report of runs."""
    draw = """
from pathlib import Path

from run_files import write_random_run

from eiassembly.analysis.experiments.result import analyse_run
from eiassembly.analysis.figures.all import all_figures
from eiassembly.analysis.runs.run import open_run

result = analyse_run(open_run(write_random_run(Path("run.h5"))))
(plate,) = (plate for plate in all_figures([result]) if plate.title == "Silent cells")
print(len(plate.panels), plate.panels[0].image[:19])
"""
    assert added("figure", draw) == "1 data:image/svg+xml;\n"


ASKED = """
from pathlib import Path

from simulations import poisson_odors, random_network, saved

saved(Path(), random_network(1, drive=3.0), poisson_odors(1, 1000, rate=60.0))
Path("p.toml").write_text("[[volley]]\\npopulation = 'E'\\nids = [3, 5]\\nat = [20.0, 50.1]\\n")
"""


def test_an_intervention_is_read_checked_and_resolved(added):
    resolve = f"""{ASKED}
from eiassembly.cli import main
from eiassembly.config.config import parse_config
from eiassembly.config.protocol_file import load_protocol
from eiassembly.config.simulation import Dynamics
from eiassembly.core.errors import ConfigError
from eiassembly.model.protocol.context import Context
from eiassembly.model.protocol.resolve import abilities_needed, interventions

tables, origin = load_protocol(Path("p.toml"))
dynamics = Dynamics(**tables)
context = Context(random_network(1), (), 1000, 1000, 0.1, origin)
print([part.tolist() for part in interventions(dynamics, context).transmitted["E"]])
print(list(abilities_needed(dynamics)))
for table in ({{"population": "E", "ids": [1]}}, {{"population": "E", "ids": [1], "at": [0.0, 1.0]}}):
    try:
        parse_config({{"simulation": {{"volley": [table]}}}}, "x")
    except ConfigError as error:
        print(error)
try:
    main(["protocols"])
except SystemExit:
    pass
"""
    sent, needed, missing, wrong, *listed = added("intervention", resolve).splitlines()
    assert (sent, needed) == ("[[200, 200, 501, 501], [3, 5, 3, 5]]", "['volley']")
    assert missing == "x: simulation.volley.0.at: expected this key, found none"
    assert wrong == "x: simulation.volley.0.at.0: expected greater than 0, found 0.0"
    assert any(line.startswith("volleys ") for line in listed)


@pytest.mark.nest
def test_an_intervention_is_simulated_or_refused(added):
    simulate = f"""{ASKED}
import json

import h5py
from simulations import spikes_of

from eiassembly.cli import main

def run(*options):
    try:
        main(["simulate", "net.h5", "odors.h5", *options])
    except SystemExit as end:
        return end.code

assert not run("--out", "plain.h5")
assert not run("--out", "run.h5", "--protocol", "p.toml")
plain, other = (set(zip(*(x.tolist() for x in spikes_of(Path(f))["E"]))) for f in ("plain.h5", "run.h5"))
print(min(plain ^ other)[0] > 200)
print(json.loads(h5py.File("run.h5")["eiassembly/config"].asstr()[()])["simulation"]["volley"])
print(run("--out", "stock.h5", "--protocol", "p.toml", "--neuron", "nest"))
"""
    lines = added("intervention", simulate).splitlines()
    assert "True" in lines
    assert "[{'population': 'E', 'ids': [3, 5], 'seed': 1, 'at': [20.0, 50.1]}]" in lines
    assert lines[-1] == "1"


def test_an_experiment(added):
    """Recognised, measured, and drawn."""
    measure = """
from pathlib import Path

from run_files import write_random_run

from eiassembly.analysis.experiments.all import EXPERIMENTS, all_measures
from eiassembly.analysis.figures.all import experiment_figures
from eiassembly.analysis.runs.run import open_run

asked = {"silence": [{"population": "I", "ids": [1], "windows": [[0.0, 500.0]]}]}
runs = [open_run(write_random_run(Path("a.h5"))), open_run(write_random_run(Path("b.h5"), protocol=asked))]
experiment = EXPERIMENTS[-1]
mine = [run for run in runs if experiment.recognises(run)]
found = experiment.measure(mine, [runs[0]])
print(experiment.name in all_measures(), [run.path.name for run in mine])
print([(sample.measure, sample.condition) for sample in found.samples()])
print([len(plate.panels) for plate in experiment_figures(experiment, found)])
"""
    assert added("experiment", measure).splitlines() == [
        "True ['b.h5']", "[('spikes', 'OB'), ('spikes', 'E'), ('spikes', 'I')]", "[1]",
    ]  # fmt: skip


@pytest.mark.nest
def test_a_neuron(added):
    """Simulated with, and refused what it does not declare."""
    if find_nest().has_mpi:
        pytest.skip("the NEST that we build with MPI has the models of our simulations alone")
    simulate = f"""{ASKED}
import sys

from simulations import spikes_of

from eiassembly.cli import main

Path("p.toml").write_text("[[current]]\\npopulation = 'E'\\nids = [1]\\nwindows = [[1, 2]]\\npA = 28.0\\n")
sys.stderr = sys.stdout
for options in ((), ("--record", "V_m,g_E"), ("--protocol", "p.toml"), ("--checkpoint-every", "10")):
    try:
        main(["simulate", "net.h5", "odors.h5", "--out", "run.h5", "--neuron", "alpha", *options])
    except SystemExit:
        pass
    if not options:
        print(len(spikes_of(Path("run.h5"))["E"][0]))
"""
    printed = added("neuron", simulate)
    assert int(re.search(r"^\d+$", printed, re.MULTILINE)[0]) > 0
    kind = "NEST's neurons of alpha shape"
    assert f"--record: expected some of V_m (of {kind}), found g_E" in printed
    found = f"expected the exact neuron (--neuron extension), found {kind}"
    assert f"current: {found}, which know no protocols" in printed
    assert f"--checkpoint-every: {found}, which have no snapshots" in printed
