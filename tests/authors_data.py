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
ODORS = MODEL / "odorset_2pop"

needs_authors_data = pytest.mark.skipif(
    not MODEL.is_dir(), reason="the authors' data are not here; set EIASSEMBLY_REFERENCE to their folder"
)


def strengths(network):
    """Strengths [nS] of one of the authors' networks, e.g. connec_A_1."""
    table = json.loads((MODEL / "strengths.json").read_text())
    return tuple(table["2pop"]["networks"][network])
