"""Everything measured as one tidy pandas table."""

from typing import TYPE_CHECKING

from eiassembly.analysis.report.export import COLUMNS, tidy_rows
from eiassembly.analysis.report.survey import Summary
from eiassembly.core.optional import needed

if TYPE_CHECKING:
    import pandas as pd


def results_frame(survey: Summary) -> "pd.DataFrame":
    """Return the rows of RESULTS.csv as a table.

    Returns
    -------
    DataFrame
        Columns run (name of the file), label, network, structure, preset, seed, experiment, condition (kind
        of odors, or what else tells a sample from others), measure, unit, value (NaN where undefined).
    """
    pd = needed("pandas")
    table = pd.DataFrame(list(tidy_rows(survey)), columns=list(COLUMNS))
    return table.assign(value=pd.to_numeric(table["value"]))
