"""ODORS.h5: an odor set as a file.

Layout, below the root or below any group the root was copied into::

    /                     attributes: format, version_number, content_hash, n_mitral, dt [ms], n_steps
    /description          where the set comes from, JSON
    /presentations        datasets onset, offset [ms], odor, kind, x, y: one row per presentation; x and y are
                          mixture coordinates, 0 … 1, NaN where an odor is not part of a morph or subspace
    /odors/<index>        attribute number; one dataset per array of ``Odor``, attribute units
    /spikes/{steps,ids}   spikes of the mitral cells; absent in a run file, which has them in SONATA form
    /recipe               in place of spikes that are drawn during a simulation: attributes seed, and version
                          of the way in which they are drawn
"""

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import h5py
import numpy as np

from eiassembly.core.arrays import Ids
from eiassembly.core.errors import FileFormatError
from eiassembly.core.files import check_format, damage_named, opened, opened_hdf5
from eiassembly.core.hdf5 import created
from eiassembly.core.schema import ODORS_FORMAT, VERSION
from eiassembly.odors.odors import ODOR_UNITS, SPIKES_VERSION, Odor, OdorSet, Presentation
from eiassembly.odors.sources import DrawnInput, InputStream, StoredInput


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
    """Write an odor set into an empty group.

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
    if odor_set.spike_seed is not None:
        group.create_group("recipe").attrs.update({"seed": odor_set.spike_seed, "version": SPIKES_VERSION})
    elif spikes:
        group["spikes/steps"] = odor_set.steps
        group["spikes/ids"] = odor_set.ids


def read_odors(group: h5py.Group, spikes: bool = True) -> OdorSet:
    """Read an odor set; a recipe, and one that was written without its spikes, has empty spike trains.

    Parameters
    ----------
    group : h5py.Group
        Root of ODORS.h5, or a copy of it.
    spikes : bool
        Read the spike trains, if they are there.

    Raises
    ------
    FileFormatError
        The set was read whole and is not what its content hash says, or it is a recipe for spike trains that
        another version of this package has drawn in another way.
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
        spike_seed=_spike_seed(group),
    )
    is_whole = has_spikes or (spikes and odor_set.spike_seed is not None)
    if is_whole and odor_set.content_hash() != group.attrs["content_hash"]:
        raise _changed(group)
    return odor_set


def _spike_seed(group: h5py.Group) -> int | None:
    if "recipe" not in group:
        return None
    found = int(group["recipe"].attrs["version"])
    if found != SPIKES_VERSION:
        raise FileFormatError(
            f"{group.file.filename}: recipe: expected spike trains drawn as in version {SPIKES_VERSION}, "
            f"found version {found}; build the odors anew"
        )
    return int(group["recipe"].attrs["seed"])


def _changed(group: h5py.Group) -> FileFormatError:
    return FileFormatError(
        f"{group.file.filename}: {group.name}: content does not match its content_hash; "
        "the file was damaged or changed after it was written"
    )


class OdorStream:
    """ODORS.h5 during a simulation: spike trains are read, or drawn, block by block and not kept.

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
        with self._reading():
            check_format(path, self._h5, ODORS_FORMAT, VERSION)
            self.odor_set = read_odors(self._h5, spikes=False)
            self.content_hash = str(self._h5.attrs["content_hash"])
            self._source: InputStream = (
                StoredInput(self._h5["spikes/steps"], self._h5["spikes/ids"])
                if self.odor_set.spike_seed is None
                else DrawnInput(self.odor_set)
            )

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
            if self.odor_set.content_hash(self._source.stored()) != self.content_hash:
                raise _changed(self._h5)

    def until(self, last: int) -> tuple[Ids, Ids]:
        """Spikes from where the last call has ended to the step ``last``, inclusive: (steps, ids).

        Raises
        ------
        FileFormatError
            The file has become unreadable.
        """
        with self._reading():
            return self._source.until(last)

    def skip(self, last: int) -> None:
        """Go to the spikes after a step, a piece at a time.

        Raises
        ------
        FileFormatError
            The file has become unreadable.
        """
        with self._reading():
            self._source.skip(last)

    def close(self) -> None:
        """Close the file."""
        self._h5.close()


def write_presentations(group: h5py.Group, presentations: Sequence[Presentation]) -> None:
    """Write the table of presentations into an empty group."""
    group["onset"] = np.array([p.onset for p in presentations], np.float64)
    group["offset"] = np.array([p.offset for p in presentations], np.float64)
    group["odor"] = np.array([p.odor for p in presentations], np.int64)
    group.create_dataset("kind", data=[p.kind for p in presentations], dtype=h5py.string_dtype())
    places = np.array([p.place or (np.nan, np.nan) for p in presentations], np.float64).reshape(-1, 2)
    group["x"], group["y"] = places[:, 0], places[:, 1]
    for name, unit in (("onset", "ms"), ("offset", "ms"), ("x", "1"), ("y", "1")):
        group[name].attrs["units"] = unit


def read_presentations(group: h5py.Group) -> tuple[Presentation, ...]:
    """Read the table of presentations; files from before there were mixtures have no coordinates."""
    columns = (group["onset"][:], group["offset"][:], group["odor"][:], group["kind"].asstr()[:])
    nowhere = np.full(len(columns[0]), np.nan)
    places = (group[name][:] if name in group else nowhere for name in ("x", "y"))
    return tuple(
        Presentation(
            float(onset), float(offset), int(odor), str(kind), None if np.isnan(x) else (float(x), float(y))
        )
        for onset, offset, odor, kind, x, y in zip(*columns, *places, strict=True)
    )


def _write_odor(group: h5py.Group, odor: Odor) -> None:
    group.attrs["number"] = odor.number
    for name, units in ODOR_UNITS.items():
        group[name] = getattr(odor, name)
        group[name].attrs["units"] = units


def _read_odor(group: h5py.Group) -> Odor:
    return Odor(number=int(group.attrs["number"]), **{name: group[name][:] for name in ODOR_UNITS})
