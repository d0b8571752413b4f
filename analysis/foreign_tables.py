"""What belongs to other people's spikes, as CSV: when which odour was presented, and assemblies."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from eiassembly.analysis.csv_reading import Column, Row, name, number, read_rows, whole
from eiassembly.analysis.sonata_spikes import LATEST, MOST_CELLS
from eiassembly.connectivity.wiring import Assembly
from eiassembly.model.errors import FileFormatError
from eiassembly.model.odors import Presentation

KIND = "novel"
"""Kind of the odours where the table has none."""


def _time(text: str) -> float | None:
    value = number(text)
    return value if value is not None and 0 <= value < LATEST else None


def _id(text: str) -> int | None:
    value = whole(text)
    return value if value is not None and value < MOST_CELLS else None


_TIME = Column(f"a time in ms from 0 to {LATEST:g}", _time)
_ODOR = Column("the number of an odor, a whole one from 0", whole)
_PLACE = Column("a number", number, required=False)
PRESENTATION_COLUMNS: Mapping[str, Column] = {
    "onset": _TIME,
    "offset": _TIME,
    "odor": _ODOR,
    "kind": Column("letters, digits, _, - or blanks", name, required=False),
    "x": _PLACE,
    "y": _PLACE,
}
ASSEMBLY_COLUMNS: Mapping[str, Column] = {
    "odor": _ODOR,
    "node_id": Column(f"the id of a cell, a whole number from 0 to {MOST_CELLS - 1}", _id),
}


def read_presentations_csv(path: Path) -> tuple[Presentation, ...]:
    """Read when which odour was presented, in any order.

    Returns
    -------
    tuple of Presentation
        In the order of onsets.

    Raises
    ------
    FileFormatError
        A cell is not what it has to be, an odour ends before it begins, or two are presented at once.
    """
    rows = sorted(read_rows(path, PRESENTATION_COLUMNS), key=lambda row: float(row.values["onset"]))
    if not rows:
        raise FileFormatError(f"{path}: line 2: expected at least one presentation, found none")
    for earlier, later in pairwise(rows):
        if later.values["onset"] < earlier.values["offset"]:
            expected = f"an onset after the odor of line {earlier.line} has ended"
            raise later.error("onset", expected, f"{later.values['onset']:g}")
    return tuple(_presentation(row) for row in rows)


def _presentation(row: Row) -> Presentation:
    found = row.values
    if found["offset"] <= found["onset"]:
        raise row.error("offset", f"a time after the onset, {found['onset']:g} ms", f"{found['offset']:g}")
    for one, other in (("x", "y"), ("y", "x")):
        if one in found and other not in found:
            raise row.error(other, f"a number, as there is one in {one}", "nothing")
    place = (found["x"], found["y"]) if "x" in found else None
    return Presentation(found["onset"], found["offset"], found["odor"], found.get("kind", KIND), place)


def read_assemblies_csv(path: Path, population: str) -> tuple[Assembly, ...]:
    """Read members of assemblies, one per line, and by odour in the order of its first line.

    Parameters
    ----------
    path : Path
        CSV.
    population : str
        To which the ids belong.

    Raises
    ------
    FileFormatError
        A cell is not what it has to be.
    """
    members: dict[int, list[int]] = {}
    for row in read_rows(path, ASSEMBLY_COLUMNS):
        members.setdefault(row.values["odor"], []).append(row.values["node_id"])
    return tuple(Assembly(odor, {population: np.unique(ids)}) for odor, ids in members.items())
