"""Where the authors' matrices and odor sets are, what is needed to read them, and what their runs give."""

import functools
import hashlib
import os
import tomllib
from pathlib import Path

import numpy as np
import pytest

from eiassembly.connectivity.files.matlab import ScaledInhibition, import_network
from eiassembly.odors.matlab import import_odors

TESTS = Path(__file__).resolve().parent
TABLES = TESTS / "reference"
NETWORKS = ("connec_A_1", "connec_B_4", "connec_C_1", "connec_D_1")
KINDS = ("rand", "scaled", "tI", "tEI")
CHI = 1.4


def reference_folder():
    """The folder that the environment names, else one beside ours, else that of `make reference`."""
    if named := os.environ.get("EIASSEMBLY_REFERENCE"):
        return Path(named).resolve()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    beside, fetched = TESTS.parents[1] / "shared" / "reference", cache / "eiassembly" / "reference"
    return beside if (beside / "pdp_model").is_dir() else fetched


FOLDER = reference_folder()
MODEL = FOLDER / "pdp_model"
CONNEC = MODEL / "connec_2pop"
CONNEC_3 = MODEL / "connec_3pop"
ODORS = MODEL / "odorset_2pop"

needs_authors_data = pytest.mark.skipif(
    not MODEL.is_dir(), reason="the authors' data are not here: make reference"
)
needs_expected = pytest.mark.skipif(
    not (FOLDER / "expected").is_dir(),
    reason="results of the authors' own code, which make reference does not fetch, are not here",
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
"""Our names of the observables and those of the results of the authors' code."""


@functools.cache
def _table(name):
    return tomllib.loads((TABLES / name).read_text())


def reference_runs(**chosen):
    """Runs of the authors' networks (dictionaries) whose network, kind, odors or ms are as given."""
    chosen = {"ms": 30_000, **chosen}
    return [row for row in _table("runs.toml")["run"] if all(row[key] == chosen[key] for key in chosen)]


def strengths(network):
    """Strengths [nS] of one of the authors' networks, e.g. connec_A_1."""
    return tuple(_table("strengths.toml")["two_populations"][network.split("_")[1]])


def strengths_3(network):
    """Strengths [nS] of one of the networks with three populations, e.g. connec3_A1."""
    return tuple(_table("strengths.toml")["three_populations"][network.removeprefix("connec3_")[0]])


def authors_network(network, kind="rand"):
    """Scaled I: E to E from the matrices of Tuned I, I to E unstructured and stronger."""
    name = {"rand": network, "scaled": f"{network}_tI"}.get(kind, f"{network}_{kind}")
    scaled = ScaledInhibition(CONNEC / f"{network}.mat", CHI) if kind == "scaled" else None
    return import_network(CONNEC / f"{name}.mat", strengths(network), scaled)


def authors_odors(kind):
    """Their ten odors of this kind, learned or novel, with the spikes of the mitral cells."""
    return import_odors(ODORS / f"odorset_10{kind}.mat", kind)


def counts_and_digest(spikes, until=None):
    """Numbers of spikes of E and I, and sha256 of their steps and ids, up to a step."""
    trains = [np.stack(spikes[name]).astype("<i4") for name in ("E", "I")]
    if until is not None:
        trains = [train[:, train[0] <= until] for train in trains]
    content = b"".join(train.tobytes() for train in trains)
    return {
        "n_e": trains[0].shape[1],
        "n_i": trains[1].shape[1],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
