"""Two RUN.h5 object by object: what they hold must not depend on how it was computed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

PROVENANCE = "eiassembly/provenance"
"""Ranks, threads, blocks, host, versions, times: the one thing that may differ."""


def differences(first: Path, second: Path) -> list[str]:
    """Names of objects and attributes that are not in both files, or not the same to the last bit."""
    with h5py.File(first) as one, h5py.File(second) as other:
        ours, theirs = dict(_contents(one)), dict(_contents(other))
    names = ours.keys() | theirs.keys()
    return sorted(
        name for name in names if name not in ours or name not in theirs or ours[name] != theirs[name]
    )


def _contents(group: h5py.Group, path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a group as (name, what can be compared)."""
    yield from ((f"{path}@{name}", _value(group.attrs[name])) for name in group.attrs)
    for name in group:
        inner = f"{path}/{name}".lstrip("/")
        if inner == PROVENANCE:
            continue
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.SoftLink):
            yield inner, ("link", link.path)
            continue
        item = group[name]
        if isinstance(item, h5py.Group):
            yield inner, "group"
            yield from _contents(item, inner)
        else:
            yield inner, (str(item.dtype), item.shape, item.chunks, _value(item[()]))
            yield from ((f"{inner}@{key}", _value(item.attrs[key])) for key in item.attrs)


def _value(value: Any) -> Any:
    array = np.asarray(value)
    return (str(array.dtype), array.shape, array.tolist() if array.dtype == object else array.tobytes())
