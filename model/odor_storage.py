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
from pathlib import Path

import h5py
import numpy as np

from eiassembly.model.errors import FileFormatError
from eiassembly.model.files import opened
from eiassembly.model.hdf5_writing import created
from eiassembly.model.odors import Odor, OdorSet, Presentation
from eiassembly.model.schema import ODORS_FORMAT, VERSION

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


def write_odors(group: h5py.Group, odor_set: OdorSet, spikes: bool = True) -> None:
    """Write an odour set into an empty group, with or without the spike trains."""
    group.attrs["format"] = ODORS_FORMAT
    group.attrs["version_number"] = VERSION
    group.attrs["content_hash"] = odor_set.content_hash()
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


def read_odors(group: h5py.Group) -> OdorSet:
    """Read an odour set; one that was written without its spike trains comes back with empty ones.

    Raises
    ------
    FileFormatError
        The spike trains are there and the set is not what its content hash says.
    """
    has_spikes = "spikes" in group
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
        raise FileFormatError(
            f"{group.file.filename}: {group.name}: content does not match its content_hash; "
            "the file was damaged or changed after it was written"
        )
    return odor_set


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
