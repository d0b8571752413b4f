"""The text files of a SONATA network, and the names of the others: read with errors a user can act on."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eiassembly.connectivity.files.sonata import names
from eiassembly.core.errors import FileFormatError

Types = Mapping[int, Mapping[str, str]]
"""Rows of a table of types by their id; what is empty or NULL is left out."""


@dataclass(frozen=True)
class FilePart:
    """A file of nodes or of edges.

    Parameters
    ----------
    path : Path
        The HDF5 file.
    types_path : Path or None
        The table of types.
    populations : mapping of str to str
        Those that belong to the network with their ``type``, if that is stated; empty for all in the file.
    """

    path: Path
    types_path: Path | None
    populations: Mapping[str, str]


@dataclass(frozen=True)
class Files:
    """What a circuit configuration names, and what is beside it.

    Parameters
    ----------
    config : Path
        The configuration.
    nodes, edges : list of FilePart
        In their order.
    models : Path or None
        Folder of the parameters of point neurons.
    node_sets : Path or None
        File of the node sets.
    extras : Path or None
        What the exporter has noted besides.
    """

    config: Path
    nodes: list[FilePart]
    edges: list[FilePart]
    models: Path | None
    node_sets: Path | None
    extras: Path | None

    @classmethod
    def of(cls, path: Path) -> "Files":
        """Read a configuration.

        Parameters
        ----------
        path : Path
            The configuration, or the directory it is in.

        Raises
        ------
        FileFormatError
            It is missing, not JSON, or does not name nodes and edges.
        """
        path = path / names.CONFIG if path.is_dir() else path
        config = _expanded(read_json(path), path)
        nodes, edges = (list(_parts(config, kind, path)) for kind in ("node", "edge"))
        models = config.get("components", {}).get("point_neuron_models_dir")
        node_sets = config.get("node_sets_file")
        extras = path.with_name(names.EXTRAS)
        return cls(
            path,
            nodes,
            edges,
            path.parent / models if models else None,
            path.parent / node_sets if node_sets else None,
            extras if extras.is_file() else None,
        )


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    FileFormatError
        There is none.
    """
    try:
        content = json.loads(_read_text(path, "JSON file of a SONATA network"))
    except ValueError as error:
        raise FileFormatError(f"{path}: not a readable JSON file: {error}") from error
    if not isinstance(content, dict):
        raise FileFormatError(f"{path}: expected a JSON object, found {type(content).__name__}")
    return content


def read_types(path: Path | None, kind: str) -> Types:
    """Read a table of types (``node`` or ``edge``), separated by blanks; empty if there is none.

    Raises
    ------
    FileFormatError
        It is missing, or a row has no id.
    """
    if path is None:
        return {}
    key = f"{kind}_type_id"
    lines = _read_text(path, f"table of {kind} types").splitlines()
    table = {}
    for row in csv.DictReader(lines, delimiter=" ", skipinitialspace=True):
        if not str(row.get(key, "")).isdigit():
            raise FileFormatError(f"{path}: {key}: expected a number in every row, found {row.get(key)}")
        known = {name: value for name, value in row.items() if value and value not in ("NULL", "NONE", "NaN")}
        table[int(row[key])] = known
    return table


def _read_text(path: Path, expected: str) -> str:
    if not path.is_file():
        raise FileFormatError(f"{path}: no such file; expected a {expected}")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: not a readable {expected}: {error}") from error


def _expanded(config: dict[str, Any], path: Path) -> dict[str, Any]:
    """Replace the variables of the manifest, which may refer to each other."""
    manifest = config.get("manifest", {})
    # bmtk knows the folder of the configuration by this name; all paths are relative to it anyway.
    variables = {"$configdir": "."}
    variables |= {f"${name.strip('${}')}": str(value) for name, value in manifest.items()}
    text = json.dumps({key: value for key, value in config.items() if key != "manifest"})
    for _ in range(len(variables) + 1):
        for name in sorted(variables, key=len, reverse=True):  # $DIR_2 before $DIR
            value = json.dumps(variables[name])[1:-1]
            text = text.replace(f"${{{name[1:]}}}", value).replace(name, value)
    if "$" in text:
        unknown = text[text.index("$") :].split("/")[0].split('"')[0]
        raise FileFormatError(f"{path}: manifest: expected the variable {unknown}, found none")
    expanded: dict[str, Any] = json.loads(text)
    return expanded


def _parts(config: Mapping[str, Any], kind: str, path: Path) -> Iterator[FilePart]:
    networks = config.get("networks")
    named = networks.get(f"{kind}s") if isinstance(networks, dict) else None
    if not isinstance(named, list) or not named:
        raise FileFormatError(f"{path}: networks.{kind}s: expected a list of files, found {named}")
    for entry in named:
        if not isinstance(entry, dict) or not isinstance(entry.get(f"{kind}s_file"), str):
            raise FileFormatError(f"{path}: networks.{kind}s: expected {kind}s_file in every entry")
        types = entry.get(f"{kind}_types_file")
        populations = entry.get("populations") or {}
        if not isinstance(populations, dict) or not all(isinstance(p, dict) for p in populations.values()):
            raise FileFormatError(
                f"{path}: networks.{kind}s.populations: expected an object for each, found {populations}"
            )
        yield FilePart(
            path.parent / entry[f"{kind}s_file"],
            path.parent / types if types and types != "NULL" else None,
            {name: str(stated.get("type", "")) for name, stated in populations.items()},
        )
