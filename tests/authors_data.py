"""Where the authors' matrices and odour sets are, and what is needed to read them."""

import json
import os
from pathlib import Path

import pytest

FOLDER = Path(
    os.environ.get("EIASSEMBLY_REFERENCE", Path(__file__).parents[1] / ".." / "shared" / "reference")
)
MODEL = FOLDER.resolve() / "pdp_model"
CONNEC = MODEL / "connec_2pop"
CONNEC_3 = MODEL / "connec_3pop"
ODORS = MODEL / "odorset_2pop"

needs_authors_data = pytest.mark.skipif(
    not MODEL.is_dir(), reason="the authors' data are not here; set EIASSEMBLY_REFERENCE to their folder"
)


OBSERVABLES = {
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
"""Our names of the observables and those of the reference runs."""


def reference_runs(**chosen):
    """Reference runs (dictionaries) whose net, kind or odors are as given."""
    rows = json.loads((FOLDER / "expected" / "runs_2pop.json").read_text())
    return [row for row in rows if all(row[key] == value for key, value in chosen.items())]


def strengths(network):
    """Strengths [nS] of one of the authors' networks, e.g. connec_A_1."""
    table = json.loads((MODEL / "strengths.json").read_text())
    return tuple(table["2pop"]["networks"][network])


def strengths_3(network):
    """Strengths [nS] of one of the networks with three populations, e.g. connec3_A1."""
    table = json.loads((MODEL / "strengths.json").read_text())
    return tuple(table["3pop"]["networks"][network])
