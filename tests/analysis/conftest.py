"""Analysed runs that several modules look at; made once."""

import pytest
from run_files import write_random_run

from eiassembly.analysis.experiments.result import analyse_run, compared
from eiassembly.analysis.runs.run import open_runs


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Small random runs of four structures, two learned and two novel odors each."""
    folder = tmp_path_factory.mktemp("runs")
    paths = [
        write_random_run(folder / f"{structure}.h5", structure, seed)
        for seed, structure in enumerate(("rand", "scaled_i", "tuned_i", "tuned_ei"))
    ]
    return compared([analyse_run(run) for run in open_runs(paths)])
