"""TOML tables: read, overridden and validated; every mistake is one line that names its key."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from eiassembly.model.errors import ConfigError
from eiassembly.model.files import describe_os_error

Model = TypeVar("Model", bound=BaseModel)


def read_table(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ConfigError
        Unreadable, not in UTF-8, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else describe_os_error(error)
        raise ConfigError(f"{path}: cannot read the configuration: {reason}") from error
    except ValueError as error:  # TOML syntax or encoding
        raise ConfigError(f"{path}: expected a TOML file in UTF-8: {error}") from error


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


def validated(model: type[Model], table: Mapping[str, Any], origin: str) -> Model:
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
        raise ConfigError(f"{origin}: {_describe(model, problems[0])}{more}") from error


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
