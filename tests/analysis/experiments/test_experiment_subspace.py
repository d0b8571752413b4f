"""The experiment of the odor subspace: which runs, which samples, which figures."""

import numpy as np
import pytest
from run_files import write_random_run
from subspace_runs import MEMBERS, members_of, subspace_run

from eiassembly.analysis.experiments.subspace import EXPERIMENT
from eiassembly.analysis.figures.all import experiment_figures
from eiassembly.analysis.measures.subsampling import members_of_odors, sampled_neurons_of_odors
from eiassembly.analysis.runs.run import open_run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Tuned E+I, whose learned odors drive their assemblies more, and rand, whose do not."""
    folder = tmp_path_factory.mktemp("subspace")
    return [
        subspace_run(folder / "tuned.h5", boost=40.0, n_trajectories=15),
        subspace_run(folder / "rand.h5", "rand", boost=12.0, seed=2, silent=tuple(range(60))),
    ]


@pytest.fixture(scope="module")
def measured(runs):
    return EXPERIMENT.measure(runs, [])


@pytest.fixture(scope="module")
def values(measured):
    """Samples by structure, quantity and condition."""
    return {(s.structure, s.measure, s.condition): s.value for s in measured.samples()}


def test_a_subspace_is_recognised_by_its_odors(runs, tmp_path):
    assert all(EXPERIMENT.recognises(run) for run in runs)
    assert not EXPERIMENT.recognises(open_run(write_random_run(tmp_path / "sequence.h5")))
    family = subspace_run(tmp_path / "family.h5", n_trajectories=1, odors={"family": "square"})
    added = subspace_run(tmp_path / "added.h5", n_trajectories=1, network={"added": 2})
    assert not EXPERIMENT.recognises(family)
    assert not EXPERIMENT.recognises(added)


def test_samples_are_documented_and_belong_to_their_run(measured):
    samples = list(measured.samples())
    assert {s.measure for s in samples} == set(EXPERIMENT.measures)
    assert {(s.experiment, s.network) for s in samples} == {("subspace", "A seed 3")}
    keys = [(s.structure, s.measure, s.condition) for s in samples]
    assert len(set(keys)) == len(keys)


def test_strongly_driven_assemblies_show(values):
    """Learned odors drive their members to 44 Hz, novel ones to 16 Hz, in rand all to 16 Hz."""
    variance = {kind: values["tuned_ei", "first_variance", kind] for kind in ("learned", "novel")}
    assert variance["learned"] > 1.5 * variance["novel"]
    assert values["tuned_ei", "participation_ratio", "learned"] < values["rand", "participation_ratio", "all"]
    errors = [values["tuned_ei", "regression_error", f"{kind}, assemblies"] for kind in ("learned", "novel")]
    assert errors[0] < 0.6 * errors[1]
    farther = values["tuned_ei", "mahalanobis", "novel to learned, assemblies"]
    nearer = values["tuned_ei", "mahalanobis", "learned to novel, assemblies"]
    assert values["tuned_ei", "mahalanobis_asymmetry", "assemblies"] == pytest.approx(nearer / farther)
    assert values["tuned_ei", "center_distance", "learned to learned, assemblies"] > 0


def test_what_is_impossible_is_said_and_left_undefined(values):
    """In rand every draw contains silent neurons: neither QDA nor d_M, but all the rest."""
    assert values["rand", "qda_refused", "assemblies"] == 1
    assert values["rand", "qda_refused_share", "assemblies"] == 1
    assert 15 < values["rand", "rank_deficit", "assemblies"] < 45  # 80 of 160, 60 of them silent
    assert np.isnan(values["rand", "qda_correct", "learned, assemblies"])
    assert np.isnan(values["rand", "mahalanobis", "learned to novel, assemblies"])
    assert values["rand", "template_correct", "novel, population"] > 0.3
    assert values["tuned_ei", "qda_refused_share", "assemblies"] < 1


def test_responses_that_follow_the_input_do_not_depend_on_the_way(values):
    assert values["tuned_ei", "path_dependence", "assemblies"] == pytest.approx(0, abs=0.03)


def test_pools_are_assemblies_and_what_would_be(runs, tmp_path):
    """Odors 2 and 3 are not stored; their pseudo-assemblies are the cells that their input reaches."""
    for odor, members in enumerate(members_of_odors(runs[0], (0, 1, 2, 3))):
        np.testing.assert_array_equal(members, members_of(odor))
    assert len(sampled_neurons_of_odors(runs[0], (1, 2))) == 2 * MEMBERS
    nothing_stored = subspace_run(tmp_path / "run.h5", "rand", stored=(), n_trajectories=1)
    assert len(members_of_odors(nothing_stored, (0,))[0]) == 4  # 2.5 % of 160


def test_figures_have_a_panel_for_every_structure(measured):
    figures = experiment_figures(EXPERIMENT, measured)
    assert [len(figure.panels) for figure in figures] == [2, 4, 2, 2, 4, 2]
    assert figures[0].title == "Odor subspace in the plane of two components: A seed 3"
    assert "dark learned, orange learned, pink novel, blue novel" in figures[0].caption
    assert "rand 100 %" in figures[3].caption
    assert all(p.image.startswith("data:image/svg+xml") for figure in figures for p in figure.panels)
