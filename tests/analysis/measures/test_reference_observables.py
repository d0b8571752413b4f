"""Observables of the authors' networks equal the reference values, all digits of them."""

from dataclasses import replace

import pytest
from authors_data import (
    OBSERVABLES,
    authors_network,
    authors_odors,
    counts_and_digest,
    needs_authors_data,
    reference_runs,
)
from authors_loop import run_authors_loop
from run_files import write_run

from eiassembly.analysis.measures.observables import observables
from eiassembly.analysis.measures.responses import measure
from eiassembly.analysis.runs.run import open_run

pytestmark = needs_authors_data


@pytest.fixture(scope="module", params=["learned", pytest.param("novel", marks=pytest.mark.reference)])
def case(request, tmp_path_factory):
    """Run file of the authors' network A_1, Tuned E+I, and the reference values."""
    odors = request.param
    wiring, odor_set = authors_network("connec_A_1", "tEI"), authors_odors(odors)
    spikes = run_authors_loop(wiring, odor_set)
    run_path = tmp_path_factory.mktemp(odors) / "run.h5"
    write_run(run_path, wiring, spikes, odor_set.presentations, odor_set.duration)
    [expected] = reference_runs(net="connec_A_1", kind="tEI", odors=odors)
    return open_run(run_path), expected


def test_the_loop_of_the_tests_gives_the_authors_spikes(case):
    run, expected = case
    trains = {name: (run.spikes[name].steps, run.spikes[name].ids) for name in ("E", "I")}
    assert counts_and_digest(trains).items() <= expected.items()


@pytest.mark.parametrize("name", OBSERVABLES)
def test_equals_the_reference(case, name):
    run, expected = case
    responses = measure(run)
    if name == "assembly_rate":
        # The reference pairs presentation k with assembly k, for novel odors too.
        shown = tuple(replace(p, odor=k) for k, p in enumerate(responses.presentations))
        responses = replace(responses, presentations=shown)
    found = getattr(observables(responses, run.wiring), name)
    assert found == pytest.approx(expected[name], rel=1e-12)
