"""TOML tables: read, overridden and validated; every mistake is one line that names its key."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from eiassembly.core.errors import ConfigError
from eiassembly.core.files import describe_os_error

Model = TypeVar("Model", bound=BaseModel)

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]\s]+)\s*\]")
_KEY = re.compile(r"\s*([\w\"'.-]+)\s*=")


@dataclass(frozen=True)
class TomlText:
    """The text of a TOML file, to find in which line something is.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        What is in it.
    inside : str
        Table that keys are given relative to, with a dot; empty for the whole file.
    """

    path: Path
    text: str
    inside: str = ""

    def line(self, key: str) -> int | None:
        """Find the line (from 1) of a key such as ``current.1.windows``, else that of its table.

        Parameters
        ----------
        key : str
            Names and, in arrays of tables, numbers from 0; what follows a colon or a space does not count.
        """
        parts = re.split(r"[:\s]", self.inside + key, maxsplit=1)[0].split(".")
        lines = _lines_by_key(self.text)
        while parts and tuple(parts) not in lines:
            parts.pop()
        return lines.get(tuple(parts))


Origin = str | TomlText
"""Where settings come from: a name, or a text with lines."""


def _lines_by_key(text: str) -> dict[tuple[str, ...], int]:
    """First line of every table and key, arrays of tables with their numbers."""
    found: dict[tuple[str, ...], int] = {}
    latest: dict[str, int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            name = header[2]
            if header[1] == "[[":
                latest[name] = latest.get(name, -1) + 1
            table = _numbered(name, latest)
            found.setdefault(tuple(name.split(".")), number)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *key[1].replace('"', "").replace("'", "").split(".")), number)
    return found


def _numbered(name: str, latest: Mapping[str, int]) -> tuple[str, ...]:
    """Path of a table: where a part is an array, its latest item is meant."""
    path: list[str] = []
    parts = name.split(".")
    for end, part in enumerate(parts, 1):
        path.append(part)
        array = ".".join(parts[:end])
        if array in latest:
            path.append(str(latest[array]))
    return tuple(path)


def located(origin: Origin, problem: str) -> str:
    """Return ``file: line n: key: …`` for a problem that begins with the key, as far as that is known."""
    if isinstance(origin, str):
        return f"{origin}: {problem}"
    line = origin.line(problem)
    where = f"{origin.path}: line {line}" if line else str(origin.path)
    return f"{where}: {origin.inside}{problem}"


def read_text(path: Path) -> TomlText:
    """Read a TOML file, without looking at what is in it.

    Raises
    ------
    ConfigError
        Unreadable or not in UTF-8.
    """
    try:
        return TomlText(path, path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else describe_os_error(error)
        raise ConfigError(f"{path}: cannot read the configuration: {reason}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: expected a TOML file in UTF-8: {error}") from error


def parsed(source: TomlText) -> dict[str, Any]:
    """Return the tables of a TOML file.

    Raises
    ------
    ConfigError
        It is not TOML.
    """
    try:
        return tomllib.loads(source.text)
    except ValueError as error:
        raise ConfigError(f"{source.path}: expected a TOML file in UTF-8: {error}") from error


def read_table(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ConfigError
        Unreadable, not in UTF-8, or not TOML.
    """
    return parsed(read_text(path))


def override(table: dict[str, Any], setting: str) -> None:
    """Set ``section.key=value`` in the table; the value is TOML, or a bare string.

    Raises
    ------
    ConfigError
        It does not look like this, or ``section`` is no table.
    """
    name, equals, text = setting.partition("=")
    section, dot, key = name.strip().partition(".")
    if not (equals and dot and section and key):
        raise ConfigError(f"--set {setting}: expected SECTION.KEY=VALUE, for example network.seed=2")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    *parents, last = name.strip().split(".")
    for parent in parents:
        inner = table.get(parent, {})
        if not isinstance(inner, Mapping):
            raise ConfigError(f"--set {setting}: {parent}: expected a table, found {inner!r}")
        table[parent] = dict(inner)
        table = table[parent]
    table[last] = value


def validated(model: type[Model], table: Mapping[str, Any], origin: Origin) -> Model:
    """Make a record of a table; ``origin`` is the name used in errors.

    Raises
    ------
    ConfigError
        Unknown key, wrong type or impossible value.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        # A misspelt key makes another one missing, but is what to look at.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] == "missing")
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise ConfigError(located(origin, f"{_describe(model, problems[0])}{more}")) from error


def _describe(model: type[BaseModel], problem: Any) -> str:
    """Turn an error of pydantic into ``key: expected …, found …``."""
    path = [str(part) for part in problem["loc"] if part != "[key]"]
    key = ".".join(part for part in path if not part.startswith("["))  # "[morph]": a kind, not a key
    if problem["type"] == "extra_forbidden":
        return f"{key}: {_unknown(model, path)}"
    if problem["type"] == "missing":
        return f"{key}: expected this key, found none"
    if problem["type"] == "value_error":
        return ".".join(filter(None, (key, str(problem["ctx"]["error"]))))
    if problem["type"] == "union_tag_invalid":
        kinds, found = (problem["ctx"][name] for name in ("expected_tags", "tag"))
        return f"{key}.kind: expected {kinds.translate(_NO_BRACKETS)}, found {found[1:-1]!r}"
    expected = (
        "a table" if problem["type"] == "model_type" else problem["msg"].removeprefix("Input should be ")
    )
    return f"{key}: expected {expected}, found {problem['input']!r}"


_NO_BRACKETS = str.maketrans("", "", "[]")


def _unknown(model: type[BaseModel], path: list[str]) -> str:
    """Say what is wrong with a key: it belongs to another kind of section, or to none."""
    found, key = "", path[-1]
    sections = kinds = [model]
    for part in path[:-1]:
        if part.startswith("["):
            found = f' with kind = "{part[1:-1]}"'
            kinds, sections = sections, [s for s in sections if _kind(s) == part[1:-1]]
        elif part in sections[0].model_fields:  # else the number of an item of a list
            annotation = sections[0].model_fields[part].annotation
            sections = kinds = list(_sections_in(annotation)) or sections
    elsewhere = [f'"{_kind(other)}"' for other in kinds if key in other.model_fields]
    if elsewhere:
        return f"expected only with kind = {' or '.join(elsewhere)}, found{found}"
    return f"unknown key{found}; {_suggestion(key, list(sections[0].model_fields))}"


def _kind(section: type[BaseModel]) -> Any:
    return section.model_fields["kind"].default


def _suggestion(key: str, names: list[str]) -> str:
    """Name the nearest known key, or all of them."""
    near = difflib.get_close_matches(key, names, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names)}"


def _sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the sections that a value may be, or be made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections_in(inner)
