"""ODORS.h5: an odour set as a file.

Layout, below the root or below any group the root was copied into::

    /                     attributes: format, version_number, content_hash, n_mitral, dt [ms], n_steps
    /description          where the set comes from, JSON
    /presentations        datasets onset, offset [ms], odor, kind: one row per presentation
    /odors/<index>        attribute number; one dataset per array of ``Odor``, attribute units
    /spikes/{steps,ids}   spikes of the mitral cells; absent in a run file, which has them in SONATA form
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from eiassembly.model.errors import FileFormatError
from eiassembly.model.files import check_format, damage_named, opened, opened_hdf5
from eiassembly.model.hdf5_writing import created
from eiassembly.model.odors import Odor, OdorSet, Presentation
from eiassembly.model.schema import ODORS_FORMAT, VERSION

Ids = NDArray[np.int64]
_PIECE = 1 << 16
"""Spikes that are read at once."""
_ODOR_UNITS = (
    ("activated", "id"),
    ("rate", "Hz"),
    ("decay", "ms"),
    ("latency", "ms"),
    ("inhibited", "id"),
    ("inhibited_rate", "Hz"),
    ("inhibited_latency", "ms"),
)


def save(odor_set: OdorSet, path: Path) -> None:
    """Write ODORS.h5.

    Raises
    ------
    EnvironmentProblemError
        The file cannot be written.
    """
    with created(path) as h5:
        write_odors(h5, odor_set)


def load(path: Path) -> OdorSet:
    """Read ODORS.h5.

    Raises
    ------
    FileFormatError
        Missing, damaged, of another kind, or not what its content hash says.
    """
    with opened(path, ODORS_FORMAT, VERSION) as h5:
        return read_odors(h5)


def write_odors(
    group: h5py.Group, odor_set: OdorSet, spikes: bool = True, content_hash: str | None = None
) -> None:
    """Write an odour set into an empty group.

    Parameters
    ----------
    group : h5py.Group
        Root of ODORS.h5, or a group of another file.
    odor_set : OdorSet
        What to write.
    spikes : bool
        Write the spike trains, too.
    content_hash : str, optional
        Of the set with its spike trains, where ``odor_set`` is without.
    """
    group.attrs["format"] = ODORS_FORMAT
    group.attrs["version_number"] = VERSION
    group.attrs["content_hash"] = content_hash or odor_set.content_hash()
    group.attrs["n_mitral"] = odor_set.n_mitral
    group.attrs["dt"] = odor_set.dt
    group.attrs["n_steps"] = odor_set.n_steps
    group["description"] = json.dumps(odor_set.description)
    write_presentations(group.create_group("presentations"), odor_set.presentations)
    odors = group.create_group("odors")
    for index, odor in enumerate(odor_set.odors):
        _write_odor(odors.create_group(str(index)), odor)
    if spikes:
        group["spikes/steps"] = odor_set.steps
        group["spikes/ids"] = odor_set.ids


def read_odors(group: h5py.Group, spikes: bool = True) -> OdorSet:
    """Read an odour set; one that was written without its spike trains comes back with empty ones.

    Parameters
    ----------
    group : h5py.Group
        Root of ODORS.h5, or a copy of it.
    spikes : bool
        Read the spike trains, if they are there.

    Raises
    ------
    FileFormatError
        The spike trains were read and the set is not what its content hash says.
    """
    has_spikes = spikes and "spikes" in group
    nothing = np.empty(0, np.int64)
    odor_set = OdorSet(
        n_mitral=int(group.attrs["n_mitral"]),
        dt=float(group.attrs["dt"]),
        n_steps=int(group.attrs["n_steps"]),
        odors=tuple(_read_odor(group["odors"][str(index)]) for index in range(len(group["odors"]))),
        presentations=read_presentations(group["presentations"]),
        steps=group["spikes/steps"][:] if has_spikes else nothing,
        ids=group["spikes/ids"][:] if has_spikes else nothing,
        description=json.loads(group["description"].asstr()[()]),
    )
    if has_spikes and odor_set.content_hash() != group.attrs["content_hash"]:
        raise _changed(group)
    return odor_set


def _changed(group: h5py.Group) -> FileFormatError:
    return FileFormatError(
        f"{group.file.filename}: {group.name}: content does not match its content_hash; "
        "the file was damaged or changed after it was written"
    )


class OdorStream:
    """ODORS.h5 during a simulation: the spike trains are read block by block and not kept.

    Parameters
    ----------
    path : Path
        ODORS.h5.

    Raises
    ------
    FileFormatError
        Missing, damaged or of another kind; the spike trains are another matter, see `check`.
    """

    def __init__(self, path: Path):
        self.path = path
        self._h5 = opened_hdf5(path, ODORS_FORMAT)
        self._next = 0
        self._read_ahead = np.empty((2, 0), np.int64)
        with self._reading():
            check_format(path, self._h5, ODORS_FORMAT, VERSION)
            self.odor_set = read_odors(self._h5, spikes=False)
            self.content_hash = str(self._h5.attrs["content_hash"])
            self._steps, self._ids = (self._h5[f"spikes/{name}"] for name in ("steps", "ids"))
            if self._steps.shape != self._ids.shape:
                raise ValueError(f"{len(self._steps)} steps, but {len(self._ids)} ids")

    def _reading(self) -> AbstractContextManager[None]:
        return damage_named(self.path, ODORS_FORMAT)

    def check(self) -> None:
        """Read everything once, a piece at a time.

        Raises
        ------
        FileFormatError
            The file is not what its content hash says.
        """
        with self._reading():
            starts = range(0, len(self._steps), _PIECE)
            pieces = (data[start : start + _PIECE] for data in (self._steps, self._ids) for start in starts)
            if self.odor_set.content_hash(pieces) != self.content_hash:
                raise _changed(self._h5)

    def until(self, last: int) -> tuple[Ids, Ids]:
        """Spikes from where the last call has ended to the step ``last``, inclusive: (steps, ids).

        Raises
        ------
        FileFormatError
            The file has become unreadable.
        """
        pieces = [self._read_ahead]
        with self._reading():
            while self._next < len(self._steps) and not (pieces[-1][0] > last).any():
                piece = slice(self._next, self._next + _PIECE)
                pieces.append(np.stack([self._steps[piece], self._ids[piece]]))
                self._next += _PIECE
        spikes = np.concatenate(pieces, axis=1)
        end = np.searchsorted(spikes[0], last, side="right")
        self._read_ahead = spikes[:, end:].copy()  # a view would keep the block
        return spikes[0, :end], spikes[1, :end]

    def skip(self, last: int) -> None:
        """Go to the spikes after a step, a piece at a time.

        Raises
        ------
        FileFormatError
            The file has become unreadable.
        """
        while self._next < len(self._steps):
            with self._reading():
                latest = int(self._steps[min(self._next + _PIECE, len(self._steps)) - 1])
            if latest > last:
                break
            self._next += _PIECE
        self.until(last)

    def close(self) -> None:
        """Close the file."""
        self._h5.close()


def write_presentations(group: h5py.Group, presentations: Sequence[Presentation]) -> None:
    """Write the table of presentations into an empty group."""
    group["onset"] = np.array([p.onset for p in presentations], np.float64)
    group["offset"] = np.array([p.offset for p in presentations], np.float64)
    group["odor"] = np.array([p.odor for p in presentations], np.int64)
    group.create_dataset("kind", data=[p.kind for p in presentations], dtype=h5py.string_dtype())
    for name in ("onset", "offset"):
        group[name].attrs["units"] = "ms"


def read_presentations(group: h5py.Group) -> tuple[Presentation, ...]:
    """Read the table of presentations."""
    columns = (group["onset"][:], group["offset"][:], group["odor"][:], group["kind"].asstr()[:])
    return tuple(
        Presentation(float(onset), float(offset), int(odor), str(kind))
        for onset, offset, odor, kind in zip(*columns, strict=True)
    )


def _write_odor(group: h5py.Group, odor: Odor) -> None:
    group.attrs["number"] = odor.number
    for name, units in _ODOR_UNITS:
        group[name] = getattr(odor, name)
        group[name].attrs["units"] = units


def _read_odor(group: h5py.Group) -> Odor:
    return Odor(number=int(group.attrs["number"]), **{name: group[name][:] for name, _ in _ODOR_UNITS})
