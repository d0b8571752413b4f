"""Networks of our own with feedback and feedforward inhibition against the rates the authors published."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from command_line import run_command

from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.runs.run import open_run
from eiassembly.config.config import parse_config
from eiassembly.connectivity.build import build
from eiassembly.connectivity.files import network as network_file
from eiassembly.odors import file as odor_file
from eiassembly.odors.schedules import draw_odor_set

pytestmark = [pytest.mark.seeds, pytest.mark.nest]

STRUCTURES = ("rand", "tuned_i")
N_ODORS = 5
"""Half of the authors' number: the rates are means over five networks, too."""
SILENCED = {"": 0, "FFI": 255, "FBI": 168}
"""Neurons silenced, half of the way between the authors' smallest and largest sets."""

PUBLISHED = {
    ("rand", "E"): (0.975, 0.049), ("tuned_i", "E"): (1.007, 0.043),
    ("rand", "FFI"): (1.280, 0.090), ("tuned_i", "FFI"): (1.275, 0.088),
    ("rand", "FBI"): (1.311, 0.056), ("tuned_i", "FBI"): (1.365, 0.099),
}  # fmt: skip
"""Mean and SD over the authors' networks A to E: rate of E [Hz], and its ratio with either kind silenced."""


def configured(letter, structure):
    network = {"preset": f"dp3_{letter}", "structure": structure}
    return parse_config({"network": network, "odors": {"novel": N_ODORS}}, "test")


@pytest.fixture(scope="module")
def rates(tmp_path_factory):
    """Mean rates during odors by letter, structure and silenced population."""
    folder = tmp_path_factory.mktemp("own")
    odor_file.save(draw_odor_set(configured("A", "rand")), folder / "odors.h5")
    for letter, structure in product("ABCDE", STRUCTURES):
        network_file.save(build(configured(letter, structure)), folder / f"{letter}_{structure}.h5")
    for population, number in SILENCED.items():
        lines = (f'population = "{population}"', f"number = {number}", "around = [-500, 0]", "")
        (folder / f"{population}.toml").write_text("\n".join(("[[silence]]", *lines)))

    def simulated(case):
        letter, structure, population = case
        run = folder / f"run_{letter}_{structure}_{population}.h5"
        silence = ["--silence", folder / f"{population}.toml"] if population else []
        files = (folder / f"{letter}_{structure}.h5", folder / "odors.h5", "--out", run)
        done = run_command("simulate", *files, "--threads", "1", *silence)
        assert done.returncode == 0, done.stderr
        return measure(open_run(run)).mean_rates

    cases = [*product("ABCDE", STRUCTURES, SILENCED)]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return dict(zip(cases, pool.map(simulated, cases), strict=True))


@pytest.mark.parametrize("structure", STRUCTURES)
def test_rates_are_the_published_ones(rates, structure):
    mean, sd = PUBLISHED[structure, "E"]
    found = [rates[letter, structure, ""]["E"] for letter in "ABCDE"]
    assert abs(np.mean(found) - mean) <= sd, found


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("population", ["FFI", "FBI"])
def test_silencing_raises_rates_as_published(rates, structure, population):
    mean, sd = PUBLISHED[structure, population]
    found = [
        rates[letter, structure, population]["E"] / rates[letter, structure, ""]["E"] for letter in "ABCDE"
    ]
    assert abs(np.mean(found) - mean) <= sd, found


@pytest.mark.parametrize("structure", STRUCTURES)
def test_only_feedback_neurons_notice_what_others_of_their_kind_do(rates, structure):
    for letter in "ABCDE":
        plain, silenced = rates[letter, structure, ""], rates[letter, structure, "FBI"]
        assert silenced["FFI"] == plain["FFI"]
        assert silenced["FBI"] > 1.5 * plain["FBI"]
