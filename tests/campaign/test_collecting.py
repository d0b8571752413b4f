"""What ``campaign collect`` measures: every run once, and all that can be measured."""

from collections import Counter
from types import SimpleNamespace

import pytest
from run_files import write_random_run

from eiassembly.analysis.claims.claim import SampleTable, Series
from eiassembly.analysis.experiments import result, shuffled
from eiassembly.analysis.report import survey
from eiassembly.analysis.report.claims_page import write_claims_of
from eiassembly.analysis.report.export import tidy_rows
from eiassembly.campaign import collecting
from eiassembly.core.errors import FileFormatError


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Two runs that are done, in folders of their own, and one whose file is broken."""
    runs = [SimpleNamespace(name=name) for name in ("a", "b", "broken")]
    for seed, run in enumerate(runs):
        (tmp_path / run.name).mkdir()
        write_random_run(tmp_path / run.name / "run.h5", "rand", seed)
    (tmp_path / "broken" / "run.h5").write_text("nothing that HDF5 knows")
    files = {run.name: SimpleNamespace(run=tmp_path / run.name / "run.h5") for run in runs}
    monkeypatch.setattr(collecting, "folder_of", lambda campaign, run: files[run.name])
    return runs


def test_every_run_is_measured_once_for_table_and_claims(planned, tmp_path, monkeypatch):
    counted = Counter()

    def counting(run):
        counted[run.label] += 1
        return result.analyse_run(run)

    monkeypatch.setattr(survey, "analyse_run", counting)
    failed = {}
    found = collecting.measured(None, planned, failed.__setitem__)
    rows = list(tidy_rows(found, lambda run: run.label))
    write_claims_of(found, tmp_path / "claims.md")
    assert counted == {"a": 1, "b": 1}
    assert list(failed) == ["broken"]
    assert {row[0] for row in rows} == {"a", "b"}
    rates = SampleTable(found.samples).values(Series("sequence", "odor_rate", ("rand",), "novel"))
    assert list(rates["rand"]) == ["A"]


def test_an_experiment_that_cannot_be_measured_is_left_out(planned, monkeypatch):
    def broken(mine, others):
        raise FileFormatError("replay: expected a run, found none")

    experiment = SimpleNamespace(**{**vars(shuffled.EXPERIMENT), "recognises": bool, "measure": broken})
    monkeypatch.setattr(survey, "EXPERIMENTS", (experiment,))
    failed = {}
    found = collecting.measured(None, planned[:2], failed.__setitem__)
    assert list(failed) == [experiment.title]
    assert found.experiments == ()
    assert [one.label for one in found.results] == ["a", "b"]
    with pytest.raises(FileFormatError):
        survey.survey(found.runs)
