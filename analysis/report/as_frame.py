"""Everything measured as one tidy pandas table."""

from typing import TYPE_CHECKING

from eiassembly.analysis.report.export import COLUMNS, rows_in, rows_of_experiments
from eiassembly.analysis.report.survey import Surveyed
from eiassembly.core.optional import needed

if TYPE_CHECKING:
    import pandas as pd

_NAMES = {"odors": "condition", "quantity": "measure"}


def results_frame(survey: Surveyed) -> "pd.DataFrame":
    """Return the rows of RESULTS.csv as a table.

    Returns
    -------
    DataFrame
        Columns run (name of the file), label, structure, preset, seed, experiment, condition (kind of odors,
        or what else tells a sample from others), measure, unit, value (NaN where undefined).
    """
    pd = needed("pandas")
    rows = [*rows_in(survey.results), *rows_of_experiments(survey.experiments)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).rename(columns=_NAMES)
    return table.assign(value=pd.to_numeric(table["value"]))
