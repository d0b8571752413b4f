"""Spikes in SONATA form that anybody may have written; they are read whole, in whatever order they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.core.arrays import Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import damage_named, opened_hdf5

KIND = "SONATA spike"
LATEST = 1e12
"""Times from here on are no times, ms: 30 years."""
MOST_CELLS = 10_000_000
"""Ids from here on are not those of the cells of one population, which count from 0."""
_MILLISECONDS = {"ms": 1.0, "s": 1000.0}


def populations_in(path: Path) -> tuple[str, ...]:
    """Names of the populations with spikes in a file.

    Raises
    ------
    FileFormatError
        Not a SONATA spike file.
    """
    with _opened(path) as h5:
        spikes = h5.get("spikes")
        groups = spikes.items() if isinstance(spikes, h5py.Group) else ()
        names = [name for name, item in groups if _is_train(item)]
        if not names:
            raise FileFormatError(
                f"{path}: spikes: expected at least one group spikes/POPULATION with the datasets "
                "timestamps and node_ids (SONATA)"
            )
        return tuple(names)


def read_trains(path: Path, population: str, dt: float) -> tuple[Ids, Ids]:
    """Read all spikes of a population, in the order of the file; what it says of sorting is not needed.

    Parameters
    ----------
    path : Path
        SONATA spike file. Without an attribute ``units``, times are in ms, as SONATA says.
    population : str
        One of `populations_in`.
    dt : float
        Time step to which times are rounded, ms.

    Returns
    -------
    steps, ids : ndarray of int64, shape (n_spikes,)

    Raises
    ------
    FileFormatError
        Times or ids that are none, times in another unit than ms or s, or not as many times as ids.
    """
    with _opened(path) as h5:
        group = h5[f"spikes/{population}"]
        factor, times, ids = _factor(group["timestamps"]), group["timestamps"][:], group["node_ids"][:]
    where = f"{path}: spikes/{population}"
    if times.ndim != 1 or times.shape != ids.shape:
        raise FileFormatError(
            f"{where}: expected as many timestamps as node_ids, found {times.shape} and {ids.shape}"
        )
    _check_times(where, times, factor)
    _check_ids(where, ids)
    return np.rint(times * (factor / dt)).astype(np.int64), ids.astype(np.int64)


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    with opened_hdf5(path, KIND) as h5, damage_named(path, KIND):
        yield h5


def _is_train(item: object) -> bool:
    return isinstance(item, h5py.Group) and "timestamps" in item and "node_ids" in item


def _factor(timestamps: h5py.Dataset) -> float:
    """Milliseconds per unit of the times; the attribute may be text or bytes, single or in an array."""
    found = np.ravel(timestamps.attrs.get("units", "ms"))[0]
    unit = found.decode(errors="replace") if isinstance(found, bytes) else str(found)
    if unit not in _MILLISECONDS:
        where = f"{timestamps.file.filename}: {timestamps.name[1:]}"
        raise FileFormatError(f"{where}: attribute units: expected ms or s, found {unit}")
    return _MILLISECONDS[unit]


def _check_times(where: str, times: NDArray[np.float64], factor: float) -> None:
    if times.dtype.kind not in "fiu":
        raise FileFormatError(f"{where}/timestamps: expected numbers, found {times.dtype}")
    wrong = ~((times >= 0) & (times * factor < LATEST))
    if wrong.any():
        raise FileFormatError(
            f"{where}/timestamps: expected times from 0 to {LATEST:g} ms, found {times[wrong][0]:g}"
        )


def _check_ids(where: str, ids: NDArray[np.int64]) -> None:
    if ids.dtype.kind not in "iu":
        raise FileFormatError(f"{where}/node_ids: expected integers, found {ids.dtype}")
    wrong = (ids < 0) | (ids >= MOST_CELLS)
    if wrong.any():
        raise FileFormatError(
            f"{where}/node_ids: expected ids that count from 0, below {MOST_CELLS}, found {ids[wrong][0]}"
        )
