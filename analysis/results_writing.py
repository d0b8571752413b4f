"""Results as files; the suffix says in which format."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from eiassembly.analysis.results_csv import write_csv
from eiassembly.analysis.results_hdf5 import write_hdf5
from eiassembly.analysis.results_json import write_json
from eiassembly.analysis.surveyed import Surveyed

WRITERS: Mapping[str, Callable[[Surveyed, Path], None]] = MappingProxyType(
    {".json": write_json, ".h5": write_hdf5, ".csv": write_csv}
)
"""By the suffix of the file."""


def write_results(survey: Surveyed, path: Path) -> None:
    """Write what was measured in the format of the suffix, one of `WRITERS`.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    WRITERS[path.suffix.lower()](survey, path)
