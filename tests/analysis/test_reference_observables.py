"""Observables of the authors' networks equal the reference values, all digits of them."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from authors_loop import run_authors_loop
from run_files import write_run

from eiassembly.analysis.observables import observables
from eiassembly.analysis.responses import measure
from eiassembly.analysis.results import open_run
from eiassembly.connectivity.import_mat import import_network
from eiassembly.model.odor_import import import_odors, kind_from_name

DATA = Path(
    os.environ.get(
        "EIASSEMBLY_REFERENCE", Path(__file__).resolve().parents[2] / ".." / "shared" / "reference"
    )
)
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the authors' data are not here; set EIASSEMBLY_REFERENCE to their folder"
)
KEYS = {
    "baseline_rate": "mfr_s",
    "odor_rate": "mfr",
    "inhibitory_rate": "mfr_i",
    "assembly_rate": "fr_assembly",
    "g_oe": "gOE",
    "g_syn": "gsyn",
    "recurrent_share": "rec",
    "correlation": "CC",
    "cotuning_correlation": "cot",
    "cotuning_ratio": "cot_ratio",
    "balance_slope": "slope",
}


@pytest.fixture(scope="module", params=["learned", pytest.param("novel", marks=pytest.mark.reference)])
def case(request, tmp_path_factory):
    """Run file of the authors' network A_1, Tuned E+I, and the reference values."""
    odors = request.param
    folder = DATA / "pdp_model"
    table = json.loads((folder / "strengths.json").read_text())["2pop"]["networks"]["connec_A_1"]
    wiring = import_network(folder / "connec_2pop" / "connec_A_1_tEI.mat", tuple(table))
    path = folder / "odorset_2pop" / f"odorset_10{odors}.mat"
    odor_set = import_odors(path, kind_from_name(path))
    spikes = run_authors_loop(wiring, odor_set)
    run_path = tmp_path_factory.mktemp(odors) / "run.h5"
    write_run(run_path, wiring, spikes, odor_set.presentations, odor_set.duration)
    reference = json.loads((DATA / "expected" / "runs_2pop.json").read_text())
    [expected] = [r for r in reference if (r["net"], r["kind"], r["odors"]) == ("connec_A_1", "tEI", odors)]
    return open_run(run_path), expected


def test_the_loop_of_the_tests_gives_the_authors_spikes(case):
    run, expected = case
    trains = [run.spikes[name] for name in ("E", "I")]
    content = b"".join(np.stack([s.steps, s.ids]).astype("<i4").tobytes() for s in trains)
    assert hashlib.sha256(content).hexdigest() == expected["sha256"]


@pytest.mark.parametrize("name", KEYS)
def test_equals_the_reference(case, name):
    run, expected = case
    responses = measure(run)
    if name == "assembly_rate":
        # The reference pairs presentation k with assembly k, for novel odors too.
        shown = tuple(replace(p, odor=k) for k, p in enumerate(responses.presentations))
        responses = replace(responses, presentations=shown)
    found = getattr(observables(responses, run.wiring), name)
    assert found == pytest.approx(expected[KEYS[name]], rel=1e-12)
