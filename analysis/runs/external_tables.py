"""What belongs to other people's spikes, as CSV: when which odor was presented, and assemblies."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from eiassembly.analysis.runs.sonata import LATEST, MOST_CELLS
from eiassembly.connectivity.assembly import Assembly
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import describe_os_error
from eiassembly.odors.odors import Presentation

KIND = "novel"
"""Kind of the odors where the table has none."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_NAME = re.compile(r"\w[\w -]*")


def _time(text: str) -> float | None:
    value = number(text)
    return value if value is not None and 0 <= value < LATEST else None


def _id(text: str) -> int | None:
    value = whole(text)
    return value if value is not None and value < MOST_CELLS else None


def read_presentations_csv(path: Path) -> tuple[Presentation, ...]:
    """Read when which odor was presented, in any order.

    Returns
    -------
    tuple of Presentation
        In the order of onsets.

    Raises
    ------
    FileFormatError
        A cell is not what it has to be, an odor ends before it begins, or two are presented at once.
    """
    rows = sorted(read_rows(path, PRESENTATION_COLUMNS), key=lambda row: float(row.values["onset"]))
    if not rows:
        raise FileFormatError(f"{path}: line 2: expected at least one presentation, found none")
    for earlier, later in pairwise(rows):
        if later.values["onset"] < earlier.values["offset"]:
            expected = f"an onset after the odor of line {earlier.line} has ended"
            raise later.error("onset", expected, f"{later.values['onset']:g}")
    return tuple(_presentation(row) for row in rows)


def read_assemblies_csv(path: Path, population: str) -> tuple[Assembly, ...]:
    """Read members of assemblies, one per line, and by odor in the order of its first line.

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


@dataclass(frozen=True)
class Column:
    """What the cells of a column have to be.

    Parameters
    ----------
    expected : str
        In words, for messages.
    read : callable
        Makes the value of a text, None of what is not one.
    required : bool
        False: the column, or its cells, may be left out; those are not in the rows.
    """

    expected: str
    read: Callable[[str], Any]
    required: bool = True


_TIME = Column(f"a time in ms from 0 to {LATEST:g}", _time)


@dataclass(frozen=True)
class CsvRow:
    """Values of a line by column."""

    path: Path
    line: int
    values: Mapping[str, Any]

    def error(self, column: str, expected: str, found: object) -> FileFormatError:
        """One line about what is wrong with a cell."""
        return FileFormatError(
            f"{self.path}: line {self.line}: column {column}: expected {expected}, found {found}"
        )


def _presentation(row: CsvRow) -> Presentation:
    found = row.values
    if found["offset"] <= found["onset"]:
        raise row.error("offset", f"a time after the onset, {found['onset']:g} ms", f"{found['offset']:g}")
    for one, other in (("x", "y"), ("y", "x")):
        if one in found and other not in found:
            raise row.error(other, f"a number, as there is one in {one}", "nothing")
    place = (found["x"], found["y"]) if "x" in found else None
    return Presentation(found["onset"], found["offset"], found["odor"], found.get("kind", KIND), place)


def number(text: str) -> float | None:
    """Read a decimal number."""
    return float(text) if _NUMBER.fullmatch(text) else None


_PLACE = Column("a number", number, required=False)


def whole(text: str) -> int | None:
    """Read a whole number from 0 to 999,999,999."""
    return int(text) if _WHOLE.fullmatch(text) else None


_ODOR = Column("the number of an odor, a whole one from 0", whole)
ASSEMBLY_COLUMNS: Mapping[str, Column] = {
    "odor": _ODOR,
    "node_id": Column(f"the id of a cell, a whole number from 0 to {MOST_CELLS - 1}", _id),
}


def name(text: str) -> str | None:
    """Read letters, digits, _, - and blanks."""
    return text if _NAME.fullmatch(text) else None


PRESENTATION_COLUMNS: Mapping[str, Column] = {
    "onset": _TIME,
    "offset": _TIME,
    "odor": _ODOR,
    "kind": Column("letters, digits, _, - or blanks", name, required=False),
    "x": _PLACE,
    "y": _PLACE,
}


def read_rows(path: Path, columns: Mapping[str, Column]) -> tuple[CsvRow, ...]:
    """Read a table with a line of column names; UTF-8, commas, empty lines are passed over.

    Parameters
    ----------
    path : Path
        The file.
    columns : mapping of str to Column
        What it may have, by name; in the file in any order.

    Raises
    ------
    FileFormatError
        Cannot be read, or is not as expected; one line with file, line, column, what was expected and found.
    """
    if not path.is_file():
        raise FileFormatError(f"{path}: no such file; expected CSV with the columns {', '.join(columns)}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(_rows(path, csv.reader(file, strict=True), columns))
    except OSError as error:
        raise FileFormatError(f"{path}: cannot read: {describe_os_error(error)}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileFormatError(f"{path}: expected CSV in UTF-8, found something else: {error}") from error


def _rows(path: Path, lines: Any, columns: Mapping[str, Column]) -> Iterator[CsvRow]:
    header = None
    for cells in lines:
        texts = [text.strip() for text in cells]
        if not any(texts):
            continue
        if header is None:
            header = texts
            _check_header(CsvRow(path, lines.line_num, {}), header, columns)
        elif len(texts) != len(header):
            found = f"expected {len(header)} columns, found {len(texts)}"
            raise FileFormatError(f"{path}: line {lines.line_num}: {found}")
        else:
            yield _row(path, lines.line_num, dict(zip(header, texts, strict=True)), columns)
    if header is None:
        raise FileFormatError(f"{path}: line 1: expected the columns {', '.join(columns)}, found nothing")


def _check_header(row: CsvRow, header: Sequence[str], columns: Mapping[str, Column]) -> None:
    for column, about in columns.items():
        if about.required and column not in header:
            raise row.error(column, "it among the columns", ", ".join(header))
    for number_, column in enumerate(header):
        if column not in columns or column in header[:number_]:
            raise row.error(
                column or "without a name", f"only {', '.join(columns)}, each once", ", ".join(header)
            )


def _row(path: Path, line: int, texts: Mapping[str, str], columns: Mapping[str, Column]) -> CsvRow:
    given = {column: text for column, text in texts.items() if text or columns[column].required}
    row = CsvRow(path, line, {column: columns[column].read(text) for column, text in given.items()})
    for column, value in row.values.items():
        if value is None:
            raise row.error(
                column, columns[column].expected, repr(texts[column]) if texts[column] else "nothing"
            )
    return row
